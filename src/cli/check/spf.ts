// SPF (RFC 7208): a domain's record with all that it includes, its look-ups counted, and what it says of an address.

import { isIPv4, isIPv6 } from "node:net";
import { isInNetwork } from "../../dns/addresses";
import type { Ask } from "./lookup";
import { familyOf } from "./names";

export interface Term {
  qualifier: "+" | "-" | "~" | "?";
  name: string;
  value: string;
}

export interface SpfRecord {
  terms: Term[];
  /** Where to go on if nothing matches. */
  redirect: string | null;
  errors: string[];
  /** Words that receivers pass over. */
  idle: string[];
}

/** A record, and what its terms lead to. */
export interface Node {
  domain: string;
  terms: { term: Term; networks: string[]; child: Node | null; unknown: boolean }[];
  redirect: Node | null;
}

export interface Spf {
  /** Null where there is no record, or none that is valid. */
  root: Node | null;
  /** Terms that ask the DNS, if every one of them is reached. */
  lookups: number;
  /** Terms whose look-ups find nothing, for a client of each kind: only addresses of its own kind are asked for (section 5). */
  voids: Record<Family, number>;
  /** Records at the domain itself. */
  records: string[];
  errors: string[];
  idle: string[];
  unknown: string[];
}

type Family = ReturnType<typeof familyOf>;

export type SpfResult = "pass" | "fail" | "softfail" | "neutral" | "unknown";

export const mostLookups = 10;
export const mostVoids = 2;
const asking = new Set(["include", "a", "mx", "ptr", "exists"]);
const mechanisms = new Set([...asking, "all", "ip4", "ip6"]);
const qualifiers = { "+": "pass", "-": "fail", "~": "softfail", "?": "neutral" } as const;
/** One that goes on and on is not followed further. */
const enough = 40;

export function isSpf(text: string): boolean {
  return /^v=spf1( |$)/i.test(text);
}

export function parseSpf(text: string): SpfRecord {
  const record: SpfRecord = { terms: [], redirect: null, errors: [], idle: [] };
  const known = new Map<string, string>();
  for (const word of text.split(/ +/).slice(1).filter(Boolean)) {
    const modifier = /^([A-Za-z][\w.-]*)=(.*)$/.exec(word);
    if (modifier !== null) {
      const [, name = "", value = ""] = modifier;
      record.errors.push(...modifierErrors(name.toLowerCase(), value, known));
      if (mechanisms.has(name.toLowerCase()))
        record.idle.push(
          `receivers pass over ${JSON.stringify(word.slice(0, 60))}: write ${name}:${value.slice(0, 60)}`,
        );
      known.set(name.toLowerCase(), value);
      continue;
    }
    const [, sign = "", name = "", value = ""] = /^([+\-~?]?)([A-Za-z0-9]+)((?:[:/].*)?)$/.exec(word) ?? [];
    if (!mechanisms.has(name.toLowerCase())) record.errors.push(`${JSON.stringify(word.slice(0, 60))} is no mechanism`);
    else if (!hasValue(name.toLowerCase(), value))
      record.errors.push(`${JSON.stringify(word.slice(0, 60))} lacks its value, or has a wrong one`);
    else record.terms.push({ qualifier: qualifierOf(sign), name: name.toLowerCase(), value });
  }
  record.redirect = known.get("redirect") || null;
  // What stands behind `all` is never reached.
  const all = record.terms.findIndex(({ name }) => name === "all");
  return all < 0 ? record : { ...record, terms: record.terms.slice(0, all + 1), redirect: null };
}

/** Those that all know; others may stand there as often as they like (section 6). */
function modifierErrors(name: string, value: string, known: ReadonlyMap<string, string>): string[] {
  if (name !== "redirect" && name !== "exp") return [];
  if (known.has(name)) return [`${name}= stands there more than once`];
  return value === "" ? [`${name}= lacks its value`] : [];
}

function qualifierOf(sign: string): Term["qualifier"] {
  return sign === "-" || sign === "~" || sign === "?" ? sign : "+";
}

function hasValue(name: string, value: string): boolean {
  if (name === "all") return value === "";
  if (name === "include" || name === "exists") return /^:./.test(value);
  if (name === "ip4")
    return /^:[0-9.]+(\/([0-9]|[12]\d|3[0-2]))?$/.test(value) && isIPv4(value.slice(1).split("/")[0] ?? "");
  if (name === "ip6")
    return (
      /^:[0-9a-f:.]*:[0-9a-f:.]*(\/(\d|[1-9]\d|1[01]\d|12[0-8]))?$/i.test(value) &&
      isIPv6(value.slice(1).split("/")[0] ?? "")
    );
  return /^(:[^/]+)?(\/([0-9]|[12]\d|3[0-2]))?(\/\/(\d|[1-9]\d|1[01]\d|12[0-8]))?$/.test(value);
}

function withLength(network: string): string {
  if (network.includes("/")) return network;
  return `${network}/${network.includes(":") ? 128 : 32}`;
}

export async function readSpf(domain: string, ask: Ask): Promise<Spf> {
  const spf: Spf = {
    root: null,
    lookups: 0,
    voids: { IPv4: 0, IPv6: 0 },
    records: [],
    errors: [],
    idle: [],
    unknown: [],
  };
  const { records, why } = await ask(domain, "TXT");
  if (records === null) return { ...spf, unknown: [why] };
  spf.records = records.filter(isSpf);
  if (spf.records.length > 1) spf.errors.push(`${domain} has ${spf.records.length} SPF records`);
  const [only] = spf.records;
  if (only !== undefined && spf.records.length === 1) spf.root = await nodeOf(domain, only, ask, spf);
  return spf;
}

