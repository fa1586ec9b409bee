// Answers of the verb `evidence`, made up for tests, and what a report makes of them.

import type { Answered } from "../../../src/cli/report/outcome.ts";
import { parseEvidence } from "../../../src/evidence/parse.ts";
import { summarize } from "../../../src/evidence/summary.ts";

export const NOW = Date.parse("2026-11-25T12:00:00Z") / 1000;
const DAY = 86_400;

export const dayOf = (time: number): string => new Date(time * 1000).toISOString().slice(0, 10);

/** A row of `ago` days before now. */
export function row(
  ago: number,
  kind: string,
  network: string,
  what: string,
  count = 1,
  seconds = 0,
  port: number | "-" = 465,
): string {
  const time = NOW - ago * DAY;
  return [dayOf(time), kind, port, "postfix/smtps", 4, network, what, count, time, time + seconds].join("\t");
}

export function coveredDays(ago: number): string[] {
  return Array.from({ length: ago + 1 }, (_, index) => row(ago - index, "cover", "-", "mail", DAY / 2, DAY / 2));
}

export const user = (account: string, network: string, count: number, first: number, last: number): string =>
  ["user", account, network, 465, count, NOW - first * DAY, NOW - last * DAY].join("\t");

const present = {
  time: NOW,
  boot: NOW - 100 * DAY,
  rule4: "present",
  rule6: "unneeded",
  place: "iptables INPUT",
  since: "2026-09-01T00:00:00Z",
  listener: "postfix",
  state: "verified",
  remedy: "-",
};

export function answer(
  lines: readonly string[],
  { word = "keep", sentence = "port 465 is used", passes = "-", now = {} } = {},
): string[] {
  return [
    ...lines.filter((line) => /^\d/.test(line)).sort(),
    ...Object.entries({ ...present, ...now }).map(([name, value]) => `now\t${name}\t${value}`),
    ...lines.filter((line) => !/^\d/.test(line)),
    `passes\t${passes}`,
    `verdict\t${word}\t${sentence}`,
  ];
}

export function reported(host: string, lines: readonly string[], days = 60): Answered {
  return { host, summary: summarize(parseEvidence(lines), { port: 465, days }), knock: null };
}

/** Two users, scanners, a day without a log and lines that a rate limit swallowed. */
export const used = answer(
  [
    ...coveredDays(55).filter((line) => !line.startsWith("2026-11-10")),
    row(50, "login", "192.0.2.0/24", "alice@example.com", 4),
    row(8, "login", "192.0.2.0/24", "alice@example.com"),
    row(30, "login", "2001:db8::/48", "bob@example.com"),
    row(8, "mail", "192.0.2.0/24", "-", 2),
    row(3, "connect", "198.51.100.0/24", "-", 40),
    row(8, "connect", "192.0.2.0/24", "-", 1),
    row(3, "counted", "-", "-", 90),
    row(3, "login", "ignored", "monitor@example.com", 7),
    row(3, "connect", "ignored", "-", 7),
    row(3, "gap", "-", "limited", 12),
    row(3, "gap", "-", "limited", 34, 0, "-"),
    row(20, "gap", "-", "rule", 3600, 3600),
    `covered\t${NOW - 14.5 * DAY}\t${NOW}`,
    `hole\t${NOW - 15.5 * DAY}\t${NOW - 14.5 * DAY}\tmissing`,
    user("alice@example.com", "192.0.2.0/24", 5, 50, 8),
    user("-", "192.0.2.0/24", 0, 8, 8),
    user("bob@example.com", "2001:db8::/48", 1, 30, 30),
    "floor\tincoming\tTLSv1.2\traise\tall 12 handshakes had TLSv1.2 or better",
  ],
  { sentence: "port 465 is used: alice@example.com; RFC 8314 prefers port 465", passes: "2027-05-16" },
);

export const quiet = answer(
  [...coveredDays(60), row(2, "connect", "198.51.100.0/24", "-", 3), `covered\t${NOW - 60 * DAY}\t${NOW}`],
  {
    word: "retire",
    sentence: "nobody logged in",
    passes: "2026-11-25",
  },
);
