// Who to write to before the port goes, for a spreadsheet: one line a host and account; one for a host without any.
import { dayOf } from "../../evidence/summary";
import { cell } from "./escape";
import type { Answered, Outcome } from "./outcome";

const head = [
  "host",
  "port",
  "verdict",
  "covered from",
  "covered to",
  "account",
  "networks",
  "logins",
  "first",
  "last",
  "why",
];

export function csv(outcomes: readonly Outcome[]): string {
  const rows = outcomes.flatMap((outcome) =>
    "summary" in outcome
      ? hostRows(outcome)
      : [[outcome.host, "", "not asked", "", "", "", "", "", "", "", outcome.problem]],
  );
  return [head, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

function hostRows({ host, summary }: Answered): string[][] {
  const { port, verdict, covered, users } = summary;
  const period = covered === null ? ["", ""] : [dayOf(covered.first), dayOf(covered.last)];
  const begin = [host, `${port}`, verdict.word, ...period];
  if (users.length === 0) return [[...begin, "", "", "", "", "", verdict.sentence]];
  return users.map(({ account, networks, sessions, first, last }) => [
    ...begin,
    account ?? "",
    networks.join(" "),
    `${sessions}`,
    dayOf(first),
    dayOf(last),
    verdict.sentence,
  ]);
}
