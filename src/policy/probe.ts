import { isIP, isIPv4 } from "node:net";
import { oneLine, refuse, text, wholeNumber } from "./refusal";
import type { Line } from "./render";

/** Longest prefix of a kernel log line: iptables cuts a longer one without a word, nft refuses it. */
const longestPrefix: Readonly<Record<string, number>> = { iptables: 29, legacy: 29, auto: 126, nft: 126 };

/** What a probe asks of the packet filter: every argument checked, every default filled in. */
export interface ProbeSettings {
  port: number;
  chain: string;
  sourcePorts: string;
  level: string;
  prefix: string;
  ratePerMinute: number;
  rateBurst: number;
  backend: string;
  persist: boolean;
  ipv4NetworkLength: number;
  ipv6NetworkLength: number;
  ignoreNetworks: string[];
  retainDays: number;
}

/** The lines of a probe's policy but its owner, its destinations and what removal does. */
export function probeLines(probe: ProbeSettings): Line[] {
  return [
    { keyword: "probe", rest: `tcp ${probe.port}` },
    { keyword: "chain", rest: probe.chain },
    { keyword: "source", rest: probe.sourcePorts },
    { keyword: "log", rest: `${probe.level} ${probe.prefix}|` },
    { keyword: "rate", rest: `${probe.ratePerMinute}/minute burst ${probe.rateBurst}` },
    { keyword: "backend", rest: probe.backend },
    { keyword: "persist", rest: probe.persist ? "yes" : "no" },
    { keyword: "networks", rest: `${probe.ipv4NetworkLength} ${probe.ipv6NetworkLength}` },
    ...probe.ignoreNetworks.map((rest): Line => ({ keyword: "ignore", rest })),
    { keyword: "retain", rest: String(probe.retainDays) },
  ];
}

export function destinationLine(argument: string, value: unknown): Line {
  return { keyword: "to", rest: address(argument, value) };
}

/** An address in its one form (RFC 5952), so that the same one is never two lines. */
export function address(argument: string, value: unknown): string {
  const given = text(argument, value);
  if (isIP(given) === 0) refuse(argument, given, "use an IPv4 or IPv6 address");
  const known = canonical(given);
  if (/^(127\.|::1$|0\.0\.0\.0$|::$)/.test(known)) refuse(argument, given, "use an address that others connect to");
  if (/^(::ffff:|22[4-9]\.|23\d\.|ff)/.test(known)) refuse(argument, given, "use a unicast IPv4 or IPv6 address");
  return known;
}

/** A URL's host is written as RFC 5952 wants it. */
function canonical(given: string): string {
  return isIPv4(given) ? given : new URL(`http://[${given.split("%")[0]}]/`).hostname.slice(1, -1);
}

/** A network as `ADDRESS/LENGTH`; an address alone is a network of one. */
export function network(argument: string, value: unknown): string {
  const given = text(argument, value);
  const [base, length, more] = given.split("/");
  const wide = isIPv4(base ?? "") ? 32 : 128;
  if (base === undefined || isIP(base) === 0 || more !== undefined || !isLength(length, wide)) {
    refuse(argument, given, "use ADDRESS or ADDRESS/LENGTH, such as 192.0.2.0/24");
  }
  return `${canonical(base)}/${length ?? wide}`;
}

function isLength(length: string | undefined, wide: number): boolean {
  return length === undefined || (/^\d{1,3}$/.test(length) && Number(length) <= wide);
}

export function chainName(argument: string, value: unknown): string {
  const name = text(argument, value);
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,27}$/.test(name)) {
    refuse(argument, name, "use a chain of the filter table: at most 28 letters, digits and _ . -");
  }
  return name;
}

export function portRange(argument: string, value: unknown): string {
  const range = text(argument, value);
  const found = /^(?<first>\d{1,5}):(?<last>\d{1,5})$/.exec(range)?.groups;
  const [first, last] = [Number(found?.first), Number(found?.last)];
  if (!(first >= 1 && first <= last && last <= 65_535)) refuse(argument, range, "use FIRST:LAST, such as 1024:65535");
  return range;
}

/** The prefix is one word for the rule, the collector and the report: what does not fit is refused, never cut. */
export function logPrefix(argument: string, value: unknown, backend: string): string {
  const prefix = oneLine(argument, value);
  const most = longestPrefix[backend] ?? 29;
  if (prefix.trim() === "") refuse(argument, prefix, 'use a text such as "SERVICE MONITORING: "');
  if (prefix.startsWith(" ")) refuse(argument, prefix, "begin with a character that is no blank");
  if (!/^[\x20-\x7e]*$/.test(prefix) || /["\\|]/.test(prefix)) {
    refuse(argument, prefix, 'use printable ASCII without " \\ |');
  }
  if (prefix.length > most) {
    refuse(argument, prefix, `it has ${prefix.length} characters; backend ${backend} takes at most ${most}`);
  }
  return prefix;
}

export function networkLength(argument: string, value: unknown, wide: number): number {
  return wholeNumber(argument, value, 8, wide);
}
