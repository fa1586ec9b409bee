// Addresses in their one form, and the names that lead back from them.
import { isIPv4, isIPv6 } from "node:net";
import ipaddr from "ipaddr.js";
import { Refusal, refuse, text } from "../policy/refusal";

export type Family = "ipv4" | "ipv6";

/** Ranges of the special-purpose registries (RFC 6890) that no mail comes from another network to. */
const never = new Set(["unspecified", "broadcast", "multicast", "loopback", "linkLocal", "ipv4Mapped"]);

/** An address as RFC 5952 writes it. */
export function publishedAddress(argument: string, value: unknown, family: Family, allowSpecial: boolean): string {
  const given = text(argument, value);
  const wanted = family === "ipv4" ? "an IPv4 address such as 203.0.113.1" : "an IPv6 address such as 2001:db8::1";
  // The library also reads addresses of one number, octal ones and zones, which no record can hold.
  if (!(family === "ipv4" ? isIPv4(given) : isIPv6(given)) || given.includes("%"))
    refuse(argument, given, `use ${wanted}`);
  const range = rangeOf(given);
  if (never.has(range)) refuse(argument, given, `it is ${said(range)}; use a unicast address that others can reach`);
  if (range !== "unicast" && !allowSpecial) {
    refuse(argument, given, `it is ${said(range)}; use a public address, or set allowSpecialPurposeAddresses`);
  }
  return canonical(given);
}

/** What IANA has given to nobody yet is called unicast by the library: global addresses are in 2000::/3 so far (RFC 4291, section 2.4). */
export function rangeOf(address: string): string {
  const parsed = ipaddr.parse(address);
  const range = parsed.range();
  if (range === "unicast" && parsed instanceof ipaddr.IPv6 && !isInNetwork(address, "2000::/3")) return "unassigned";
  return range;
}

function said(range: string): string {
  if (range === "ipv4Mapped") return "an IPv4 address written as IPv6";
  if (range === "unassigned") return "outside of 2000::/3, where no address is given out";
  if (range === "reserved") return "a reserved or documentation address";
  return `of the range ${range.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)}`;
}

/** As RFC 5952 writes it. */
export function canonical(given: string): string {
  const address = ipaddr.parse(given);
  return address instanceof ipaddr.IPv6 ? address.toRFC5952String() : address.toString();
}

export function familyOf(address: string): Family {
  return isIPv4(address) ? "ipv4" : "ipv6";
}

/** The reverse name of an address, without the last dot: octets (RFC 1035, section 3.5) or nibbles (RFC 3596, section 2.5). */
export function reverseName(address: string): string {
  const parsed = ipaddr.parse(address);
  if (parsed instanceof ipaddr.IPv4) return `${parsed.octets.toReversed().join(".")}.in-addr.arpa`;
  const nibbles = parsed.parts.flatMap((part) => part.toString(16).padStart(4, "0").split(""));
  return `${nibbles.toReversed().join(".")}.ip6.arpa`;
}

/** Whether an address is in a network that is written `ADDRESS/LENGTH`. */
export function isInNetwork(address: string, network: string): boolean {
  const parsed = ipaddr.parse(address);
  const [base, length] = ipaddr.parseCIDR(network);
  return parsed.kind() === base.kind() && parsed.match(base, length);
}

/** A network `ADDRESS/LENGTH` in its one form; host bits that are set are refused, since they are mostly a slip. */
export function networkOf(argument: string, value: unknown): string {
  const given = text(argument, value);
  const [base = "", length = "", more] = given.split("/");
  const family = isIPv4(base) ? "ipv4" : "ipv6";
  const most = family === "ipv4" ? 32 : 128;
  if (!(isIPv4(base) || isIPv6(base)) || !/^\d{1,3}$/.test(length) || Number(length) > most || more !== undefined)
    refuse(argument, given, "use ADDRESS/LENGTH, such as 192.0.2.0/25");
  const [address, bits] = ipaddr.parseCIDR(given);
  const first = firstOf(address.toByteArray(), bits);
  if (first.some((byte, at) => byte !== address.toByteArray()[at])) {
    throw new Refusal(
      argument,
      `is "${given}", whose address has bits beyond its length; use the first of the network`,
    );
  }
  return `${canonical(base)}/${bits}`;
}

function firstOf(bytes: readonly number[], bits: number): number[] {
  return bytes.map((byte, at) => byte & (0xff00 >> Math.min(8, Math.max(0, bits - at * 8))) & 0xff);
}

/** The network that a reverse zone's own name says, or undefined where it says none. */
export function networkOfZone(zone: string): string | undefined {
  return octets(zone) ?? nibbles(zone);
}

function octets(zone: string): string | undefined {
  const found = /^(?<labels>(\d{1,3}\.){1,4})in-addr\.arpa$/.exec(zone)?.groups?.labels;
  if (found === undefined) return undefined;
  const parts = found.slice(0, -1).split(".").toReversed();
  const base = [...parts, ..."0000"].slice(0, 4).join(".");
  return isIPv4(base) ? `${base}/${parts.length * 8}` : undefined;
}

function nibbles(zone: string): string | undefined {
  const found = /^(?<labels>([0-9a-f]\.){1,32})ip6\.arpa$/.exec(zone)?.groups?.labels;
  if (found === undefined) return undefined;
  const digits = found.slice(0, -1).split(".").toReversed();
  const whole = digits
    .join("")
    .padEnd(32, "0")
    .replace(/(.{4})(?=.)/g, "$1:");
  return `${canonical(whole)}/${digits.length * 4}`;
}
