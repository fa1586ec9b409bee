// What a report says of one host. It adds up and puts in order; the judge is the host program's verdict alone.
import type { Evidence, Floor, Gap, Row, Span, UserRow, Verdict } from "./parse";

/** Whoever uses the port: an account, or a network that sent mail while no account name stood in the log. */
export interface User extends Span {
  account: string | null;
  networks: string[];
  sessions: number;
}

export interface Day {
  day: string;
  /** Seconds of it that the log covers. */
  covered: number;
  /** New connections, by whoever counted most of them: the rule's counter, its lines, Postfix. */
  connections: number;
  /** Sessions that logged in; own monitors are left out. */
  logins: number;
  mails: number;
}

export interface Summary {
  port: number;
  /** How many days were asked for. */
  days: number;
  /** When the host answered. */
  time: number;
  verdict: Verdict;
  /** The day from which a guard of that many days passes; null where that can't be told. */
  passes: string | null;
  /** The newest time that the log covers without a gap that matters. */
  covered: Span | null;
  gaps: Gap[];
  /** Connections that were counted and not logged: a rate limit, or a kernel that drops the lines. */
  lost: number;
  /** Lines of Postfix that a daemon's rate limit swallowed. */
  lostLines: number;
  /** Whether the rule is seen to work, and what to do where it is not. */
  state: string;
  remedy: string | null;
  listener: string;
  rules: { ipv4: string; ipv6: string; place: string; since: string | null };
  users: User[];
  strangers: { connections: number; networks: number };
  monitors: number;
  floors: Floor[];
  history: Day[];
}

const daySeconds = 86_400;
const hour = 3_600;

export function summarize(evidence: Evidence, { port, days }: { port: number; days: number }): Summary {
  const { verdict, passes, covered, floors, now } = evidence;
  const rows = evidence.rows.filter((row) => row.port === port || row.port === null);
  const limited = rows.filter(({ kind, what }) => kind === "gap" && what === "limited");
  const time = Number(now.get("time"));
  const remedy = now.get("remedy");
  return {
    port,
    days,
    time,
    verdict,
    passes,
    covered,
    gaps: [...named(evidence.holes), ...ruleGaps(rows)].sort((a, b) => a.first - b.first),
    lost: total(limited.filter((row) => row.port === port)),
    lostLines: total(limited.filter((row) => row.port === null)),
    state: now.get("state") ?? "unknown",
    remedy: remedy === undefined || remedy === "-" ? null : remedy,
    listener: now.get("listener") ?? "unknown",
    rules: {
      ipv4: now.get("rule4") ?? "unknown",
      ipv6: now.get("rule6") ?? "unknown",
      place: now.get("place") ?? "none",
      since: now.get("since") || null,
    },
    users: usersOf(evidence.users),
    ...visitors(rows, evidence.users),
    floors,
    history: history(rows, time, days),
  };
}

/** Time without cover of which another gap says the reason need not be named twice. */
function named(holes: readonly Gap[]): Gap[] {
  const reasons = holes.filter(({ what }) => what !== "missing");
  return holes.filter(
    ({ first, last, what }) =>
      what !== "missing" || !reasons.some((reason) => reason.first - hour <= first && last <= reason.last + hour),
  );
}

/** Hours in which the rule was not there, or the kernel's lines are not; those of two days that meet are one. */
function ruleGaps(rows: readonly Row[]): Gap[] {
  const gaps: Gap[] = [];
  for (const { first, last, kind, what } of rows) {
    if (kind !== "gap" || (what !== "rule" && what !== "kernel")) continue;
    const before = gaps.findLast((gap) => gap.what === what);
    if (before !== undefined && first <= before.last + 1) before.last = Math.max(before.last, last);
    else gaps.push({ first, last, what });
  }
  return gaps;
}

/** Mail from a network from which an account logged in is that account's. The last to come stands first. */
function usersOf(rows: readonly UserRow[]): User[] {
  const known = new Set(rows.filter(({ account }) => account !== null).map(({ network }) => network));
  const users = new Map<string, User>();
  for (const { account, network, sessions, first, last } of rows) {
    if (account === null && known.has(network)) continue;
    const key = account === null ? `network ${network}` : `account ${account}`;
    const user = users.get(key) ?? { account, networks: [], sessions: 0, first, last };
    if (!user.networks.includes(network)) user.networks.push(network);
    user.sessions += sessions;
    user.first = Math.min(user.first, first);
    user.last = Math.max(user.last, last);
    users.set(key, user);
  }
  return [...users.values()].sort((a, b) => b.last - a.last);
}

/** Connections of those who never logged in, as Postfix saw them, or the rule's lines where it saw none. */
function visitors(rows: readonly Row[], users: readonly UserRow[]): Pick<Summary, "strangers" | "monitors"> {
  const answered = rows.filter(({ kind }) => kind === "connect");
  const came = answered.length > 0 ? answered : rows.filter(({ kind }) => kind === "syn");
  const known = new Set(users.map(({ network }) => network));
  const strangers = came.filter(({ network }) => network !== "ignored" && !known.has(network ?? ""));
  return {
    strangers: { connections: total(strangers), networks: new Set(strangers.map(({ network }) => network)).size },
    monitors: total(came.filter(({ network }) => network === "ignored")),
  };
}

function history(rows: readonly Row[], time: number, days: number): Day[] {
  const byDay = new Map<string, Row[]>();
  for (const row of rows) {
    const same = byDay.get(row.day);
    if (same === undefined) byDay.set(row.day, [row]);
    else same.push(row);
  }
  return Array.from({ length: days + 1 }, (_, index) => {
    const day = dayOf(time - (days - index) * daySeconds);
    return dayOfRows(day, byDay.get(day) ?? []);
  });
}

function dayOfRows(day: string, rows: readonly Row[]): Day {
  const of = (...kinds: string[]) => total(rows.filter(({ kind }) => kinds.includes(kind)));
  const users = rows.filter(({ network }) => network !== "ignored");
  return {
    day,
    covered: total(rows.filter(({ kind, what }) => kind === "cover" && what === "mail")),
    connections: Math.max(of("counted"), of("syn"), of("connect")),
    logins: total(users.filter(({ kind }) => kind === "login")),
    mails: total(users.filter(({ kind }) => kind === "mail")),
  };
}

export function total(rows: readonly Row[]): number {
  return rows.reduce((sum, { count }) => sum + count, 0);
}

/** Days are UTC days. */
export function dayOf(time: number): string {
  return new Date(time * 1000).toISOString().slice(0, 10);
}
