import { list, members, oneLine, padded, Refusal, refuse, text } from "./refusal";
import type { Line } from "./render";

/**
 * What Postfix takes as a parameter name, transport names such as `smtp-amavis_destination_recipient_limit` included.
 */
const parameterName = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/;

/**
 * TLS parameters whose value is a word or a list of words. Postfix has no comments inside a value: a `#` in one
 * switches TLS off.
 */
const tlsWords = /(^|_)tls_(.*_)?(protocols|ciphers|cipherlist|level|grade|curves|groups)$/;

export function parameter(argument: string, name: string): string {
  if (!parameterName.test(name)) refuse(argument, name, "use a Postfix parameter name: letters, digits and _ . -");
  return name;
}

/**
 * A value as it will stand in a file: data, never code, so that quotes, backticks, `$(…)` and `;` stay what they are.
 */
export function parameterValue(argument: string, name: string, value: unknown): string {
  if (typeof value !== "string") refuse(argument, value, 'use a string, such as "yes"');
  const line = oneLine(argument, value);
  if (line.trim() === "" && line !== "") refuse(argument, line, 'use "" for an empty value');
  if (padded(line)) refuse(argument, line, "blanks before or after a value are not accepted");
  if (line.includes("#") && tlsWords.test(name)) {
    refuse(
      argument,
      line,
      "a # is not accepted in a TLS value: Postfix has no comments there and would switch TLS off",
    );
  }
  return line;
}

/** `set`, or `empty` for an empty value: the two differ by more than a blank at the end of a line. */
export function settingLine(name: string, value: unknown): Line {
  const checked = parameterValue(`settings.${name}`, name, value);
  return checked === "" ? { keyword: "empty", rest: name } : { keyword: "set", rest: `${name} = ${checked}` };
}

export function unsetLines(names: readonly string[]): Line[] {
  return names.map((name) => ({ keyword: "unset", rest: name }));
}

/** A secret setting in a policy is its name and a number; the number is how a reviewer sees that it changes. */
export function secretLines(names: readonly string[], revision: number): Line[] {
  return names.map((name) => ({ keyword: "secret", rest: `${name} revision ${revision}` }));
}

/** A line of the secrets file. The error never repeats the value. */
export function secretLine(name: string, revision: number, value: unknown): string {
  const argument = `secretSettings.${name}`;
  if (typeof value !== "string") throw new Refusal(argument, "is not a string");
  const line = oneLine(argument, value, false);
  if (padded(line)) throw new Refusal(argument, "is not usable; blanks before or after a value are not accepted");
  return `revision ${revision} ${name} = ${line}`;
}

/** The names of main.cf parameters that an argument sets, each checked. */
export function settingNames(argument: string, value: unknown): string[] {
  return value === undefined ? [] : members(argument, value).map(([name]) => parameter(`${argument}.${name}`, name));
}

export function unsetNames(argument: string, value: unknown): string[] {
  return list(argument, value, (place, item) => parameter(place, text(place, item)));
}

/** One parameter, one place: a name in two of the arguments would leave it to chance which of them holds. */
export function refuseRepeated(places: Readonly<Record<string, readonly string[]>>): void {
  const first = new Map<string, string>();
  for (const [argument, names] of Object.entries(places)) {
    for (const name of names) {
      const other = first.get(name);
      if (other !== undefined)
        throw new Refusal(`${argument}`, `names ${name}, and so does ${other}; use one of the two`);
      first.set(name, argument);
    }
  }
}
