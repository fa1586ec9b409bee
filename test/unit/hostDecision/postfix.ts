import { readFileSync } from "node:fs";

/** Versions whose defaults are at hand, as `postconf -d` of Debian 11, 12, 13 and sid prints them. */
export type Version = "3.5" | "3.7" | "3.10" | "3.11";

export function stock(name: string): string {
  return readFileSync(new URL(`stock/${name}`, import.meta.url), "utf8");
}

export function defaults(version: Version): Map<string, string> {
  return new Map(logicalLines(stock(`postfix${version}.defaults`)).map(nameAndValue));
}

/** 3.10 is 3010 and so greater than 3.6, which is 3006. */
export function versionNumber(version: Version): number {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major * 1000 + minor;
}

/** What `postconf -n` says of a main.cf: postconf(5), by regular expressions and not by the host program's way. */
export function mainCf(text: string): Map<string, string> {
  return new Map(logicalLines(text).map(nameAndValue));
}

/** The defaults, and above them what main.cf says: `postconf`. */
export function effective(version: Version, main: string): Map<string, string> {
  return new Map([...defaults(version), ...mainCf(main)]);
}

export function table(values: ReadonlyMap<string, string>): string {
  return [...values].map(([name, value]) => `${name} =${value === "" ? "" : ` ${value}`}\n`).join("");
}

/** An entry of master.cf as `postconf -M` and `postconf -P` know it. */
export interface Entry {
  key: string;
  fields: string;
  options: Record<string, string>;
}

/** The entries of a master.cf: master(5). Options end at the first word that is none. */
export function masterCf(text: string): Entry[] {
  return logicalLines(text).map((line) => {
    const [name, type, ...rest] = words(line);
    const fields = rest.splice(0, 6);
    const options: Record<string, string> = {};
    while (rest[0]?.startsWith("-")) {
      const word = rest.shift() ?? "";
      if (!word.startsWith("-o")) fields.push(word);
      else Object.assign(options, option(word === "-o" ? (rest.shift() ?? "") : word.slice(2)));
    }
    return { key: `${name}/${type}`, fields: [...fields, ...rest].join(" "), options };
  });
}

/** The options that one service has in a decision's master.cf. */
export function optionsOf({ master }: { master: string }, key = "submission/inet"): Record<string, string> | undefined {
  return masterCf(master).find((entry) => entry.key === key)?.options;
}

function option(text: string): Record<string, string> {
  const plain = text.startsWith("{") ? text.slice(1, -1) : text;
  const [name, value] = nameAndValue(plain);
  return { [name]: value };
}

/** Words are parted by blanks, but not within braces. */
function words(line: string): string[] {
  const found: string[] = [];
  for (const part of line.split(blanks)) {
    const last = found.at(-1) ?? "";
    if (depth(last) > 0) found[found.length - 1] = `${last} ${part}`;
    else found.push(part);
  }
  return found;
}

function depth(text: string): number {
  return text.split("{").length - text.split("}").length;
}

/** Lines that go on in the next ones, joined; comments and blank lines, also within one, left out. */
function logicalLines(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => !/^[ \t\r\f\v]*(#|$)/.test(line))
    .join("\n")
    .replace(/\n(?=[ \t\r\f\v])/g, " ")
    .split("\n")
    .map(trimmed)
    .filter((line) => line !== "");
}

function nameAndValue(line: string): [string, string] {
  const at = line.indexOf("=");
  return [trimmed(line.slice(0, at)), trimmed(line.slice(at + 1)).replace(blanks, " ")];
}

/** Not \s and not trim(), which know more blanks than Postfix does. */
const blanks = /[ \t\r\n\f\v]+/g;

function trimmed(text: string): string {
  return text.replace(/^[ \t\r\n\f\v]+|[ \t\r\n\f\v]+$/g, "");
}
