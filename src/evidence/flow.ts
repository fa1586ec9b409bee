// What a report says of incoming mail: by day and by domain, over IPv4 and over IPv6. It adds up and judges nothing.
import type { Row } from "./parse";
import { dayOf } from "./summary";

export interface Split {
  ipv4: number;
  ipv6: number;
}

/** Mail by what became of it. */
export interface Fates {
  /** Messages, once for each domain of their recipients. */
  accepted: Split;
  /** Recipients refused for now (4xx), as by greylisting. */
  deferred: Split;
  /** Recipients, connections and messages refused for good (5xx). */
  rejected: Split;
}

export interface FlowDay extends Fates {
  day: string;
  /** Seconds of it that the log covers. */
  covered: number;
  connections: Split;
}

export interface FlowDomain extends Fates {
  /** Null for refusals before a recipient was named, and for what is no mail of ours. */
  domain: string | null;
  /** The first day in the period on which mail for it was accepted over IPv6. */
  firstIpv6: string | null;
}

export interface Flow {
  days: number;
  /** When the host answered, in seconds. */
  time: number;
  /** The source of Postfix's lines: files, journal or none. */
  source: string;
  history: FlowDay[];
  domains: FlowDomain[];
}

const daySeconds = 86_400;
const fates = ["accepted", "deferred", "rejected"] as const;

export function summarizeFlow(
  { rows, now }: { rows: readonly Row[]; now: ReadonlyMap<string, string> },
  days: number,
): Flow {
  const time = Number(now.get("time"));
  const from = dayOf(time - (days - 1) * daySeconds);
  const within = rows.filter(({ day }) => day >= from);
  const byDay = grouped(within, ({ day }) => day);
  const history = Array.from({ length: days }, (_, at) => {
    const day = dayOf(time - (days - 1 - at) * daySeconds);
    return flowDay(day, byDay.get(day) ?? []);
  });
  return { days, time, source: now.get("source-mail") ?? "none", history, domains: domainsOf(within) };
}

function flowDay(day: string, rows: readonly Row[]): FlowDay {
  const covered = rows.filter(({ kind }) => kind === "cover").reduce((sum, { count }) => sum + count, 0);
  return { day, covered, connections: split(rows, "connect"), ...fatesOf(rows) };
}

export function fatesOf(rows: readonly Row[]): Fates {
  return { accepted: split(rows, "accepted"), deferred: split(rows, "deferred"), rejected: split(rows, "rejected") };
}

function split(rows: readonly Row[], kind: string): Split {
  const of = (family: string) =>
    rows.filter((row) => row.kind === kind && row.family === family).reduce((sum, { count }) => sum + count, 0);
  return { ipv4: of("4"), ipv6: of("6") };
}

/** The busiest first. */
function domainsOf(rows: readonly Row[]): FlowDomain[] {
  const mail = rows.filter(({ kind }) => fates.some((fate) => fate === kind));
  const byDomain = grouped(mail, ({ what }) => what);
  const domains = [...byDomain].map(([domain, of]) => ({ domain, ...fatesOf(of), firstIpv6: firstIpv6(of) }));
  return domains.sort(
    (a, b) =>
      total(b.accepted) - total(a.accepted) ||
      total(b.rejected) - total(a.rejected) ||
      (`${a.domain}` < `${b.domain}` ? -1 : 1),
  );
}

function grouped<K>(rows: readonly Row[], keyOf: (row: Row) => K): Map<K, Row[]> {
  const groups = new Map<K, Row[]>();
  for (const row of rows) {
    const same = groups.get(keyOf(row));
    if (same === undefined) groups.set(keyOf(row), [row]);
    else same.push(row);
  }
  return groups;
}

function firstIpv6(rows: readonly Row[]): string | null {
  const days = rows.filter(({ kind, family }) => kind === "accepted" && family === "6").map(({ day }) => day);
  return days.sort()[0] ?? null;
}

export function total({ ipv4, ipv6 }: Split): number {
  return ipv4 + ipv6;
}

export function sum(parts: readonly Split[]): Split {
  return { ipv4: parts.reduce((all, { ipv4 }) => all + ipv4, 0), ipv6: parts.reduce((all, { ipv6 }) => all + ipv6, 0) };
}
