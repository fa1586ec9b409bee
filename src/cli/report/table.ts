// The report as text for a terminal.
import { dayOf, type Summary } from "../../evidence/summary";
import { aligned } from "../terminal";
import { chart } from "./chart";
import { type Answered, answered, failed, type Outcome } from "./outcome";
import { coveredWords, gapWords, knockWords, lastLogin, ruleWords, strangerWords, userName } from "./words";

const shownUsers = 20;

export function table(outcomes: readonly Outcome[]): string {
  const hosts = answered(outcomes);
  const parts = hosts.map(details);
  if (hosts.length > 0) parts.unshift(aligned([overviewHead, ...hosts.map(overview)]));
  const failures = failed(outcomes).map(({ host, problem }) => `${host}: not asked: ${problem}`);
  if (failures.length > 0) parts.push(failures);
  return parts.map((lines) => lines.join("\n")).join("\n\n");
}

const overviewHead = ["HOST", "PORT", "VERDICT", "COVERED SINCE", "LOGINS", "ACCOUNTS", "LAST LOGIN", "CONNECTIONS"];

function overview({ host, summary }: Answered): string[] {
  const { port, verdict, covered, users, history } = summary;
  const accounts = users.filter(({ account }) => account !== null).length;
  const sum = (what: "logins" | "connections") => history.reduce((all, day) => all + day[what], 0);
  const since = covered === null ? "nothing" : dayOf(covered.first);
  return [
    host,
    `${port}`,
    verdict.word,
    since,
    `${sum("logins")}`,
    `${accounts}`,
    lastLogin(summary),
    `${sum("connections")}`,
  ];
}

function details({ host, summary, knock }: Answered): string[] {
  const { port, verdict, passes, listener } = summary;
  return [
    `${host} port ${port}: ${verdict.word}`,
    `  why       ${verdict.sentence}`,
    `  covered   ${coveredWords(summary)}`,
    ...gapWords(summary).map((gap) => `  gap       ${gap}`),
    ...(verdict.word === "retire" || passes === null ? [] : [`  passes    from ${passes} on, if nothing more comes`]),
    `  listener  ${listener}`,
    `  probe     ${ruleWords(summary)}`,
    `  others    ${strangerWords(summary)}`,
    ...(knock === null ? [] : [`  knock     ${knockWords(knock)}`]),
    ...users(summary),
    "",
    ...chart(summary).map((line) => `  ${line}`),
    ...floors(summary),
  ];
}

function users(summary: Summary): string[] {
  const rows = summary.users
    .slice(0, shownUsers)
    .map((user) => [userName(user), `${user.sessions}`, dayOf(user.first), dayOf(user.last), user.networks.join(" ")]);
  if (rows.length === 0) return [];
  const more = summary.users.length - rows.length;
  const lines = aligned([["ACCOUNT", "LOGINS", "FIRST", "LAST", "FROM"], ...rows]);
  return ["", ...[...lines, ...(more > 0 ? [`and ${more} more; --csv has all`] : [])].map((line) => `  ${line}`)];
}

function floors({ floors: judged }: Summary): string[] {
  if (judged.length === 0) return [];
  return [
    "",
    ...judged.map(({ block, version, word, sentence }) => `  TLS floor ${version} of ${block}: ${word}: ${sentence}`),
  ];
}
