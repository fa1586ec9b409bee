import { byNumber, cut } from "./visible";

/** How much of a refused value, and of the argument with the names in it, an error repeats. */
const longestValue = 60;
const longestArgument = 150;

/** Input that is refused: the argument, and what is wrong with it. It knows no host; `src/errors.ts` adds that. */
export class Refusal extends Error {
  readonly argument: string;
  readonly problem: string;

  constructor(argument: string, problem: string) {
    super(`${argument} ${problem}`);
    this.name = "Refusal";
    this.argument = cut(argument, longestArgument);
    this.problem = problem;
  }
}

/** Blanks that look like a space or like nothing, and are neither for Postfix: pages and chats paste them. */
const pastedBlank = /[^\S ]/gu;

/** A value as an error shows it: on one line whatever it holds, and cut when it is long. */
export function shown(value: unknown): string {
  return cut(JSON.stringify(value) ?? String(value), longestValue).replace(pastedBlank, byNumber);
}

/** Refuses a value and says what is accepted instead. */
export function refuse(argument: string, value: unknown, accepted: string): never {
  throw new Refusal(argument, `is ${shown(value)}; ${accepted}`);
}

/** The value as text. */
export function text(argument: string, value: unknown): string {
  if (typeof value !== "string") refuse(argument, value, "use a string");
  return value;
}

/** A flag, which a YAML or JavaScript program may have written as text. */
export function flag(argument: string, value: unknown, otherwise: boolean): boolean {
  if (value === undefined) return otherwise;
  if (typeof value !== "boolean") refuse(argument, value, "use true or false");
  return value;
}

/** A whole number from least to most. */
export function wholeNumber(argument: string, value: unknown, least: number, most: number): number {
  if (typeof value !== "number" || !Number.isInteger(value) || value < least || value > most) {
    refuse(argument, value, `use a whole number from ${least} to ${most}`);
  }
  return value;
}

/** One of a few words; `words` is a string enum as Pulumi's languages know it. */
export function oneOf<T extends string>(argument: string, value: unknown, words: Readonly<Record<string, T>>): T {
  const accepted = Object.values(words);
  const found = accepted.find((word) => word === value);
  if (found === undefined) refuse(argument, value, `use one of ${accepted.join(", ")}`);
  return found;
}

/** A list of texts, each checked by `check` under its own place in the argument. */
export function list<T>(argument: string, value: unknown, check: (argument: string, item: unknown) => T): T[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) refuse(argument, value, "use a list");
  return value.map((item, at) => check(`${argument}[${at}]`, item));
}

/** An object of named members. Anything else (null, a list, a text) is refused before it is read as one. */
export function members(argument: string, value: unknown): [string, unknown][] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) refuse(argument, value, "use an object");
  return Object.entries(value).filter(([, member]) => member !== undefined);
}

/**
 * Refuses members that nothing reads. TypeScript finds them by itself; a YAML or JavaScript program would
 * otherwise believe that `tls.incomming` did something.
 */
export function knownMembers(argument: string, value: unknown, accepted: readonly string[]): void {
  for (const [name] of members(argument, value)) {
    if (!accepted.includes(name)) {
      const place = argument === "" ? name : `${argument}.${name}`;
      throw new Refusal(
        place,
        `is not an argument; ${argument === "" ? "there are" : `${argument} has`} ${accepted.join(", ")}`,
      );
    }
  }
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: finding control characters is the point.
const control = /[\u0000-\u001f\u007f-\u009f]/u;

/** A text that fits on one line of a policy: UTF-8, no control characters. */
export function oneLine(argument: string, value: unknown, reveal = true): string {
  const line = text(argument, value);
  const repeated = reveal ? `is ${shown(line)}` : "is not usable";
  if (/[\r\n]/.test(line)) throw new Refusal(argument, `${repeated}; a newline is not accepted`);
  if (control.test(line)) throw new Refusal(argument, `${repeated}; control characters are not accepted`);
  if (/\p{Surrogate}/u.test(line)) throw new Refusal(argument, `${repeated}; it is not valid Unicode`);
  return line;
}

/** Whether blanks of any kind stand before or after a text; Postfix knows ASCII's alone, and would keep the others. */
export function padded(line: string): boolean {
  return line !== line.trim();
}
