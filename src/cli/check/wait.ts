// From when the next phase of a change, or the next wave, is safe: in words.
import type { Finding, Word } from "./finding";
import { duration, worstOf } from "./finding";
import type { Step } from "./lookup";
import { allOf, remember, type Seen, type Spread, type State, safeFrom, spreadOf } from "./ttl";

export interface Wait {
  /** Such as `mx1.example.com AAAA`. */
  name: string;
  word: Word;
  text: string;
  /** Seconds since 1970; null where that can't be said, or where there is nothing to wait for. */
  safeFrom: number | null;
  /** Whether it was seen what was there before; else the time rests on the present TTL. */
  exact: boolean;
}

export interface Waits {
  each: Wait[];
  /** What is remembered of these names. */
  seen: State;
}

/** `negative`: how long the zone lets resolvers keep that there is nothing. Two names may lead to one. */
export function waitsOf(
  steps: readonly Step[],
  negative: ReadonlyMap<string, number>,
  before: State,
  now: number,
): Waits {
  const seen: Record<string, Seen> = {};
  const unique = new Map(steps.map((step): [string, Step] => [`${step.name} ${step.type}`, step]));
  const each = [...unique].map(([name, step]) => {
    const spread = spreadOf(step);
    const kept = remember(before[name], spread, now);
    if (kept !== undefined) seen[name] = kept;
    return wait(name, spread, before[name] === undefined ? undefined : kept, now, negative.get(step.name) ?? 0);
  });
  return { each, seen };
}

function wait(name: string, spread: Spread, seen: Seen | undefined, now: number, negative: number): Wait {
  const all = allOf(spread);
  const older = seen?.oldUntil ?? null;
  const exact = older !== null;
  if (all === null)
    return {
      name,
      word: spread.had.length > 1 ? "warning" : "not known",
      text: `not yet: ${spread.why}`,
      safeFrom: null,
      exact,
    };
  if (all.values.length === 0 && older === null)
    return {
      name,
      word: "good",
      text: `none; once published it is seen everywhere ${duration(all.ttl)} after all servers have it (negative caching)`,
      safeFrom: null,
      exact,
    };
  const from = safeFrom(seen, spread, now, negative);
  if (from === null) return { name, word: "not known", text: "not known", safeFrom: null, exact };
  const what = all.values.length === 0 ? `none, TTL ${all.ttl}` : `TTL ${all.ttl}`;
  return { name, word: "good", text: `${what}; ${sentence(seen, from, now)}`, safeFrom: from, exact };
}

function sentence(seen: Seen | undefined, from: number, now: number): string {
  if (seen === undefined)
    return `if all servers have it only since now, the next phase or wave is safe from ${minute(from)}; if its TTL was longer before, by as much later`;
  const since = `all servers have it since ${minute(seen.since ?? now)} at the latest`;
  if (seen.oldUntil === null)
    return `${since}; what was there before was not seen: if its TTL was not longer, the next phase or wave is safe from ${minute(from)}`;
  return from <= now
    ? `${since}; nothing older can be left since ${minute(from)}: the next phase or wave is safe`
    : `${since}; older answers live until then: the next phase or wave is safe from ${minute(from)}`;
}

/** The whole domain's: the latest of them; null while one of them can't be said. */
export function safeFromAll(waits: readonly Wait[]): number | null {
  const open = worstOf(waits.map(({ word }) => word)) !== "good";
  const times = waits.flatMap(({ safeFrom: time }) => (time === null ? [] : [time]));
  return open || times.length === 0 ? null : Math.max(...times);
}

export function waitFinding({ name, word, text }: Wait): Finding {
  return { check: "TTL", subject: name, word, internetNl: "not tested", text };
}

/** Rounded up, so that it is never too early. */
function minute(time: number): string {
  return `${new Date(Math.ceil(time / 60) * 60_000).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}
