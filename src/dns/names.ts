// Names in their one form: ASCII, lower case, without the last dot; with it where a record shows one.
import { isIP } from "node:net";
import { domainToASCII } from "node:url";
import { refuse, text } from "../policy/refusal";

/** A host or domain name in its one form; internationalized labels become A-labels (RFC 5890). */
export function domainName(argument: string, value: unknown): string {
  const given = text(argument, value);
  const name = domainToASCII(given.replace(/\.$/, "")).toLowerCase();
  if (!isHostName(name)) refuse(argument, given, "use a name such as mx1.example.com");
  return name;
}

/** Letters, digits and hyphens (RFC 1123, section 2.1), two labels at least, and no address. */
export function isHostName(name: string): boolean {
  const labels = name.split(".");
  return (
    name.length <= 253 &&
    labels.length >= 2 &&
    labels.every((label) => /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label)) &&
    !/^\d+$/.test(labels.at(-1) ?? "")
  );
}

/** A zone's name in its one form. A classless reverse zone may have other characters in it (RFC 2317, section 4). */
export function zoneName(argument: string, value: unknown): string {
  const given = text(argument, value);
  const name = given.replace(/\.$/, "").toLowerCase();
  const labels = name.split(".");
  if (name.length > 253 || !labels.every((label) => /^[a-z0-9_]([a-z0-9_/-]{0,61}[a-z0-9_])?$/.test(label)))
    refuse(argument, given, "use a zone's name such as example.com or 2.0.192.in-addr.arpa");
  return name;
}

/** A name server as a host reaches it. */
export function serverName(argument: string, value: unknown): string {
  const name = text(argument, value);
  if (isIP(name) === 0 && !/^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(name))
    refuse(argument, name, "use a name or an address, without brackets and port");
  if (name.includes("%")) refuse(argument, name, "use an address without a zone");
  return name;
}

/** Whether a name stands at or below another. */
export function isWithin(name: string, zone: string): boolean {
  return name === zone || name.endsWith(`.${zone}`);
}

/** With the last dot, so that no name server takes it for one relative to its zone. */
export function absolute(name: string): string {
  return `${name}.`;
}
