import { flag, members, oneLine, oneOf, padded, Refusal, refuse, shown, text, wholeNumber } from "./refusal";
import { compareBytes, type Line } from "./render";
import { parameterValue } from "./settings";

/**
 * A master.cf service by `name/type` (master(5)). For `inet` without an address, any name of the port is the same
 * service.
 */
export interface ServiceName {
  key: string;
  type: string;
  /** The port where it is known without a host's own service list. */
  port: number | undefined;
  /** The address of an `inet` service, "" for all of them. */
  address: string;
  /** Two keys of the same place are the same service. */
  place: string;
}

const types = { inet: "inet", unix: "unix", unixDgram: "unix-dgram", fifo: "fifo", pass: "pass" } as const;

/**
 * Names of the mail ports, from IANA's registry and from /etc/services of the Debian family (465 was `urd`, then
 * `smtps`).
 */
const mailPorts: ReadonlyMap<string, number> = new Map([
  ["smtp", 25],
  ["mail", 25],
  ["smtps", 465],
  ["submissions", 465],
  ["urd", 465],
  ["submission", 587],
  ["lmtp", 24],
]);

const inetName = /^(?:(?<address>\[[0-9A-Fa-f:.%]+\]|[A-Za-z0-9._-]+):)?(?<port>[A-Za-z0-9][A-Za-z0-9_-]*)$/;
const localName = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/** Reads a key of `services`. */
export function serviceName(key: string): ServiceName {
  const argument = `services.${key}`;
  const slash = key.lastIndexOf("/");
  if (slash < 1) throw new Refusal(argument, 'is not a service; use NAME/TYPE, such as "submission/inet"');
  const name = key.slice(0, slash);
  const type = oneOf(`${argument}: the type`, key.slice(slash + 1), types);
  return type === "inet" ? inetService(argument, key, name) : localService(argument, key, name, type);
}

function localService(argument: string, key: string, name: string, type: string): ServiceName {
  if (!localName.test(name)) throw new Refusal(argument, "is not a service; a name has letters, digits and _ . -");
  return { key, type, port: undefined, address: "", place: key };
}

function inetService(argument: string, key: string, name: string): ServiceName {
  const found = inetName.exec(name)?.groups;
  const portName = found?.port;
  if (portName === undefined) {
    throw new Refusal(argument, "is not a service; use PORT/inet, ADDRESS:PORT/inet or [IPV6]:PORT/inet");
  }
  const port = /^\d+$/.test(portName)
    ? wholeNumber(`${argument}: the port`, Number(portName), 1, 65535)
    : mailPorts.get(portName.toLowerCase());
  const address = (found?.address ?? "").toLowerCase();
  return { key, type: "inet", port, address, place: `${address}:${port ?? portName}/inet` };
}

/**
 * Refuses two keys for one service. A key without an address stands for its port at every address, so it
 * cannot stand beside one with an address either.
 */
export function refuseSamePlace(services: readonly ServiceName[]): void {
  for (const [at, service] of services.entries()) {
    const other = services.slice(0, at).find((earlier) => sameService(earlier, service));
    if (other === undefined) continue;
    const shared = service.port === undefined ? "the same service" : `port ${service.port}`;
    throw new Refusal(`services.${service.key}`, `is ${shared}, and so is services.${other.key}; use one of the two`);
  }
}

function sameService(a: ServiceName, b: ServiceName): boolean {
  if (a.place === b.place) return true;
  const samePort = a.type === "inet" && b.type === "inet" && a.port !== undefined && a.port === b.port;
  return samePort && (a.address === "" || b.address === "");
}

/** Whether the entry is active, and its fields where they are given. Options alone leave that as it is. */
export function stateLines(service: ServiceName, enabled: unknown, entry: unknown, options: number): Line[] {
  const path = `services.${service.key}`;
  if (enabled === undefined && entry === undefined && options === 0) {
    throw new Refusal(path, "asks for nothing; use enabled, options, unsetOptions or entry");
  }
  const active = enabled === undefined || flag(`${path}.enabled`, enabled, true);
  if (!active && (entry !== undefined || options > 0)) {
    throw new Refusal(`${path}.enabled`, "is false; a disabled service takes no options, unsetOptions or entry");
  }
  if (entry !== undefined) return [entryLine(service, entry)];
  return enabled === undefined ? [] : [{ keyword: "service", rest: `${service.key} ${active ? "enable" : "disable"}` }];
}