async function nodeOf(domain: string, text: string, ask: Ask, spf: Spf): Promise<Node> {
  const { terms, redirect, errors, idle } = parseSpf(text);
  spf.errors.push(...errors.map((error) => `${domain}: ${error}`));
  spf.idle.push(...idle);
  const node: Node = { domain, terms: [], redirect: null };
  for (const term of terms) node.terms.push({ term, ...(await reached(term, domain, ask, spf)) });
  if (redirect !== null) {
    spf.lookups += 1;
    node.redirect = await childOf(redirect, ask, spf);
  }
  return node;
}

async function reached(term: Term, domain: string, ask: Ask, spf: Spf): Promise<Omit<Node["terms"][number], "term">> {
  const nothing = { networks: [], child: null, unknown: false };
  const { name, value } = term;
  if (name === "ip4" || name === "ip6") return { ...nothing, networks: [withLength(value.slice(1))] };
  if (!asking.has(name)) return nothing;
  spf.lookups += 1;
  if (name === "include") {
    const child = await childOf(value.slice(1), ask, spf);
    return { ...nothing, child, unknown: child === null };
  }
  const [, target = "", bits4 = "32", bits6 = "128"] = /^:?([^/]*)(?:\/(\d+))?(?:\/\/(\d+))?$/.exec(value) ?? [];
  const host = target || domain;
  // What depends on the sender or the client can't be looked up beforehand.
  if (name === "ptr" || name === "exists" || host.includes("%") || spf.lookups > enough)
    return { ...nothing, unknown: true };
  const hosts = name === "a" ? [host] : await exchanges(host, ask, spf);
  if (hosts === null) return { ...nothing, unknown: true };
  const found = await Promise.all(hosts.slice(0, 11).map((at) => addressesOf(at, ask, spf)));
  if (found.includes(null)) return { ...nothing, unknown: true };
  const addresses = found.flatMap((of) => of ?? []);
  // Where there is no MX record that was the void one.
  if (hosts.length > 0) countVoid(spf, addresses);
  return { ...nothing, networks: addresses.map((address) => `${address}/${address.includes(":") ? bits6 : bits4}`) };
}

function countVoid({ voids }: Spf, found: readonly string[] = []): void {
  const kinds = new Set(found.map(familyOf));
  if (!kinds.has("IPv4")) voids.IPv4 += 1;
  if (!kinds.has("IPv6")) voids.IPv6 += 1;
}

async function exchanges(host: string, ask: Ask, spf: Spf): Promise<string[] | null> {
  const { records, why } = await ask(host, "MX");
  if (records === null) {
    spf.unknown.push(why);
    return null;
  }
  if (records.length === 0) countVoid(spf);
  if (records.length > 10) spf.errors.push(`mx:${host} leads to more than 10 names`);
  return records.map((text) => text.replace(/^\d+ /, "").replace(/\.$/, "")).filter(Boolean);
}

async function addressesOf(host: string, ask: Ask, spf: Spf): Promise<string[] | null> {
  const lookups = await Promise.all([ask(host, "A"), ask(host, "AAAA")]);
  const unknown = lookups.filter(({ records }) => records === null);
  spf.unknown.push(...unknown.map(({ why }) => why));
  return unknown.length > 0 ? null : lookups.flatMap(({ records }) => records ?? []);
}

async function childOf(domain: string, ask: Ask, spf: Spf): Promise<Node | null> {
  const name = domain.replace(/\.$/, "").toLowerCase();
  if (name.includes("%") || spf.lookups > enough) return null;
  const { records, why } = await ask(name, "TXT");
  if (records === null) {
    spf.unknown.push(why);
    return null;
  }
  if (records.length === 0) countVoid(spf);
  const [text, ...more] = records.filter(isSpf);
  if (text === undefined || more.length > 0) {
    spf.errors.push(text === undefined ? `${name} has no SPF record` : `${name} has ${more.length + 1} SPF records`);
    return null;
  }
  return nodeOf(name, text, ask, spf);
}

/** What the record says of mail from an address; unknown where a term before could match and can't be told. */
export function resultFor(node: Node, address: string): SpfResult {
  for (const { term, networks, child, unknown } of node.terms) {
    if (unknown) return "unknown";
    if (term.name === "include" && child !== null) {
      const inner = resultFor(child, address);
      if (inner === "unknown") return inner;
      if (inner !== "pass") continue;
    } else if (term.name !== "all" && !networks.some((network) => isInNetwork(address, network))) continue;
    return qualifiers[term.qualifier];
  }
  return node.redirect === null ? "neutral" : resultFor(node.redirect, address);
}

/** The word that ends it, also behind redirects; null where nothing does. */
export function lastWord(node: Node): Term["qualifier"] | null {
  const all = node.terms.find(({ term }) => term.name === "all");
  if (all !== undefined) return all.term.qualifier;
  return node.redirect === null ? null : lastWord(node.redirect);
}

/** Addresses that nobody sends from, far from each other: who lets all of them send lets everybody. */
const strangers: { [kind in Family]: readonly string[] } = {
  IPv4: ["10.255.255.254", "100.127.255.254", "192.0.2.1", "198.51.100.1", "203.0.113.1"],
  IPv6: ["100::1", "2001:db8::1", "3fff::1"],
};

/** Over which kind of address everybody may send. */
export function openTo(node: Node): Family[] {
  return (["IPv4", "IPv6"] as const).filter((kind) =>
    strangers[kind].every((address) => resultFor(node, address) === "pass"),
  );
}
