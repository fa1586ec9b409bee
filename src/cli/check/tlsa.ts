// TLSA records of port 25 (RFC 6698, RFC 7671, RFC 7672) against the certificates that a host sends.
import { createHash, X509Certificate } from "node:crypto";
import type { Remark } from "./finding";
import type { Chain } from "./smtp";

export interface Tlsa {
  usage: number;
  selector: number;
  matching: number;
  data: string;
}

const lengths = new Map([
  [1, 64],
  [2, 128],
]);

export function parseTlsa(text: string): Tlsa | null {
  const [, usage, selector, matching, data = ""] = /^(\d+) +(\d+) +(\d+) +([0-9a-fA-F\s]+)$/.exec(text.trim()) ?? [];
  if (usage === undefined) return null;
  return {
    usage: Number(usage),
    selector: Number(selector),
    matching: Number(matching),
    data: data.replace(/\s/g, "").toLowerCase(),
  };
}

/** What is wrong with a record whatever the certificate is; null if nothing is. */
export function faultOf({ usage, selector, matching, data }: Tlsa): Remark | null {
  const length = lengths.get(matching);
  if (length !== undefined && data.length !== length)
    return { word: "failed", text: `a hash has ${data.length} digits instead of ${length}` };
  if (length !== undefined && data === digest(matching, Buffer.alloc(0)))
    return { word: "failed", text: "it is the hash of nothing: the key could not be read when it was made" };
  if (usage < 2) return { word: "warning", text: `usage ${usage} is not for mail (RFC 7672): use 3 1 1 or 2 1 1` };
  if (usage > 3 || selector > 1 || matching > 2)
    return { word: "warning", text: `${usage} ${selector} ${matching} is not known: senders ignore it` };
  return null;
}

/** Whether senders look for the record's certificate at all, be it there or not (RFC 7672, section 3.1.3). */
function isUsable({ usage, selector, matching, data }: Tlsa): boolean {
  const length = lengths.get(matching) ?? data.length;
  return (usage === 2 || usage === 3) && selector <= 1 && matching <= 2 && data.length === length;
}

export function canBeUsed(text: string): boolean {
  const record = parseTlsa(text);
  return record !== null && isUsable(record);
}

/** RFC 7672, section 2.2: such records ask for TLS, and nothing more. */
const unauthenticated: Remark = {
  word: "warning",
  text: "no record can be used for mail: senders with DANE use TLS, but take any certificate",
};

/** Whether a certificate that the host sent is the one of the record. */
export function matches(record: Tlsa, { certificates }: Pick<Chain, "certificates">): boolean {
  const [own, ...above] = certificates;
  if (own === undefined || record.usage < 2) return false;
  // A self-signed certificate is its own authority.
  const candidates = record.usage === 3 ? [own] : above.length === 0 ? [own] : above;
  return candidates.some(
    (certificate) => digest(record.matching, selected(record.selector, certificate)) === record.data,
  );
}

function selected(selector: number, certificate: Buffer): Buffer {
  if (selector === 0) return certificate;
  return new X509Certificate(certificate).publicKey.export({ type: "spki", format: "der" });
}

function digest(matching: number, bytes: Buffer): string {
  if (matching === 0) return bytes.toString("hex");
  return createHash(matching === 1 ? "sha256" : "sha512")
    .update(bytes)
    .digest("hex");
}

/** The `3 1 1` record of a certificate. */
export function ownRecord(certificate: Buffer): string {
  return `3 1 1 ${digest(1, selected(1, certificate))}`;
}

/** A chain as sent for each address that could be asked. */
export type Live = ReadonlyMap<string, Chain>;

export function judgeTlsa(texts: readonly string[], live: Live): Remark[] {
  const records = texts.map(parseTlsa);
  const known = records.filter((record) => record !== null);
  const remarks: Remark[] = records.includes(null) ? [{ word: "failed", text: "a record can't be read" }] : [];
  for (const record of known) {
    const fault = faultOf(record);
    if (fault !== null) remarks.push({ ...fault, text: `${shown(record)}: ${fault.text}` });
  }
  const sound = known.filter((record) => faultOf(record) === null);
  remarks.push(...volatile(sound), ...rollover(sound, live));
  if (!known.some(isUsable)) return [...remarks, unauthenticated];
  for (const [address, chain] of live) remarks.push(...ofAddress(sound, address, chain));
  return remarks;
}

function volatile(records: readonly Tlsa[]): Remark[] {
  const whole = records.filter(({ usage, selector }) => usage === 3 && selector === 0);
  return whole.map((record) => ({
    word: "warning",
    text: `${shown(record)} is of the whole certificate, which each renewal changes even if the key stays: use 3 1 1`,
  }));
}

function rollover(records: readonly Tlsa[], live: Live): Remark[] {
  if (records.length === 1)
    return [
      {
        word: "warning",
        text: "a lone record leaves no room for the next key: publish 3 1 1 of the next key, or 2 1 1 of the authority, beside it",
      },
    ];
  if (live.size === 0) return [];
  const others = records.filter((record) => ![...live.values()].some((chain) => matches(record, chain)));
  if (others.length === 0 || others.length === records.length) return [];
  return [
    {
      word: "good",
      text: `${others.map(shown).join(", ")} is of no live certificate: the next one's, or left over from an old one`,
    },
  ];
}

function ofAddress(records: readonly Tlsa[], address: string, chain: Chain): Remark[] {
  const fitting = records.filter((record) => matches(record, chain));
  if (fitting.length === 0) {
    const live = chain.certificates[0] === undefined ? "" : `; the live one is ${ownRecord(chain.certificates[0])}`;
    return [
      {
        word: "failed",
        text: `no record matches the certificate at ${address}: senders with DANE keep the mail back${live}`,
      },
    ];
  }
  const byKey = fitting.some(({ usage }) => usage === 3);
  // Only an authority's record leaves name and date to the certificate.
  if (!byKey && chain.misnamed !== null)
    return [{ word: "failed", text: `at ${address} only a record of an authority matches, and ${chain.misnamed}` }];
  if (!byKey && chain.expired)
    return [
      {
        word: "failed",
        text: `at ${address} only a record of an authority matches, and the certificate is not valid now (until ${chain.validTo})`,
      },
    ];
  return [{ word: "good", text: `${fitting.map(shown).join(", ")} matches at ${address}` }];
}

function shown({ usage, selector, matching, data }: Tlsa): string {
  return `${usage} ${selector} ${matching} ${data.slice(0, 8)}…`;
}
