// The findings as a table, and for programs; docs/check.md has the shape.
import { aligned, plain } from "../terminal";
import type { DomainReport } from "./domain";
import { worstOf } from "./finding";
import type { Wait } from "./wait";

export function table(reports: readonly DomainReport[]): string {
  return reports.map(tableOf).join("\n\n");
}

function tableOf({ domain, findings, waits, safeFrom }: DomainReport): string {
  const rows = findings.map(({ check, subject, word, internetNl, text }) =>
    [check, subject, word, internetNl, text].map(oneLine),
  );
  const word = worstOf(findings.map((of) => of.word));
  const lines = aligned([["CHECK", "OF", "RESULT", "INTERNET.NL", ""], ...rows]);
  const end =
    safeFrom === null ? [] : [`${condition(waits)}the next phase or wave of ${domain} is safe from ${stamp(safeFrom)}`];
  return [`${domain}: ${word}`, ...lines, ...end].join("\n");
}

/** What the time rests on where it was not seen what was there before. */
function condition(waits: readonly Wait[]): string {
  const assumed = waits.some(({ safeFrom, exact }) => safeFrom !== null && !exact);
  return assumed ? "if all servers have all of it only since now, and TTLs were not longer before, " : "";
}

/** Records are others' text. */
function oneLine(text: string): string {
  return plain(text).replace(/\s+/g, " ");
}

export function json(reports: readonly DomainReport[], now: number): string {
  const domains = reports.map(({ domain, findings, waits, safeFrom }) => ({
    domain,
    result: worstOf(findings.map(({ word }) => word)),
    findings: findings.map(({ word, ...rest }) => ({ ...rest, result: word })),
    ttl: waits.map((wait) => ({ name: wait.name, safeFrom: orNull(wait.safeFrom), exact: wait.exact })),
    safeFrom: orNull(safeFrom),
  }));
  return JSON.stringify({ format: 1, time: stamp(now), domains }, null, 2);
}

function orNull(time: number | null): string | null {
  return time === null ? null : stamp(time);
}

function stamp(time: number): string {
  return new Date(time * 1_000).toISOString().replace(".000Z", "Z");
}
