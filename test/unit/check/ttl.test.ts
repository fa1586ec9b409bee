import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { allOf, parseState, type State, spreadOf, stateText } from "../../../src/cli/check/ttl.ts";
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
      whole: false,
      why: expect.stringContaining("ns2"),
    });
    expect(waitsOf([two(view(aaaa), { state: "silent" })], negative, {}, 1).each[0]?.word).toBe("not known");
    expect(allOf(spreadOf(two(view(aaaa), { state: "lame" })))).toEqual({ values: aaaa, ttl: 300 });
    // The same server was heard at its other address.
    expect(allOf(spreadOf(two(view(aaaa), { state: "silent", name: "ns1.example.net" })))).not.toBeNull();
  });

  it("of how long an absence is kept waits for the longer time", () => {
    const long = waitsOf([two(view([], { ttl: 86_400 }), {})], negative, {}, 1_000);
    // One server has the new time, and then both.
    const half = waitsOf([two(view([], { ttl: 300 }), { ttl: 86_400 })], negative, long.seen, 1_500);
    const short = waitsOf([two(view([], { ttl: 300 }), {})], negative, half.seen, 1_600);
    expect(short.each[0]).toMatchObject({ safeFrom: 88_000, text: expect.stringMatching(/^none, TTL 300; /) });
    const published = waitsOf([two(view(aaaa), {})], negative, short.seen, 2_000);
    expect(published.each[0]).toMatchObject({ safeFrom: 88_000, exact: true });
  });

  it("that is taken back before all servers had it waits for what was seen of it, from when it is gone", () => {
    const absent = two(view([], { ttl: 300 }), {});
    const half = two(view(aaaa, { ttl: 86_400 }), { records: [], ttl: 300 });
    const before = waitsOf([absent], negative, {}, 1_000);
    const partly = waitsOf([half], negative, before.seen, 2_000);
    const back = waitsOf([absent], negative, partly.seen, 2_100);
    expect(back.each[0]).toMatchObject({ word: "good", safeFrom: 88_500, exact: true });
    // Where that was the first that was seen, too.
    const first = waitsOf([half], negative, {}, 2_000);
    expect(waitsOf([absent], negative, parseState(stateText(first.seen)), 2_100).each[0]?.safeFrom).toBe(88_500);
    // The new value's own TTL is nothing to wait for.
    expect(waitsOf([two(view(aaaa, { ttl: 86_400 }), {})], negative, partly.seen, 2_100).each[0]?.safeFrom).toBe(2_400);
  });

  it("that a silent server may have is not gone, and its silence changes nothing of what all had", () => {
    const all = waitsOf([two(view(aaaa), {})], negative, {}, 1_000);
    const silent = waitsOf([two(view(aaaa), { state: "silent", records: [] })], negative, all.seen, 2_000);
    expect(silent.seen).toEqual(all.seen);
    const changed = waitsOf([two(view([], { ttl: 60 }), { state: "silent", records: [] })], negative, all.seen, 2_000);
    expect(changed.each[0]).toMatchObject({ word: "not known", safeFrom: null });
    const gone = waitsOf([two(view([], { ttl: 60 }), {})], negative, changed.seen, 3_000);
    expect(gone.each[0]?.safeFrom).toBe(3_300);
  });

  it("is never safe before the last old answer has run out, however often and on however few servers it changes", () => {
    const content = fc.record({
      values: fc.subarray(["2001:db8::a", "2001:db8::b"]),
      ttl: fc.constantFrom(60, 300, 3_600, 86_400),
    });
    const server = fc.record({ change: fc.option(content), silent: fc.boolean() });
    const step = fc.record({ servers: fc.tuple(server, server), wait: fc.integer({ min: 1, max: 50_000 }) });
    fc.assert(
      fc.property(content, fc.array(step, { minLength: 1, maxLength: 12 }), (begin, steps) => {
        let [seen, now]: [State, number] = [{}, 0];
        const has = [begin, begin];
        const observed = [false, false];
        // What resolvers may keep of what servers were seen to have, and until when.
        const left: { content: typeof begin; until: number }[] = [];
        for (const { servers, wait } of steps) {
          servers.forEach(({ change, silent }, at) => {
            const old = has[at];
            // One that is silent keeps what it has, for otherwise nobody could know of it; the others change just before the look.
            if (silent || change === null || old === undefined) return;
            if (observed[at]) left.push({ content: old, until: now + wait + old.ttl });
            has[at] = change;
          });
          now += wait;
          const views = servers.map(({ silent }, at) => {
            if (!silent) observed[at] = true;
            const { values: records, ttl } = has[at] ?? begin;
            const place = { name: `ns${at}.example.net`, address: `192.0.2.${at}` };
            return silent ? view([], { ...place, state: "silent" }) : view(records, { ...place, ttl });
          });
          const { each, seen: next } = waitsOf([lookup(name, "AAAA", [], { views })], new Map(), seen, now);
          seen = next;
          const [one, other] = has;
          const same =
            String(one?.values) === String(other?.values) && (one?.ttl === other?.ttl || one?.values.length === 0);
          if (servers.some(({ silent }) => silent) || !same) {
            expect(each[0]?.safeFrom).toBeNull();
            continue;
          }
          const present = Math.max(one?.ttl ?? 0, other?.ttl ?? 0);
          const older = left.filter(
            ({ content: { values, ttl } }) =>
              String(values) !== String(one?.values) || (values.length === 0 ? ttl > present : ttl !== present),
          );
          const latest = Math.max(0, ...older.map(({ until }) => until));
          expect(each[0]?.safeFrom ?? 0).toBeGreaterThanOrEqual(latest);
        }
      }),
    );
  });
});

describe("what is remembered", () => {
  it("comes back as it was, also what the first version wrote", () => {
    const seen = {
      "mx1.example.com AAAA": { values: aaaa, ttl: 300, others: [{ values: [], ttl: 9 }], since: null, oldUntil: null },
      "a.test MX": { values: [], ttl: 1, others: [], since: 2, oldUntil: 3 },
    };
    expect(parseState(stateText(seen))).toEqual(seen);
    const { others: _, ...first } = seen["a.test MX"];
    expect(parseState(JSON.stringify({ format: 1, seen: { "a.test MX": first } }))).toEqual({
      "a.test MX": seen["a.test MX"],
    });
  });

  it.each([
    "",
    "[]",
    "{}",
    '{"format":2,"seen":{}}',
    '{"format":1,"seen":{"a":{"values":[1],"ttl":1,"since":1,"oldUntil":null}}}',
    '{"format":1,"seen":{"a":{"values":[],"ttl":-1,"since":1,"oldUntil":null}}}',
    '{"format":1,"seen":{"a":{"values":[],"ttl":1,"since":1,"oldUntil":null,"others":[{"values":[]}]}}}',
  ])("%j is refused", (text) => {
    expect(() => parseState(text)).toThrow();
  });
});
