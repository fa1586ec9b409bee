// What is made of hosts' answers: each judge by itself, no network.
import { describe, expect, it } from "vitest";
import { exitStatus, finding, type worstOf } from "../../../src/cli/check/finding.ts";
import { hostNames, judgeAddresses, judgeForward, judgeMx, judgePointer } from "../../../src/cli/check/hosts.ts";
import { judgeSessions } from "../../../src/cli/check/mail.ts";
import type { Session } from "../../../src/cli/check/smtp.ts";
import { lookup } from "./answers.ts";

const host = (name: string, ipv4: string[] | null, ipv6: string[] | null) => ({
  name,
  ipv4: lookup(name, "A", ipv4),
  ipv6: lookup(name, "AAAA", ipv6),
});

describe("MX", () => {
  it.each<[string, string[] | null, string, RegExp, string[]]>([
    [
      "of two hosts",
      ["20 b.example.com.", "10 a.example.com."],
      "good",
      /^10 a.example.com and 20 b.example.com, TTL 300$/,
      ["a.example.com", "b.example.com"],
    ],
    ["of none", [], "warning", /no MX record: senders go to the domain's own address/, ["example.com"]],
    ["that takes no mail", ["0 ."], "good", /null MX/, []],
    ["that takes none and some", ["0 .", "10 a.example.com."], "failed", /must stand alone/, ["a.example.com"]],
    ["to an address", ["10 192.0.2.10."], "failed", /192.0.2.10 is no host name/, []],
    ["that nobody answers about", null, "not known", /no server/, []],
  ])("%s", (_, records, word, text, names) => {
    const mx = lookup("example.com", "MX", records);
    expect(judgeMx("example.com", mx, [])).toMatchObject({ word, text: expect.stringMatching(text) });
    expect(hostNames("example.com", mx)).toEqual(names);
  });

  it("to a CNAME, or to a name without an address, fails", () => {
    const mx = lookup("example.com", "MX", ["10 a.example.com."]);
    const alias = {
      ...host("a.example.com", ["192.0.2.1"], []),
      ipv4: lookup("a.example.com", "A", ["192.0.2.1"], { aliases: ["b.example.com"] }),
    };
    expect(judgeMx("example.com", mx, [alias]).text).toMatch(/^a.example.com is a CNAME to b.example.com/);
    expect(judgeMx("example.com", mx, [host("a.example.com", [], [])]).text).toMatch(/^a.example.com has no address/);
    // One of them is not known: then nothing is said of the host.
    expect(judgeMx("example.com", mx, [host("a.example.com", [], null)]).word).toBe("good");
  });

  it("with a long TTL says how long old answers live", () => {
    expect(
      judgeMx("example.com", lookup("example.com", "MX", ["10 a.example.com."], { ttl: 86_400 }), []).text,
    ).toContain("old answers live for up to 1 day");
  });
});

describe("addresses", () => {
  it.each<["A" | "AAAA", string[] | null, boolean, string, string]>([
    ["A", ["9.9.9.9"], false, "good", "not tested"],
    ["AAAA", ["2620:fe::9"], false, "good", "passed"],
    ["AAAA", [], false, "none", "failed"],
    ["AAAA", null, false, "not known", "not known"],
    ["A", ["10.0.0.1"], false, "failed", "not tested"],
    ["A", ["10.0.0.1"], true, "good", "not tested"],
    ["AAAA", ["::ffff:192.0.2.1"], true, "failed", "passed"],
  ])("%s %j", (type, records, allowed, word, internetNl) => {
    expect(judgeAddresses("mx", lookup("mx", type, records), allowed)).toMatchObject({ word, internetNl });
  });
});

describe("reverse names", () => {
  it("that are missing are named in full, with what it costs over IPv6", () => {
    const six = judgePointer("2001:db8::10", "mx1.example.com", lookup("x", "PTR", []));
    expect(six.word).toBe("failed");
    expect(six.text).toMatch(/^no record at 0\.1\.(0\.){22}8\.b\.d\.0\.1\.0\.0\.2\.ip6\.arpa; mail .* Gmail/);
    expect(judgePointer("192.0.2.10", "mx1.example.com", lookup("x", "PTR", [])).text).toBe(
      "no record at 10.2.0.192.in-addr.arpa",
    );
  });

  it("of another name are fine if they lead back; one that is not known is not absent", () => {
    const pointer = lookup("x", "PTR", ["other.example.net."]);
    expect(judgePointer("192.0.2.10", "mx1.example.com", pointer).word).toBe("good");
    const back = (records: string[] | null) =>
      judgeForward("192.0.2.10", pointer, new Map([["other.example.net", lookup("other.example.net", "A", records)]]));
    expect([back(["192.0.2.10"]), back(["192.0.2.11"]), back([]), back(null)].map(({ word }) => word)).toEqual([
      "good",
      "failed",
      "failed",
      "not known",
    ]);
    expect(judgeForward("192.0.2.10", lookup("x", "PTR", null), new Map()).word).toBe("not known");
    expect(judgeForward("192.0.2.10", lookup("x", "PTR", []), new Map()).word).toBe("failed");
  });
});

describe("a mail server's answer", () => {
  const chain = {
    certificates: [],
    version: "TLSv1.3",
    distrust: null,
    misnamed: null,
    byCommonName: false,
    validTo: "2030-01-01",
    expired: false,
  };
  const good: Session = { state: "encrypted", text: "", chain };
  const silent: Session = { state: "silent", text: "no answer in time" };
  it.each<[string, Session, [string, Session][], string, RegExp]>([
    ["encrypted", good, [], "good", /^TLSv1.3; certificate until 2030-01-01$/],
    ["of old TLS", { ...good, chain: { ...chain, version: "TLSv1.1" } }, [], "warning", /TLSv1.1/],
    ["with an old certificate", { ...good, chain: { ...chain, expired: true } }, [], "warning", /not valid now/],
    [
      "refused",
      { state: "refused", text: "connection refused" },
      [],
      "failed",
      /although the AAAA record is published: senders that try IPv6 first/,
    ],
    ["without STARTTLS", { state: "greets", text: "it offers no STARTTLS" }, [], "failed", /no STARTTLS/],
    ["none, as from all", silent, [["192.0.2.1", silent]], "not known", /this network may let nobody out to port 25/],
    [
      "none, but over IPv4",
      silent,
      [["192.0.2.1", good]],
      "not known",
      /others answer over IPv4: a filter there, or no way out over IPv6 here/,
    ],
    ["none, but others do", silent, [["2001:db8::9", good]], "not known", /a filter before it is likely/],
    ["no route", { state: "noRoute", text: "" }, [], "not known", /no IPv6/],
  ])("%s", (_, session, others, word, text) => {
    const meetings = [["2001:db8::1", session] as const, ...others].map(([address, said]) => ({
      host: "mx1.example.com",
      address,
      session: said,
    }));
    expect(judgeSessions(meetings)[0]).toMatchObject({ word, text: expect.stringMatching(text) });
  });
});

describe("the exit status", () => {
  it("is 1 where something failed, 3 where nothing did and something is not known", () => {
    const of = (...words: Parameters<typeof worstOf>[0]) =>
      exitStatus(words.map((word) => finding("x", "y", [{ word, text: "" }])));
    expect([of(), of("good", "none", "warning"), of("good", "not known"), of("failed", "not known")]).toEqual([
      0, 0, 3, 1,
    ]);
  });
});
