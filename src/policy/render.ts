import { oneLine } from "./refusal";

/** The keywords of a policy in the order of their lines; docs/policy.md says what each means. */
export const keywords = [
  "policy",
  "guard",
  "despite",
  "refused",
  "owner",
  "former",
  "probe",
  "to",
  "chain",
  "source",
  "log",
  "rate",
  "backend",
  "persist",
  "networks",
  "ignore",
  "retain",
  "gate",
  "ask",
  "wave",
  "tlsa",
  "domain",
  "part",
  "adopt",
  "phase",
  "lowered",
  "zone",
  "later",
  "record",
  "config",
  "shared",
  "allow",
  "override",
  "evidence",
  "tls",
  "ciphers",
  "exclude",
  "secret",
  "set",
  "empty",
  "unset",
  "service",
  "option",
  "drop",
  "activate",
  "destroy",
  "repair",
] as const;

export type Keyword = (typeof keywords)[number];

/** One fact that is wanted of the host. */
export interface Line {
  keyword: Keyword;
  rest: string;
}

/** Fixed, so that a new keyword never realigns the lines that did not change. */
const keywordWidth = 8;

const version: Line = { keyword: "policy", rest: "1" };

/** The policy as text: sorted, one fact a line, the same for the same facts in whatever order they were given. */
export function renderPolicy(lines: readonly Line[]): string {
  const texts = [version, ...lines].sort(byKeywordThenBytes).map(lineText);
  return [...new Set(texts)].map((text) => `${text}\n`).join("");
}

function lineText(line: Line): string {
  return `${line.keyword.padEnd(keywordWidth)} ${oneLine(line.keyword, line.rest)}`;
}

/** By bytes and not by the reader's language, so that two machines render the same text. */
function byKeywordThenBytes(a: Line, b: Line): number {
  return keywords.indexOf(a.keyword) - keywords.indexOf(b.keyword) || compareBytes(a.rest, b.rest);
}

export function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
