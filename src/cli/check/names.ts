// Names and addresses as they come in answers: in lower case, without the last dot.
import { isIP, isIPv6 } from "node:net";
import { canonical, rangeOf } from "../../dns/addresses";

export function plainName(name: string): string {
  return name.replace(/\.$/, "").toLowerCase();
}

/** Empty for the root. */
export function parentOf(name: string): string {
  const dot = name.indexOf(".");
  return dot < 0 ? "" : name.slice(dot + 1);
}

/** One form for each address; null for what is none. */
export function plainAddress(text: string): string | null {
  return isIP(text) === 0 ? null : canonical(text);
}

/** What kind of special purpose an address has (RFC 6890), null for a public one. */
export function specialPurpose(address: string): string | null {
  const range = rangeOf(address);
  return range === "unicast" ? null : range;
}

export function familyOf(address: string): "IPv4" | "IPv6" {
  return isIPv6(address) ? "IPv6" : "IPv4";
}
