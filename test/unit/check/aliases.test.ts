// Names that stand for others, and look-ups in zones of others: each step is its own zone's.
import type { Answer } from "dns-packet";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { mailDomain, mailServer, type Names, type Odd, World } from "./world.ts";

let world: World;
beforeAll(async () => {
  world = await World.open();
});
afterAll(() => world.close());

const host = "mx1.d.test";
const target = "mx1.e.test";
const alias = (ttl = 300): Answer => ({ type: "CNAME", name: host, ttl, data: target });
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
  const cases: [string, Names, Odd, string, string][] = [
    [
      "of an address",
      mailDomain("d.test"),
      secondSays("9.0.0.127.in-addr.arpa", []),
      "9.0.0.127.in-addr.arpa PTR",
      "servers of 127.in-addr.arpa differ: mx1.d.test. at ns1.d.test (127.0.0.1), none at ns2.d.test (127.0.0.2)",
    ],
    [
      "to which an alias leads",
      aliased(),
      secondSays(target, [address(target, "127.0.0.10")]),
      `${target} A`,
      "servers of e.test differ: 127.0.0.9 at ns1.d.test (127.0.0.1), 127.0.0.10 at ns2.d.test (127.0.0.2)",
    ],
    [
      "of the alias",
      aliased(),
      secondSays(host, [address(host)]),
      `${host} A`,
      `servers of d.test differ: CNAME to ${target} at ns1.d.test (127.0.0.1), 127.0.0.9 at ns2.d.test (127.0.0.2)`,
    ],
  ];
  it.each(cases)("%s", async (_, names, odd, subject, text) => {
    const { findings } = await world.check("d.test", { ...names, odd });
    expect(findings.filter(({ check }) => check === "agreement")).toMatchObject([{ subject, text }]);
  });
});
