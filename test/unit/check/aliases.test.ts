// Names that stand for others, and look-ups in zones of others: each step is its own zone's.
import type { Answer } from "dns-packet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mailDomain, mailServer, type Names, type Odd, soa, World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

const host = "mx1.d.test";
const target = "mx1.e.test";
const alias = (ttl = 300, data = target): Answer => ({ type: "CNAME", name: host, ttl, data });
const address = (name: string, data = mailServer): Answer => ({ type: "A", name, ttl: 300, data });

/** The mail host's name stands for one of another zone. */
function aliased(ttl?: number): Names {
  const { zones, records } = mailDomain("d.test", alias(ttl), address(target));
  const servers = ["ns1", "ns2"].map(
    (label): Answer => ({ type: "NS", name: "e.test", ttl: 300, data: `${label}.d.test` }),
  );
  const own = records.filter(({ name, type }) => name !== host || type !== "A");
  return { zones: [...zones, "e.test"], records: [...own, ...servers] };
}

/** What the second name server says of a name, as no resolver. */
function secondSays(of: string, answers: Answer[]): Odd {
  return ({ at, name, type, recursive }) =>
    at === "127.0.0.2" && !recursive && name === of && (type === "A" || type === "PTR") ? answers : undefined;
}

describe("servers that differ are those of the zone", () => {
  const cases: [string, Names, Odd, string, string, string][] = [
    [
      "of an address",
      mailDomain("d.test"),
      secondSays("9.0.0.127.in-addr.arpa", []),
      "9.0.0.127.in-addr.arpa PTR",
      "failed",
      "servers of 127.in-addr.arpa differ: mx1.d.test. at ns1.d.test (127.0.0.1), none at ns2.d.test (127.0.0.2)",
    ],
    [
      "to which an alias leads",
      aliased(),
      secondSays(target, [address(target, "127.0.0.10")]),
      `${target} A`,
      // Great providers give out their addresses in turn.
      "warning",
      "servers of e.test differ, as some of others do on purpose: 127.0.0.9 at ns1.d.test (127.0.0.1), 127.0.0.10 at ns2.d.test (127.0.0.2)",
    ],
    [
      "of the alias",
      aliased(),
      secondSays(host, [address(host)]),
      `${host} A`,
      "failed",
      `servers of d.test differ: CNAME to ${target} at ns1.d.test (127.0.0.1), 127.0.0.9 at ns2.d.test (127.0.0.2)`,
    ],
  ];
  it.each(cases)("%s", async (_, names, odd, subject, word, text) => {
    const { findings } = await world.check("d.test", { ...names, odd });
    expect(findings.filter(({ check }) => check === "agreement")).toMatchObject([{ subject, word, text }]);
  });
});

describe("the time from which the next phase is safe", () => {
  it("counts for an alias, and for what it leads to, each with its own TTL and zone", async () => {
    const names = aliased(7_200);
    const minimum: Odd = ({ name, type }) => (name === "e.test" && type === "SOA" ? [soa("e.test", 900)] : undefined);
    const { waits, safeFrom, findings } = await world.check("d.test", { ...names, odd: minimum });
    const times = waits.map(({ name, safeFrom: time }) => [name, time]);
    expect(times).toEqual([
      ["d.test MX", 1_300],
      [`${host} A`, 8_200],
      [`${target} A`, 1_900],
      [`${host} AAAA`, 8_200],
      [`${target} AAAA`, null],
    ]);
    expect(safeFrom).toBe(8_200);
    expect(findings.find(({ check }) => check === "A")?.text).toBe(
      "127.0.0.9, TTL 300; after a change old answers live for up to 2 hours: lower the TTL first (ttlPhase)",
    );
  });

  it("is not said while servers differ on an alias", async () => {
    const odd = secondSays(host, [alias(300, "other.e.test")]);
    const { waits, safeFrom } = await world.check("d.test", { ...aliased(), odd });
    expect(waits.find(({ name }) => name === `${host} A`)).toMatchObject({
      word: "warning",
      text: "not yet: ns1.d.test (127.0.0.1) has mx1.e.test. (TTL 300), ns2.d.test (127.0.0.2) has other.e.test. (TTL 300)",
    });
    expect(safeFrom).toBeNull();
  });

  it("is said once for a host to which two names lead", async () => {
    const { zones, records } = aliased();
    const other: Answer = { type: "MX", name: "d.test", ttl: 300, data: { preference: 20, exchange: target } };
    const { waits } = await world.check("d.test", { zones, records: [...records, other] });
    expect(waits.filter(({ name }) => name === `${target} A`)).toHaveLength(1);
  });
});
