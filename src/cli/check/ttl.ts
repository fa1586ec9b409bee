// From when the next phase of a change is safe: when the last answer that a resolver may still keep has run out.
import type { Step, View } from "./lookup";

/** A set of records, or that there is none. */
export interface Content {
  values: string[];
  /** Seconds that a resolver may keep the values, or that there are none. */
  ttl: number;
}

/** What the servers of a zone had when they were last looked at. Times are seconds since 1970. */
export interface Seen extends Content {
  /** What else some of them had, or one that was not heard may have. */
  others: Content[];
  /** Since when all servers are known to have it: the first time that it was seen so. Null while that is not so. */
  since: number | null;
  /** Until when a resolver may still keep something older; null where nothing older was seen. */
  oldUntil: number | null;
}

/** By name and type, such as `mx1.example.com AAAA`. */
export type State = Readonly<Record<string, Seen>>;

export interface Spread {
  /** All that servers have; more than one while they differ. */
  had: Content[];
  /** Whether every server was heard that may have something. */
  whole: boolean;
  /** Why it is not known that all have the same. */
  why: string;
}

/** A server that refuses has no old values to give; one that is silent may have. */
export function spreadOf({ views, why }: Step): Spread {
  const answers = views.filter(({ state }) => state === "answer");
  const heard = new Set(answers.map(({ name }) => name));
  const [silent] = views.filter(({ state, name }) => state !== "answer" && state !== "lame" && !heard.has(name));
  const had = distinct(answers.map(({ records: values, ttl }) => ({ values, ttl })));
  const [first] = answers;
  const other = answers.find((view) => first !== undefined && !isSame(contentOf(view), contentOf(first)));
  const whole = first !== undefined && silent === undefined;
  if (first === undefined) return { had, whole, why: why || "no server answers" };
  if (other !== undefined)
    return { had, whole, why: `${place(first)} has ${words(first)}, ${place(other)} has ${words(other)}` };
  return {
    had,
    whole,
    why: silent === undefined ? "" : silence(silent),
  };
}

/** What every server has; null while they differ or one is not known. */
export function allOf({ had, whole }: Spread): Content | null {
  return whole && had.length === 1 && had[0] !== undefined ? had[0] : null;
}

function contentOf({ records, ttl }: View): Content {
  return { values: records, ttl };
}

// The absence's time is the zone's, which a change of anything else may alter.
function isSame(one: Content, other: Content): boolean {
  if (one.values.length === 0 || one.ttl === other.ttl)
    return JSON.stringify(one.values) === JSON.stringify(other.values);
  return false;
}

/** Of several absences the one that is kept longest. */
function distinct(contents: readonly Content[]): Content[] {
  const kept: Content[] = [];
  for (const content of contents) {
    const at = kept.findIndex((known) => isSame(known, content));
    if (at < 0) kept.push(content);
    else if ((kept[at]?.ttl ?? 0) < content.ttl) kept[at] = content;
  }
  return kept;
}

function words({ records, ttl }: View): string {
  return records.length === 0 ? "none" : `${records.join(", ")} (TTL ${ttl})`;
}

function silence(view: View): string {
  const what =
    view.address === "" ? `nobody tells the address of ${view.name}, which` : `${place(view)} does not answer, and`;
  return `${what} may have something older`;
}

function place({ name, address }: View): string {
  return `${name} (${address})`;
}

/** What is remembered from now on, by what was seen before. */
export function remember(before: Seen | undefined, spread: Spread, now: number): Seen | undefined {
  const known = before === undefined ? [] : [{ values: before.values, ttl: before.ttl }, ...before.others];
  // What one had that is silent now it may still have.
  const [first, ...others] = distinct(spread.whole ? spread.had : [...spread.had, ...known]);
  if (first === undefined || spread.had.length === 0) return before;
  const ends = known.filter((content) => isGone(content, [first, ...others])).map(({ ttl }) => now + ttl);
  const older = [...(before?.oldUntil === null || before === undefined ? [] : [before.oldUntil]), ...ends];
  const unchanged = before !== undefined && before.others.length === 0 && isSame(before, first);
  const since = (unchanged ? before.since : null) ?? (spread.whole ? now : null);
  return {
    ...first,
    others,
    since: others.length === 0 ? since : null,
    oldUntil: older.length === 0 ? null : Math.max(...older),
  };
}

/** A shorter time of an absence leaves resolvers with the longer one. */
function isGone(content: Content, present: readonly Content[]): boolean {
  return !present.some((one) => isSame(one, content) && one.ttl >= content.ttl);
}

/**
 * When no resolver keeps anything older, or null where that can't be said. Where nothing older was seen it may have been
 * as it is now, or absent (`negative`), until all servers had the present values.
 */
export function safeFrom(seen: Seen | undefined, spread: Spread, now: number, negative: number): number | null {
  const all = allOf(spread);
  if (all === null) return null;
  return seen?.oldUntil ?? (seen?.since ?? now) + Math.max(all.ttl, negative);
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
  // Files of earlier versions have no others.
  const { since, oldUntil, others = [] } = value;
  if (!Array.isArray(others) || !isTimeOrNull(since) || !isTimeOrNull(oldUntil)) throw new StateError("it is damaged");
  return { ...contentIn(value), others: others.map(contentIn), since, oldUntil };
}

function contentIn(value: unknown): Content {
  if (!isObject(value)) throw new StateError("it is damaged");
  const { values, ttl } = value;
  if (!Array.isArray(values) || !values.every((text) => typeof text === "string") || !isTime(ttl))
    throw new StateError("it is damaged");
  return { values: values.map(String), ttl };
}

function isTimeOrNull(value: unknown): value is number | null {
  return value === null || isTime(value);
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
