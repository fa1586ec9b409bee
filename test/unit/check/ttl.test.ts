import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  parseState,
  remember,
  type Seen,
  type Spread,
  safeFrom,
  spreadOf,
  stateText,
} from "../../../src/cli/check/ttl.ts";
import { waitsOf } from "../../../src/cli/check/wait.ts";
import { lookup, view } from "./answers.ts";

const name = "mx1.example.com";
const two = (first: ReturnType<typeof view>, second: Partial<ReturnType<typeof view>>) =>
  lookup(name, "AAAA", first.records, {
    views: [first, { ...first, name: "ns2.example.net", address: "192.0.2.54", ...second }],
  });
const negative = new Map([[name, 900]]);
const aaaa = ["2001:db8::10"];

describe("a change", () => {
  it("counts from when every server has it, by what was there before", () => {
    const absent = two(view([], { ttl: 900 }), {});
    const first = waitsOf([absent], negative, {}, 1_000);
    expect(first.each[0]).toMatchObject({
      safeFrom: null,
      text: expect.stringContaining("15 minutes after all servers have it"),
    });
    // One server has the new record, the other not yet.
    const half = two(view(aaaa), { records: [], ttl: 900 });
    const second = waitsOf([half], negative, first.seen, 2_000);
    expect(second.each[0]).toMatchObject({
      word: "warning",
      safeFrom: null,
      text: expect.stringMatching(/^not yet: ns1.* has 2001:db8::10 \(TTL 300\), ns2.* has none/),
    });
    const third = waitsOf([two(view(aaaa), {})], negative, second.seen, 3_000);
    expect(third.each[0]).toMatchObject({ word: "good", safeFrom: 3_900, exact: true });
    expect(third.seen["mx1.example.com AAAA"]?.since).toBe(3_000);
    // Time goes on, and it stays as it is.
    const last = waitsOf([two(view(aaaa), {})], negative, third.seen, 9_000);
    expect(last.each[0]).toMatchObject({ safeFrom: 3_900, text: expect.stringContaining("nothing older can be left") });
  });

  it("of the TTL alone waits for the old one", () => {
    const long = waitsOf([two(view(aaaa, { ttl: 86_400 }), {})], negative, {}, 1_000);
    expect(long.each[0]).toMatchObject({
      safeFrom: 87_400,
      text: expect.stringMatching(/if all servers have it only since now/),
    });
    const short = waitsOf([two(view(aaaa), {})], negative, long.seen, 5_000);
    expect(short.each[0]?.safeFrom).toBe(91_400);
  });

  it("is not known while a server is silent that may have something older; one that is lame has nothing", () => {
    expect(spreadOf(two(view(aaaa), { state: "silent" }))).toMatchObject({
      all: null,
      why: expect.stringContaining("ns2"),
    });
    expect(waitsOf([two(view(aaaa), { state: "silent" })], negative, {}, 1).each[0]?.word).toBe("not known");
    expect(spreadOf(two(view(aaaa), { state: "lame" })).all).toEqual({ values: aaaa, ttl: 300 });
    // The same server was heard at its other address.
    expect(spreadOf(two(view(aaaa), { state: "silent", name: "ns1.example.net" })).all).not.toBeNull();
  });

  it("is never safe before the last old answer has run out, however often it changes", () => {
    const content = fc.record({ values: fc.subarray(["a", "b"]), ttl: fc.integer({ min: 1, max: 90_000 }) });
    const step = fc.record({ all: fc.option(content), wait: fc.integer({ min: 1, max: 50_000 }) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1 }), (steps) => {
        let [seen, now, latest]: [Seen | undefined, number, number] = [undefined, 0, 0];
        for (const { all, wait } of steps) {
          now += wait;
          const spread: Spread = { all, why: "" };
          const before: Seen | undefined = seen;
          seen = remember(before, spread, now);
          if (before !== undefined && seen !== undefined && seen.since === now)
            latest = Math.max(latest, now + before.ttl);
          if (all === null) expect(safeFrom(seen, spread, now, 0)).toBeNull();
          else expect(safeFrom(seen, spread, now, 0)).toBeGreaterThanOrEqual(latest);
        }
      }),
    );
  });
});

describe("what is remembered", () => {
  it("comes back as it was", () => {
    const seen = {
      "mx1.example.com AAAA": { values: aaaa, ttl: 300, since: 5, oldUntil: null },
      "a.test MX": { values: [], ttl: 1, since: 2, oldUntil: 3 },
    };
    expect(parseState(stateText(seen))).toEqual(seen);
  });

  it.each([
    "",
    "[]",
    "{}",
    '{"format":2,"seen":{}}',
    '{"format":1,"seen":{"a":{"values":[1],"ttl":1,"since":1,"oldUntil":null}}}',
    '{"format":1,"seen":{"a":{"values":[],"ttl":-1,"since":1,"oldUntil":null}}}',
  ])("%j is refused", (text) => {
    expect(() => parseState(text)).toThrow();
  });
});
