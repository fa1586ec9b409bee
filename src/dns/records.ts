// The values of record sets, in presentation form.

import { Refusal, refuse, text } from "../policy/refusal";
import { compareBytes } from "../policy/render";
import { isInNetwork, reverseName } from "./addresses";
import { absolute } from "./names";
import type { ReverseZone } from "./publisher";

/** The set of values in the one order that a name server's answers do not have. */
export function inOrder(values: readonly string[]): string[] {
  return [...values].sort(compareBytes);
}

export interface Exchange {
  preference: number;
  name: string;
}

export function mxValues(exchanges: readonly Exchange[]): string[] {
  return inOrder(exchanges.map(({ preference, name }) => `${preference} ${absolute(name)}`));
}

/** No mail is taken (RFC 7505, section 3). */
export const nullMxValues: readonly string[] = ["0 ."];

/** Where the certificate's hash of a host's port 25 is found (RFC 7672, section 2.2.3). */
export function tlsaName(host: string): string {
  return `_25._tcp.${host}`;
}

const hashOfNothing: ReadonlySet<string> = new Set([
  "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
  "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
]);

const hashLengths: Readonly<Record<string, number>> = { "1": 64, "2": 128 };

/** A TLSA record for SMTP (RFC 7672, section 3.1): the key's hash, of the host or of its issuer. */
export function tlsaValue(argument: string, value: unknown): string {
  const given = text(argument, value).trim().toLowerCase();
  const [usage = "", selector = "", matching = "", ...parts] = given.split(/\s+/);
  const hash = parts.join("");
  const length = hashLengths[matching];
  if (!["2", "3"].includes(usage) || selector !== "1" || length === undefined || !/^[0-9a-f]+$/.test(hash)) {
    refuse(argument, given, 'use "3 1 1 HASH" or "2 1 1 HASH", the SHA-256 of a key in hexadecimal digits');
  }
  if (hash.length !== length) {
    throw new Refusal(argument, `has a hash of ${hash.length} digits; matching type ${matching} has ${length}`);
  }
  if (hashOfNothing.has(hash)) {
    throw new Refusal(argument, "has the hash of nothing: no key was read when it was made; make it again");
  }
  return `${usage} ${selector} ${matching} ${hash}`;
}

/** Refuses what stands twice, since a set has each value once. */
export function distinct(argument: string, values: readonly string[]): string[] {
  const twice = values.findIndex((value, at) => values.indexOf(value) !== at);
  if (twice >= 0) refuse(`${argument}[${twice}]`, values[twice], "it stands there already; use each value once");
  return inOrder(values);
}

/** The zone of ours that holds the reverse name of an address: the one of the smallest network. */
export function reverseZoneOf(address: string, zones: readonly ReverseZone[]): ReverseZone | undefined {
  return zones
    .filter(({ network }) => isInNetwork(address, network))
    .toSorted((a, b) => prefixLength(b) - prefixLength(a))[0];
}

function prefixLength({ network }: ReverseZone): number {
  return Number(network.split("/")[1]);
}

/** The reverse name of an address in its zone, with the last dot: in a classless zone the last octet stands in it (RFC 2317). */
export function pointerName(address: string, zone: ReverseZone | undefined): string {
  const usual = reverseName(address);
  if (zone === undefined || usual.endsWith(`.${zone.zone}`) || usual === zone.zone) return absolute(usual);
  return absolute(`${address.split(".").at(-1)}.${zone.zone}`);
}
