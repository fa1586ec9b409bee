// The report for programs; docs/report.md has the shape.
import type { Span } from "../../evidence/parse";
import type { Summary } from "../../evidence/summary";
import type { Outcome } from "./outcome";

export function json(outcomes: readonly Outcome[]): string {
  const hosts = outcomes.map((outcome) =>
    "summary" in outcome
      ? { host: outcome.host, error: null, ...shape(outcome.summary), knock: outcome.knock }
      : { host: outcome.host, error: outcome.problem },
  );
  return JSON.stringify({ format: 1, hosts }, null, 2);
}

function shape(summary: Summary) {
  const { time, covered, gaps, users } = summary;
  return {
    ...summary,
    time: stamp(time),
    covered: covered && span(covered),
    gaps: gaps.map(span),
    users: users.map(span),
  };
}

function span<T extends Span>(of: T): Omit<T, "first" | "last"> & { first: string; last: string } {
  return { ...of, first: stamp(of.first), last: stamp(of.last) };
}

function stamp(time: number): string {
  return new Date(time * 1000).toISOString().replace(".000Z", "Z");
}