export function optionLine(service: ServiceName, name: string, value: unknown): Line {
  const argument = `services.${service.key}.options.${name}`;
  const checked = parameterValue(argument, name, value);
  if (!fitsMasterCf(checked))
    refuse(argument, checked, "its braces do not pair, and master.cf has no way to write that");
  return { keyword: "option", rest: `${service.key} ${name} =${checked === "" ? "" : ` ${checked}`}` };
}

export function dropLines(service: ServiceName, names: readonly string[]): Line[] {
  return names.map((name) => ({ keyword: "drop", rest: `${service.key} ${name}` }));
}

/**
 * Whether master.cf can hold the value. A word that opens a brace goes on until it closes, over blanks as well,
 * and a value with blanks stands in braces of its own, which an early `}` would end (master(5), "{ name = value }").
 */
export function fitsMasterCf(value: string): boolean {
  const blanks = value.includes(" ");
  let depth = 0;
  for (const character of value) {
    if (character === "{") depth++;
    if (character === "}") {
      if (depth === 0 && blanks) return false;
      depth = Math.max(0, depth - 1);
    }
  }
  return depth === 0;
}

const entryMembers = {
  private: (path: string, value: unknown, inet: boolean) => privateField(path, value, inet),
  unprivileged: (path: string, value: unknown) => flagField(path, value),
  chroot: (path: string, value: unknown) => flagField(path, value),
  wakeup: (path: string, value: unknown) => wakeupField(path, value),
  processLimit: (path: string, value: unknown) => limitField(path, value),
  command: (path: string, value: unknown) => command(path, value),
};

export const entryMemberNames = Object.keys(entryMembers);

/** A whole entry, its fields in the order of master.cf. */
export function entryLine(service: ServiceName, entry: unknown): Line {
  const path = `services.${service.key}.entry`;
  const given = new Map(members(path, entry));
  const fields = Object.entries(entryMembers).map(([name, field]) =>
    field(`${path}.${name}`, given.get(name), service.type === "inet"),
  );
  return { keyword: "service", rest: `${service.key} entry ${fields.join(" ")}` };
}

/** Postfix's own default for `private` is yes, with which master refuses an inet service. */
function privateField(path: string, value: unknown, inet: boolean): string {
  if (inet && value === true) refuse(path, value, "an inet service cannot be private");
  return inet && value === undefined ? "n" : flagField(path, value);
}

function flagField(path: string, value: unknown): string {
  if (value === undefined) return "-";
  return flag(path, value, false) ? "y" : "n";
}

function wakeupField(path: string, value: unknown): string {
  if (value === undefined) return "-";
  const field = typeof value === "number" ? String(value) : text(path, value);
  if (!/^\d{1,9}\??$/.test(field))
    refuse(path, value, 'use seconds, such as "60", or "60?" for a service that is only then woken when it is used');
  return field;
}

function limitField(path: string, value: unknown): string {
  return value === undefined ? "-" : String(wholeNumber(path, value, 0, 1_000_000));
}

function command(path: string, value: unknown): string {
  const line = oneLine(path, value);
  const words = line.split(" ");
  if (padded(line)) refuse(path, line, "blanks before or after a command are not accepted");
  if (!/^[A-Za-z0-9][A-Za-z0-9_.-]*$/.test(words[0] ?? "")) {
    refuse(path, line, "use the name of a program in Postfix's daemon directory and its arguments, such as smtpd");
  }
  if (words.some((word) => word.startsWith("-o"))) refuse(path, line, "give -o options by the argument options");
  if (words.some((word) => word.startsWith("#")) || !fitsMasterCf(line))
    refuse(path, line, "master.cf has no way to write that");
  return line;
}

/** Parameters in two of the arguments of one service. */
export function refuseRepeatedOption(service: ServiceName, options: readonly string[], unset: readonly string[]): void {
  const both = options.filter((name) => unset.includes(name)).sort(compareBytes)[0];
  if (both !== undefined) {
    throw new Refusal(
      `services.${service.key}.options`,
      `and unsetOptions both name ${shown(both)}; use one of the two`,
    );
  }
}
