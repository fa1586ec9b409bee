// The words that the table and the page share.
import { dayOf, type Summary, type User } from "../../evidence/summary";
import type { Knock } from "../knock";

const gaps = new Map([
  ["collector", "the collector did not run"],
  ["log", "the log is missing or has no word of Postfix"],
  ["rule", "the rule was gone"],
  ["kernel", "the kernel's lines are missing, so connections are fewer than they were; logins are not concerned"],
  ["unattributed", "lines can't be told from another service's"],
  ["missing", "no log covers it"],
]);

export function minute(time: number): string {
  return `${new Date(time * 1000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

export function coveredWords({ covered, days }: Summary): string {
  if (covered === null) return "nothing was covered";
  const whole = Math.floor((covered.last - covered.first) / 86_400);
  return `${minute(covered.first)} to ${minute(covered.last)} without a gap: ${plural(whole, "day")} of ${days}`;
}

export function gapWords({ gaps: found, lost, lostLines }: Summary): string[] {
  const words = found.map(({ first, last, what }) => `${minute(first)} to ${minute(last)}: ${gaps.get(what) ?? what}`);
  if (lost > 0)
    words.push(
      `${plural(lost, "connection")} counted and not logged (a rate limit, or a kernel that drops the lines); logins are not among them`,
    );
  if (lostLines > 0)
    words.push(
      `${plural(lostLines, "line")} of Postfix's log lost to a rate limit of journald or rsyslog; logins may be among them`,
    );
  return words;
}

export function ruleWords({ rules: { ipv4, ipv6, place, since }, state, remedy }: Summary): string {
  const where = place === "none" ? "no rule" : `${place}${since === null ? "" : ` since ${since}`}`;
  return `${state}: ${where}; IPv4 ${ipv4}, IPv6 ${ipv6}${remedy === null ? "" : `; ${remedy}`}`;
}

export function userName({ account, networks }: User): string {
  return account ?? `(account not known, from ${networks.join(", ")})`;
}

export function strangerWords({ strangers, monitors }: Summary): string {
  const own = monitors > 0 ? `; ${plural(monitors, "connection")} of own monitors` : "";
  return `${plural(strangers.connections, "connection")} from ${plural(strangers.networks, "network")} that never logged in${own}`;
}

/** Whether what was made from here came there. */
export function knockWords({ target, made, counted, logged, problem }: Knock): string {
  const calls = `${plural(made, "connection")} from here to ${target}${problem === null ? "" : ` (${problem})`}`;
  return `${calls}; the counter ${sawWords(counted, made)}, the log ${sawWords(logged, made)}`;
}

function sawWords(seen: number, made: number): string {
  if (seen >= made) return "saw all";
  return seen === 0 ? "saw none" : `saw ${seen}`;
}

/** A day on which nothing is known differs from one on which nobody came. */
export function lastLogin({ users, verdict }: Summary): string {
  const last = Math.max(...users.map((user) => user.last));
  if (users.length > 0) return dayOf(last);
  return verdict.word === "retire" ? "none" : "not known";
}

export function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? "" : "s"}`;
}
