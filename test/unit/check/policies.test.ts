// What is made of the records and policies that are texts: each judge by itself, no network.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { worstOf } from "../../../src/cli/check/finding.ts";
import {
  dmarcExceptions,
  judgeDmarc,
  judgeSts,
  judgeTlsRpt,
  matchesPattern,
  parseStsPolicy,
  tags,
} from "../../../src/cli/check/policies.ts";
import { judgeCaa } from "../../../src/cli/check/texts.ts";
import { lookup } from "./answers.ts";

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

  it.each<[string, boolean, RegExp[]]>([
    ["v=DMARC1; p=reject; pct=100; t=n", false, []],
    ["v=DMARC1; p=reject; pct=20", true, [/^pct=20: .* the rest/]],
    ["v=DMARC1; p=reject; t=Y", false, [/^t=y: /]],
    ["v=DMARC1; p=reject; np=None", false, [/^np=none leaves names below it open that do not exist/]],
    ["v=DMARC1; p=reject; np=none", true, []],
    // Milder than nothing there is not.
    ["v=DMARC1; p=none; pct=0; t=y", false, []],
  ])("%s, with what it takes back", (text, inherited, texts) => {
    expect(dmarcExceptions(text, inherited)).toMatchObject(
      texts.map((of) => ({ word: "warning", text: expect.stringMatching(of) })),
    );
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
