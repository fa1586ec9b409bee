import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lastWord, parseSpf, readSpf, resultFor } from "../../../src/cli/check/spf.ts";
import { judgeSpf } from "../../../src/cli/check/texts.ts";
import { askIn, type Zone } from "./answers.ts";

async function judged(zone: Zone, addresses: string[] = []) {
  return judgeSpf("example.com", await readSpf("example.com", askIn(zone)), addresses);
}

const chain = (length: number): Zone =>
  Object.fromEntries([
    ["example.com TXT", ["v=spf1 include:s1.test -all"]],
    ...Array.from({ length }, (_, n): [string, string[]] => [
      `s${n + 1}.test TXT`,
      [n + 1 === length ? "v=spf1 ip4:192.0.2.0/24 -all" : `v=spf1 include:s${n + 2}.test -all`],
    ]),
  ]);

const word = fc.tuple(
  fc.constantFrom("", "-", "~", "?", "x"),
  fc.constantFrom("a", "mx", "ip4", "ip6", "include", "exists", "ptr", "all", "redirect=x.test"),
  fc.constantFrom("", ":", ":x.test", ":1.2.3.4", ":::1", ":2001:db8::", ":%{i}.x"),
  fc.constantFrom("", "/0", "/24", "/33", "//64", "//129", "/99999", "/x"),
);
const junk = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 60 }),
  fc.array(word).map((words) => words.map((parts) => parts.join("")).join(" ")),
);

