// The domain's MX records, the addresses of its mail hosts, and the reverse names of those.
import { reverseName } from "../../dns/addresses";
import { isHostName } from "../../dns/names";
import { duration, type Finding, finding, listed, type Remark } from "./finding";
import type { Lookup } from "./lookup";
import { familyOf, plainName, specialPurpose } from "./names";

export interface Exchange {
  preference: number;
  /** Empty for a null MX (RFC 7505). */
  host: string;
}

/** A mail host with what its zone says of it. */
export interface MailHost {
  name: string;
  ipv4: Lookup;
  ipv6: Lookup;
}

/** Longer than that, a change of address needs a phase with a lower TTL first. */
const longTtl = 3_600;

export function exchangesOf(records: readonly string[]): Exchange[] {
  return records
    .map((text) => ({ preference: Number(text.split(" ")[0]), host: plainName(text.split(" ")[1] ?? "") }))
    .sort((a, b) => a.preference - b.preference || (a.host < b.host ? -1 : 1));
}

/** The names to which mail goes; the domain's own where it has no MX record (RFC 5321, section 5.1). */
export function hostNames(domain: string, { records, exists }: Lookup): string[] {
  if (records === null || !exists) return [];
  if (records.length === 0) return [domain];
  return [...new Set(exchangesOf(records).map(({ host }) => host))].filter((host) => host !== "" && isHostName(host));
}

export function judgeMx(domain: string, mx: Lookup, hosts: readonly MailHost[]): Finding {
  return finding("MX", domain, mxRemarks(mx, hosts), "not tested");
}

function mxRemarks(mx: Lookup, hosts: readonly MailHost[]): Remark[] {
  if (mx.records === null) return [{ word: "not known", text: mx.why }];
  if (!mx.exists) return [{ word: "failed", text: "the domain does not exist" }];
  const trouble = hosts.flatMap(hostRemarks);
  if (mx.records.length === 0)
    return [{ word: "warning", text: "no MX record: senders go to the domain's own address" }, ...trouble];
  const exchanges = exchangesOf(mx.records);
  if (exchanges.some(({ host }) => host === ""))
    return exchanges.length === 1
      ? [{ word: "good", text: "takes no mail (null MX)" }]
      : [{ word: "failed", text: "a null MX (.) must stand alone" }];
  const wrong = exchanges.filter(({ host }) => !isHostName(host));
  return [
    ...wrong.map(({ host }) => ({ word: "failed", text: `${host} is no host name` }) satisfies Remark),
    ...trouble,
    {
      word: "good",
      text: `${listed(exchanges.map(({ preference, host }) => `${preference} ${host}`))}, TTL ${mx.ttl}`,
    },
    ...late(mx),
  ];
}

function hostRemarks({ name, ipv4, ipv6 }: MailHost): Remark[] {
  const [alias] = [...ipv4.aliases, ...ipv6.aliases];
  const remarks: Remark[] = [];
  if (alias !== undefined)
    remarks.push({
      word: "failed",
      text: `${name} is a CNAME to ${alias}: an MX record must name a host itself (RFC 2181)`,
    });
  if (ipv4.records?.length === 0 && ipv6.records?.length === 0)
    remarks.push({ word: "failed", text: ipv4.exists ? `${name} has no address` : `${name} does not exist` });
  return remarks;
}

function late({ steps, records }: Lookup): Remark[] {
  const longest = Math.max(0, ...steps.map(({ ttl }) => ttl));
  if (longest <= longTtl || (records ?? []).length === 0) return [];
  return [
    {
      word: "good",
      text: `after a change old answers live for up to ${duration(longest)}: lower the TTL first (ttlPhase)`,
    },
  ];
}

export function judgeAddresses(host: string, lookup: Lookup, allowSpecial: boolean): Finding {
  const { type, records, why, ttl } = lookup;
  if (records === null)
    return finding(type, host, [{ word: "not known", text: why }], type === "A" ? "not tested" : "not known");
  if (records.length === 0)
    return finding(type, host, [{ word: "none", text: "none" }], type === "A" ? "not tested" : "failed");
  const special = records.flatMap((address) => specialRemark(address, allowSpecial));
  const remarks: Remark[] = [...special, { word: "good", text: `${listed(records)}, TTL ${ttl}` }, ...late(lookup)];
  return finding(type, host, remarks, type === "A" ? "not tested" : "passed");
}

function specialRemark(address: string, allowed: boolean): Remark[] {
  const kind = specialPurpose(address);
  if (kind === null || (allowed && kind !== "ipv4Mapped")) return [];
  return [{ word: "failed", text: `${address} is not public (${kind}): nobody outside reaches it` }];
}

export function judgePointer(address: string, host: string, pointer: Lookup): Finding {
  return finding("PTR", address, pointerRemarks(address, host, pointer), "not tested");
}

function pointerRemarks(address: string, host: string, { records, why }: Lookup): Remark[] {
  if (records === null) return [{ word: "not known", text: why }];
  if (records.length === 0) {
    const refused =
      familyOf(address) === "IPv6"
        ? "; mail that the host sends over IPv6 is refused by many, such as Gmail (550 5.7.1, 5.7.25)"
        : "";
    return [{ word: "failed", text: `no record at ${reverseName(address)}${refused}` }];
  }
  const names = records.map(plainName);
  const remarks: Remark[] = [{ word: "good", text: listed(names) }];
  if (names.length > 1) remarks.push({ word: "warning", text: "an address should have one name" });
  else if (names[0] !== host)
    remarks.push({ word: "good", text: `another name than ${host}, which is fine if it leads back` });
  return remarks;
}

/** `forward`: what the addresses of each reverse name are. */
export function judgeForward(address: string, pointer: Lookup, forward: ReadonlyMap<string, Lookup>): Finding {
  return finding("FCrDNS", address, forwardRemarks(address, pointer, forward), "not tested");
}

function forwardRemarks(address: string, { records }: Lookup, forward: ReadonlyMap<string, Lookup>): Remark[] {
  if (records === null) return [{ word: "not known", text: "the reverse name is not known" }];
  if (records.length === 0) return [{ word: "failed", text: "there is no reverse name to lead back" }];
  const back = [...forward].filter(([, lookup]) => lookup.records?.includes(address)).map(([name]) => name);
  if (back.length > 0) return [{ word: "good", text: `${listed(back)} leads back` }];
  const unsure = [...forward].filter(([, lookup]) => lookup.records === null);
  if (unsure.length > 0) return unsure.map(([, lookup]) => ({ word: "not known", text: lookup.why }));
  const found = [...forward].map(
    ([name, lookup]) => `${name} has ${listed(lookup.records ?? []) || "no address of this kind"}`,
  );
  return [{ word: "failed", text: `it does not lead back: ${found.join("; ")}` }];
}
