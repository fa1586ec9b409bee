import fc from "fast-check";
import { type Version, versionNumber } from "./postfix.ts";

export const versions = ["SSLv3", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"] as const;

/**
 * The versions that smtpd accepts with a protocol list, undefined where it says "Invalid TLS protocol list": made from
 * postconf(5) and from what smtpd 3.5, 3.7 and 3.10 said of some forty lists, not from the host program.
 */
export function accepted(list: string, postfix: Version): string[] | undefined {
  const words = list
    .toLowerCase()
    .split(/[\s,:]+/)
    .filter((word) => word !== "");
  const names = (mark: RegExp) => words.filter((word) => mark.test(word)).map((word) => word.replace(/^(!|[<>]=)/, ""));
  const excluded = names(/^!/);
  const included = names(/^(?![!<>])/);
  const bounds = names(/^[<>]=/);
  const known = ["sslv2", ...versions.map((version) => version.toLowerCase())];
  if (words.some((word) => /^[<>](?!=)/.test(word))) return undefined;
  if (![...excluded, ...included].every((name) => known.includes(name))) return undefined;
  if (bounds.length > 0 && versionNumber(postfix) < versionNumber("3.6" as Version)) return undefined;
  if (!bounds.every((bound) => bound !== "sslv2" && (known.includes(bound) || /^(none|(0x)?[0-9a-f]+|)$/.test(bound))))
    return undefined;
  const low = limit(names(/^>=/).at(-1)) ?? 0;
  const high = limit(names(/^<=/).at(-1)) ?? versions.length - 1;
  return versions.filter((version, at) => {
    const name = version.toLowerCase();
    return at >= low && at <= high && !excluded.includes(name) && (included.length === 0 || included.includes(name));
  });
}

/** The place of the version that a bound means; a number that means no version is no bound. */
function limit(bound: string | undefined): number | undefined {
  if (bound === undefined) return undefined;
  const named = versions.findIndex((version) => version.toLowerCase() === bound);
  const numbered = Number.parseInt(bound, 16) - 0x300;
  const at = named >= 0 ? named : numbered;
  return at >= 0 && at < versions.length ? at : undefined;
}

export function bits(set: readonly string[] | undefined): string {
  return set === undefined ? "bad" : versions.map((version) => (set.includes(version) ? "1" : "0")).join("");
}

const name = fc.constantFrom("SSLv2", ...versions, "sslv3", "tlsv1.2", "TLSV1.3");
const bound = fc.oneof(name, fc.constantFrom("0301", "0x0303", "303", "0304", "1", "ffff", "none"));
const word = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constantFrom("", "!"), name) },
  { weight: 2, arbitrary: fc.tuple(fc.constantFrom(">=", "<="), bound) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constantFrom("", "!", ">=", ">", "!!"),
      fc.constantFrom("TLSv9", "0303", "TLSv1.0", "#", "", "TLSv1.2"),
    ),
  },
);

/** Protocol lists of every syntax, good and bad. */
export const list: fc.Arbitrary<string> = fc
  .array(fc.tuple(word, fc.constantFrom(" ", ",", ", ", ":", "  ")), { maxLength: 5 })
  .map((words) =>
    words
      .map(([[mark, text], blank]) => mark + text + blank)
      .join("")
      .replace(/[ ,:]+$/, ""),
  );
