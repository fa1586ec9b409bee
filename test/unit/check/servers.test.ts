// What is made of name servers' answers: each judge by itself, no network.
import { describe, expect, it } from "vitest";
import { isSecure, judgeAgreement, judgeDnssec, judgeServers, type ZoneSeen } from "../../../src/cli/check/servers.ts";
import type { Message } from "../../../src/cli/check/wire.ts";
import { lookup, view } from "./answers.ts";

const soa = "ns1.example.net. hostmaster.example.net. 7 3600 900 604800 300";
const ns = (name: string, address: string, more = {}) => view([soa], { name, address, ...more });
const message = (code: string, authentic = false): Message => ({
  code,
  authentic,
  authoritative: false,
  truncated: false,
  answers: [],
  authorities: [],
});
const four = [
  ns("ns1.test", "192.0.2.1"),
  ns("ns1.test", "2001:db8::1"),
  ns("ns2.test", "192.0.2.2"),
  ns("ns2.test", "2001:db8::2"),
];

function zone(views = four, more: Partial<ZoneSeen> = {}): ZoneSeen {
  const servers = views.map(({ name, address }) => ({ name, address }));
  return {
    zone: {
      name: "example.com",
      names: [...new Set(views.map(({ name }) => name))],
      servers,
      addressless: [],
      untold: [],
    },
    views,
    ds: lookup("example.com", "DS", []),
    checked: message("NOERROR"),
    unchecked: message("NOERROR"),
    verifies: false,
    ...more,
  };
}

describe("name servers", () => {
  const last = (more: object) => [...four.slice(0, 3), ns("ns2.test", "2001:db8::2", more)];
  it.each<[string, ZoneSeen, string, string, RegExp]>([
    ["that all answer", zone(), "good", "passed", /^4 of 4 addresses of 2 servers answer, serial 7$/],
    [
      "one of them lame",
      zone(last({ state: "lame", code: "REFUSED", records: [] })),
      "failed",
      "failed",
      /^ns2.test \(2001:db8::2\) is lame: it answers REFUSED/,
    ],
    [
      "one of them silent",
      zone(last({ state: "silent", records: [] })),
      "not known",
      "not known",
      /^ns2.test \(2001:db8::2\) does not answer/,
    ],
    [
      "one of them closed",
      zone(last({ state: "refused", records: [] })),
      "failed",
      "failed",
      /no name server listens there/,
    ],
    [
      "without IPv6 here",
      zone(last({ state: "noRoute", records: [] })),
      "not known",
      "not known",
      /this machine has no IPv6/,
    ],
    [
      "with two serials",
      zone(last({ records: [soa.replace(" 7 ", " 8 ")] })),
      "warning",
      "passed",
      /^serial numbers differ \(7, 8\)/,
    ],
    ["of IPv4 only", zone([four[0] ?? ns("a", "b"), four[2] ?? ns("a", "b")]), "good", "failed", /2 of 2/],
    ["of a kind", zone(four.slice(0, 2)), "warning", "failed", /ns1.test is the only name server/],
    ["of no address", zone([]), "not known", "failed", /no address/],
  ])("%s", (_, seen, word, internetNl, text) => {
    expect(judgeServers(seen, true)).toMatchObject({ word, internetNl, text: expect.stringMatching(text) });
    expect(judgeServers(seen, false).internetNl).toBe("not tested");
  });

  it("that differ are named with what each has", () => {
    const views = [view(["192.0.2.1"]), view([], { name: "ns2.test", address: "2001:db8::2", exists: false })];
    const [found, ...more] = judgeAgreement([lookup("mx1.example.com", "A", ["192.0.2.1"], { views })], "example.com");
    expect(found?.text).toBe(
      "servers of example.com differ: 192.0.2.1 at ns1.example.net (192.0.2.53), no such name at ns2.test (2001:db8::2)",
    );
    expect(more).toEqual([]);
    expect(
      judgeAgreement(
        [lookup("a", "A", ["192.0.2.1"], { views: [view(["192.0.2.1"]), view([], { state: "silent" })] })],
        "example.com",
      ),
    ).toEqual([]);
  });
});

describe("DNSSEC", () => {
  const signed = four.map((of) => ({ ...of, signed: true }));
  const ds = lookup("example.com", "DS", ["1 13 2 ab"]);
  it.each<[string, ZoneSeen, string, string]>([
    ["none", zone(), "none", "failed"],
    ["verified", zone(signed, { ds, checked: message("NOERROR", true), verifies: true }), "good", "passed"],
    ["signatures below a zone without", zone(signed, { ds, verifies: true }), "warning", "failed"],
    ["not verified here", zone(signed, { ds }), "good", "passed"],
    ["signatures that nobody is told of", zone(signed), "warning", "failed"],
    ["one server without signatures", zone([...signed.slice(1), ...four.slice(0, 1)], { ds }), "failed", "failed"],
    ["wrong signatures", zone(signed, { ds, checked: message("SERVFAIL") }), "failed", "failed"],
    [
      "a resolver in trouble",
      zone(signed, { ds, checked: message("SERVFAIL"), unchecked: message("SERVFAIL") }),
      "not known",
      "not known",
    ],
    [
      "a DS record that can't be asked for",
      zone(signed, { ds: lookup("example.com", "DS", null) }),
      "not known",
      "not known",
    ],
  ])("%s", (_, seen, word, internetNl) => {
    expect(judgeDnssec(seen)).toMatchObject({ word, internetNl });
    // Only what is right is believed, and what is not known is not called wrong.
    expect(isSecure(seen)).toBe(word === "not known" ? null : word === "good");
  });
});
