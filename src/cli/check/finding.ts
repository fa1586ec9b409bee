/** None is nothing there, which is a choice; not known is no answer, which says nothing. */
export type Word = "good" | "none" | "warning" | "failed" | "not known";

/** What Internet.nl's mail test would say; "not tested" is what it does not look at. */
export type InternetNl = "passed" | "warning" | "failed" | "not tested" | "not known";

/** One line of the table. */
export interface Finding {
  /** What was looked at, such as `AAAA`. */
  check: string;
  /** The name or address that it is about. */
  subject: string;
  word: Word;
  internetNl: InternetNl;
  text: string;
}

const worst: readonly Word[] = ["failed", "not known", "warning", "none", "good"];

/** What is wrong with one thing, or right; the worst of it counts. */
export interface Remark {
  word: Word;
  text: string;
}

export function worstOf(words: readonly Word[]): Word {
  return worst.find((word) => words.includes(word)) ?? "good";
}

export function finding(
  check: string,
  subject: string,
  remarks: readonly Remark[],
  internetNl: InternetNl | "alike" = "alike",
): Finding {
  const word = worstOf(remarks.map((remark) => remark.word));
  const text = [...remarks].sort((a, b) => worst.indexOf(a.word) - worst.indexOf(b.word)).map((remark) => remark.text);
  return { check, subject, word, internetNl: internetNl === "alike" ? alike[word] : internetNl, text: text.join("; ") };
}

const alike: Record<Word, InternetNl> = {
  good: "passed",
  none: "failed",
  warning: "warning",
  failed: "failed",
  "not known": "not known",
};

export function exitStatus(findings: readonly Finding[]): number {
  const word = worstOf(findings.map((of) => of.word));
  return word === "failed" ? 1 : word === "not known" ? 3 : 0;
}

/** A length of time as people say it. */
export function duration(seconds: number): string {
  const units: [number, string][] = [
    [86_400, "day"],
    [3_600, "hour"],
    [60, "minute"],
  ];
  const [size, word] = units.find(([unit]) => seconds >= unit && seconds % unit === 0) ?? [1, "second"];
  const count = seconds / size;
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}

export function listed(items: readonly string[]): string {
  return items.length < 2 ? items.join("") : `${items.slice(0, -1).join(", ")} and ${items.at(-1)}`;
}
