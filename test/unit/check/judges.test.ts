// What is made of answers: each judge by itself, no network.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exitStatus, finding, worstOf } from "../../../src/cli/check/finding.ts";
import { hostNames, judgeAddresses, judgeForward, judgeMx, judgePointer } from "../../../src/cli/check/hosts.ts";
import { judgeSession } from "../../../src/cli/check/mail.ts";
import {
  judgeDmarc,
  judgeSts,
  judgeTlsRpt,
  matchesPattern,
  parseStsPolicy,
  tags,
} from "../../../src/cli/check/policies.ts";
import { judgeAgreement, judgeDnssec, judgeServers, type ZoneSeen } from "../../../src/cli/check/servers.ts";
import type { Session } from "../../../src/cli/check/smtp.ts";
import { judgeCaa } from "../../../src/cli/check/texts.ts";
import type { Message } from "../../../src/cli/check/wire.ts";
import { lookup, view } from "./answers.ts";

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
    zone: { name: "example.com", servers, nameless: [] },
    views,
    ds: lookup("example.com", "DS", []),
    checked: message("NOERROR"),
    unchecked: message("NOERROR"),
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
        "x",
      ),
    ).toEqual([]);
  });
});

describe("DNSSEC", () => {
  const signed = four.map((of) => ({ ...of, signed: true }));
  const ds = lookup("example.com", "DS", ["1 13 2 ab"]);
  it.each<[string, ZoneSeen, string, string]>([
    ["none", zone(), "none", "failed"],
    ["verified", zone(signed, { ds, checked: message("NOERROR", true) }), "good", "passed"],
    ["not verified here", zone(signed, { ds }), "good", "passed"],
    ["signatures that nobody is told of", zone(signed), "warning", "failed"],
    ["one server without signatures", zone([...signed.slice(1), ...four.slice(0, 1)], { ds }), "failed", "failed"],
    ["wrong signatures", zone(signed, { ds, checked: message("SERVFAIL") }), "failed", "failed"],
    [
      "a DS record that can't be asked for",
      zone(signed, { ds: lookup("example.com", "DS", null) }),
      "not known",
      "not known",
    ],
  ])("%s", (_, seen, word, internetNl) => {
    expect(judgeDnssec(seen)).toMatchObject({ word, internetNl });
  });
});

describe("a mail server's answer", () => {
  const chain = {
    certificates: [],
    version: "TLSv1.3",
    distrust: null,
    misnamed: null,
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
    expect(judgeSession("2001:db8::1", session, others)).toMatchObject({ word, text: expect.stringMatching(text) });
  });
});

describe("lists of tags", () => {
  const worst = (remarks: { word: Parameters<typeof worstOf>[0][number] }[]) =>
    worstOf(remarks.map(({ word }) => word));
  it.each([
    ["v=DMARC1; p=reject; rua=mailto:d@example.com", false, "good"],
    ["v=DMARC1;p=quarantine", false, "good"],
    ["v=DMARC1; p=none; rua=mailto:d@example.com", false, "warning"],
    ["v=DMARC1; p=reject; sp=none", false, "warning"],
    ["v=DMARC1; p=none; sp=reject", true, "good"],
    ["v=DMARC1; p=maybe", false, "failed"],
    ["v=DMARC1; rua=mailto:d@example.com", false, "failed"],
    ["v=DMARC1; p=reject; rua=d@example.com", false, "failed"],
  ])("%s", (text, inherited, word) => {
    expect(worst(judgeDmarc(text, inherited))).toBe(word);
  });

  it.each([
    ["v=TLSRPTv1; rua=mailto:t@example.com", "good"],
    ["v=TLSRPTv1; rua=mailto:t@example.com,https://r.example.com/x", "good"],
    ["v=TLSRPTv1;", "failed"],
    ["v=TLSRPTv1; rua=http://r.example.com", "failed"],
  ])("%s", (text, word) => {
    expect(worst(judgeTlsRpt(text))).toBe(word);
  });

  it("are read whatever they are", () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.stringMatching(/^[a-z]{1,5}$/), fc.stringMatching(/^[a-z0-9:@.]{0,9}$/)),
        (wanted) => {
          const text = ["v=X", ...Object.entries(wanted).map(([name, value]) => `${name} = ${value}`)].join(" ; ");
          expect(Object.fromEntries(tags(text, "X") ?? [])).toEqual(Object.fromEntries(Object.entries(wanted)));
          expect(tags(text, "Y")).toBeNull();
        },
      ),
    );
  });

  const policy = (more: string) => `version: STSv1\r\n${more}`;
  it.each<[string, string[], string]>([
    ["mode: enforce\nmx: mx1.example.com\nmax_age: 604800", ["mx1.example.com"], "good"],
    ["mode: enforce\nmx: *.example.com\nmax_age: 604800", ["mx1.example.com"], "good"],
    ["mode: enforce\nmx: *.example.com\nmax_age: 604800", ["a.mx1.example.com"], "failed"],
    ["mode: testing\nmx: mx1.example.com\nmax_age: 604800", ["mx1.example.com"], "warning"],
    ["mode: enforce\nmx: mx1.example.com\nmax_age: 604800", ["mx1.example.com", "mx2.example.com"], "failed"],
    ["mode: enforce\nmx: mx1.example.com\nmax_age: 60", ["mx1.example.com"], "warning"],
    ["mode: none\nmax_age: 60", ["mx1.example.com"], "good"],
  ])("policy %j for %j", (text, hosts, word) => {
    const parsed = parseStsPolicy(policy(text));
    if (typeof parsed === "string") throw new Error(parsed);
    expect(worst(judgeSts(parsed, hosts, String))).toBe(word);
  });

  it.each([
    "",
    "mode: enforce\nmax_age: 1",
    "mode: on\nmx: a\nmax_age: 1",
    "mode: enforce\nmx: a\nmax_age: x",
    "mode: enforce\nmx: a\nmax_age: 99999999",
  ])("policy %j is none", (text) => {
    expect(typeof parseStsPolicy(policy(text))).toBe("string");
  });

  it("stand for one label at a time", () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,4}$/), { minLength: 1, maxLength: 4 }), (labels) => {
        expect(matchesPattern([...labels, "example.com"].join("."), "*.example.com")).toBe(labels.length === 1);
      }),
    );
  });
});

describe("CAA", () => {
  it.each<[string[] | null, string, RegExp]>([
    [["0 issue letsencrypt.org", "0 iodef mailto:x@example.com"], "good", /^letsencrypt.org may give out/],
    [["0 issue letsencrypt.org;validationmethods=dns-01"], "good", /^letsencrypt.org may/],
    [["0 issue ;"], "warning", /the next renewal fails/],
    [["128 odd x", "0 issue letsencrypt.org"], "warning", /odd is critical/],
    [null, "not known", /no server/],
  ])("%j", (records, word, text) => {
    expect(judgeCaa("mx1.example.com", "mx1.example.com", lookup("mx1.example.com", "CAA", records))).toMatchObject({
      word,
      text: expect.stringMatching(text),
    });
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