describe("an SPF record", () => {
  it.each<[string, Zone, string, string, RegExp]>([
    [
      "that is strict",
      { "example.com TXT": ["v=spf1 ip4:192.0.2.10 -all", "other"] },
      "good",
      "passed",
      /^0 of 10 look-ups, 0 of 2 void; ends in -all$/,
    ],
    ["that is missing", {}, "failed", "failed", /^no record/],
    ["that nobody answers about", { "example.com TXT": null }, "not known", "not known", /no server/],
    [
      "that is there twice",
      { "example.com TXT": ["v=spf1 -all", "v=spf1 ~all"] },
      "failed",
      "failed",
      /has 2 SPF records/,
    ],
    ["that lets everybody send", { "example.com TXT": ["v=spf1 +all"] }, "failed", "failed", /lets everybody/],
    [
      "that lets everybody send by what it includes",
      { "example.com TXT": ["v=spf1 include:x.test -all"], "x.test TXT": ["v=spf1 +all"] },
      "failed",
      "failed",
      /^it lets everybody send over IPv4 and IPv6; /,
    ],
    [
      "that lets everybody send by the length of its networks",
      { "example.com TXT": ["v=spf1 ip4:0.0.0.0/1 ip4:128.0.0.0/1 ip6:2001:db8::/32 -all"] },
      "failed",
      "failed",
      /^it lets everybody send over IPv4; /,
    ],
    [
      "that lets much send, but not everybody",
      { "example.com TXT": ["v=spf1 ip4:10.0.0.0/8 ip4:192.0.0.0/3 ip6:2000::/4 -all"] },
      "good",
      "passed",
      /^0 of 10/,
    ],
    [
      "with an address written as what nobody knows",
      { "example.com TXT": ["v=spf1 ip4=192.0.2.1 -all"] },
      "warning",
      "passed",
      /^receivers pass over "ip4=192.0.2.1": write ip4:192.0.2.1; 0 of 10/,
    ],
    [
      "that forbids nobody",
      { "example.com TXT": ["v=spf1 mx"], "example.com MX": [] },
      "warning",
      "failed",
      /forbids nobody.*1 of 10 look-ups, 1 of 2 void/,
    ],
    [
      "with an unknown word",
      { "example.com TXT": ["v=spf1 ipv4:192.0.2.1 -all"] },
      "failed",
      "failed",
      /"ipv4:192.0.2.1" is no mechanism/,
    ],
    [
      "with a wrong address",
      { "example.com TXT": ["v=spf1 ip4:192.0.2.300 -all"] },
      "failed",
      "failed",
      /has a wrong one/,
    ],
    ["of ten look-ups", chain(10), "good", "passed", /^10 of 10 look-ups/],
    ["of eleven look-ups", chain(11), "failed", "failed", /^too many look-ups: .*; 11 of 10/],
    [
      "that includes itself",
      { "example.com TXT": ["v=spf1 include:example.com -all"] },
      "failed",
      "failed",
      /too many look-ups/,
    ],
    [
      "that includes nothing",
      { "example.com TXT": ["v=spf1 include:gone.test -all"] },
      "failed",
      "failed",
      /gone.test has no SPF record/,
    ],
    [
      "with three void look-ups",
      { "example.com TXT": ["v=spf1 a:a.test a:b.test a:c.test -all"] },
      "failed",
      "failed",
      /find nothing: .*; 3 of 10 look-ups, 3 of 2 void/,
    ],
    [
      "whose names have no IPv6 address, which is void to a client of that",
      {
        "example.com TXT": ["v=spf1 a:a.test a:b.test mx -all"],
        "a.test A": ["192.0.2.1"],
        "b.test A": ["192.0.2.2"],
        "example.com MX": ["10 a.test.", "20 b.test."],
      },
      "warning",
      "passed",
      /^too many look-ups find nothing for a client with IPv6: .*; 3 of 10 look-ups, 0 of 2 void, 3 over IPv6; ends/,
    ],
    [
      "whose names have addresses of one kind or the other",
      {
        "example.com TXT": ["v=spf1 a:a.test a:b.test mx -all"],
        "a.test A": ["192.0.2.1"],
        "b.test AAAA": ["2001:db8::2"],
        "example.com MX": ["10 a.test.", "20 b.test."],
      },
      "good",
      "passed",
      /^3 of 10 look-ups, 1 of 2 void; ends/,
    ],
    [
      "that goes on at two places",
      {
        "example.com TXT": ["v=spf1 redirect=x.test Redirect=y.test"],
        "x.test TXT": ["v=spf1 -all"],
        "y.test TXT": ["v=spf1 -all"],
      },
      "failed",
      "failed",
      /^example.com: redirect= stands there more than once/,
    ],
    [
      "with two explanations, behind what is never reached too",
      { "example.com TXT": ["v=spf1 -all exp=x.test exp=y.test"] },
      "failed",
      "failed",
      /^example.com: exp= stands there more than once/,
    ],
    [
      "that goes on nowhere",
      { "example.com TXT": ["v=spf1 mx redirect="], "example.com MX": ["10 mx.test."], "mx.test A": ["192.0.2.1"] },
      "failed",
      "failed",
      /^example.com: redirect= lacks its value/,
    ],
    ["with a word for others", { "example.com TXT": ["v=spf1 x-mark=1 x-mark=2 -all"] }, "good", "passed", /^0 of 10/],
    [
      "whose include can't be asked",
      { "example.com TXT": ["v=spf1 include:x.test -all"], "x.test TXT": null },
      "not known",
      "passed",
      /no server of the zone of x.test/,
    ],
    [
      "that goes on elsewhere",
      { "example.com TXT": ["v=spf1 redirect=x.test"], "x.test TXT": ["v=spf1 ~all"] },
      "good",
      "passed",
      /^1 of 10 look-ups.*ends in ~all/,
    ],
  ])("%s", async (_, zone, word, internetNl, text) => {
    expect(await judged(zone)).toMatchObject({ word, internetNl, text: expect.stringMatching(text) });
  });

  it("warns of an IPv6 address that may not send beside an IPv4 address that may", async () => {
    const zone = { "example.com TXT": ["v=spf1 ip4:192.0.2.0/24 ip6:2001:db8:1::/48 -all"] };
    expect((await judged(zone, ["192.0.2.1", "2001:db8:2::1"])).text).toMatch(
      /^2001:db8:2::1 may not send.*add ip6:2001:db8:2::1/,
    );
    expect((await judged(zone, ["192.0.2.1", "2001:db8:1::1"])).word).toBe("good");
    // Where no mail host sends at all, nothing is missing.
    expect((await judged(zone, ["198.51.100.1", "2001:db8:2::1"])).word).toBe("good");
  });

  it("is evaluated in order, through includes, a and mx", async () => {
    const zone: Zone = {
      "example.com TXT": ["v=spf1 -ip4:192.0.2.66 mx/24 a:web.test//64 include:p.test ?exists:%{i}.x.test ~all"],
      "example.com MX": ["10 mx.example.com."],
      "mx.example.com A": ["192.0.2.10"],
      "web.test AAAA": ["2001:db8::7"],
      "p.test TXT": ["v=spf1 ip4:198.51.100.0/25 -all"],
    };
    const { root, lookups, voids } = await readSpf("example.com", askIn(zone));
    expect({ lookups, voids }).toEqual({ lookups: 4, voids: { IPv4: 1, IPv6: 1 } });
    if (root === null) throw new Error("no record");
    const results = ["192.0.2.66", "192.0.2.99", "2001:db8::99", "198.51.100.9", "198.51.100.200"].map((address) =>
      resultFor(root, address),
    );
    expect(results).toEqual(["fail", "pass", "pass", "pass", "unknown"]);
    expect(lastWord(root)).toBe("~");
  });

  it("is read whatever it is, and an address that stands in it passes", async () => {
    await fc.assert(
      fc.asyncProperty(junk, fc.ipV4(), fc.ipV6(), async (odd, four, six) => {
        expect(() => parseSpf(`v=spf1 ${odd}`)).not.toThrow();
        const { root } = await readSpf(
          "example.com",
          askIn({ "example.com TXT": [`v=spf1 ip4:${four} ip6:${six} -all`] }),
        );
        if (root === null) throw new Error("no record");
        expect([resultFor(root, four), resultFor(root, six)]).toEqual(["pass", "pass"]);
        const other = await readSpf("example.com", askIn({ "example.com TXT": [`v=spf1 ${odd}`], "x.test A": [four] }));
        if (other.root !== null) expect(resultFor(other.root, six)).toMatch(/^[a-z]+$/);
      }),
    );
  });
});
