// From when the next phase of a change is safe: when the last answer that a resolver may still keep has run out.
import type { Lookup, View } from "./lookup";

/** What every server of a zone had when it was last looked at. Times are seconds since 1970. */
export interface Seen {
  values: string[];
  /** Seconds that a resolver may keep the values, or that there are none. */
  ttl: number;
  /** Since when all servers are known to have it; the first time that it was seen so. */
  since: number;
  /** Until when a resolver may still keep something older; null where nothing older was seen. */
  oldUntil: number | null;
}

/** By name and type, such as `mx1.example.com AAAA`. */
export type State = Readonly<Record<string, Seen>>;

export interface Spread {
  /** What every server has; null while they differ or one is not known. */
  all: { values: string[]; ttl: number } | null;
  /** Why it is null. */
  why: string;
}

/** A server that refuses has no old values to give; one that is silent may have. */
export function spreadOf({ views, why }: Lookup): Spread {
  const answers = views.filter(({ state }) => state === "answer");
  const heard = new Set(answers.map(({ name }) => name));
  const silent = views.filter(({ state, name }) => state !== "answer" && state !== "lame" && !heard.has(name));
  const [first] = answers;
  if (first === undefined) return { all: null, why: why || "no server answers" };
  const others = answers.filter((view) => key(view) !== key(first));
  if (others.length > 0)
    return {
      all: null,
      why: `${place(first)} has ${words(first)}, ${place(others[0] ?? first)} has ${words(others[0] ?? first)}`,
    };
  if (silent[0] !== undefined)
    return { all: null, why: `${place(silent[0])} does not answer, and may have something older` };
  return { all: { values: first.records, ttl: first.ttl }, why: "" };
}

// The absence's time is the zone's, which a change of anything else may alter.
function key({ records, ttl }: View): string {
  return JSON.stringify(records.length > 0 ? [records, ttl] : []);
}

function words({ records, ttl }: View): string {
  return records.length === 0 ? "none" : `${records.join(", ")} (TTL ${ttl})`;
}

function place({ name, address }: View): string {
  return `${name} (${address})`;
}

/** What is remembered from now on, by what was seen before. */
export function remember(before: Seen | undefined, spread: Spread, now: number): Seen | undefined {
  const { all } = spread;
  if (all === null) return before;
  if (before === undefined) return { ...all, since: now, oldUntil: null };
  const same =
    JSON.stringify(before.values) === JSON.stringify(all.values) && (before.ttl === all.ttl || all.values.length === 0);
  if (same) return { ...before, ttl: all.ttl };
  return { ...all, since: now, oldUntil: Math.max(before.oldUntil ?? 0, now + before.ttl) };
}

/**
 * When no resolver keeps anything older, or null where that can't be said. Where nothing older was seen it may have been
 * as it is now, or absent (`negative`), until all servers had the present values.
 */
export function safeFrom(seen: Seen | undefined, spread: Spread, now: number, negative: number): number | null {
  if (spread.all === null) return null;
  const { since, ttl, oldUntil } = seen ?? { ...spread.all, since: now, oldUntil: null };
  return oldUntil ?? since + Math.max(ttl, negative);
}

export class StateError extends Error {}

export function parseState(text: string): State {
  const parsed: unknown = JSON.parse(text);
  if (!isObject(parsed) || parsed.format !== 1 || !isObject(parsed.seen))
    throw new StateError("it is not one that mailhost check wrote");
  return Object.fromEntries(Object.entries(parsed.seen).map(([name, seen]): [string, Seen] => [name, seenOf(seen)]));
}

function seenOf(value: unknown): Seen {
  if (!isObject(value)) throw new StateError("it is damaged");
  const { values, ttl, since, oldUntil } = value;
  const whole =
    Array.isArray(values) && values.every((text) => typeof text === "string") && isTime(ttl) && isTime(since);
  if (!whole || !(oldUntil === null || isTime(oldUntil))) throw new StateError("it is damaged");
  return { values: values.map(String), ttl, since, oldUntil };
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function isObject(value: unknown): value is { [name: string]: unknown } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function stateText(state: State): string {
  const sorted = Object.fromEntries(Object.entries(state).sort(([a], [b]) => (a < b ? -1 : 1)));
  return `${JSON.stringify({ format: 1, seen: sorted }, null, 2)}\n`;
}
