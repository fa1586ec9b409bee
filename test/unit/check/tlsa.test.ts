import { execFileSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { worstOf } from "../../../src/cli/check/finding.ts";
import { judgeDane } from "../../../src/cli/check/mail.ts";
import { type Chain, nameOf } from "../../../src/cli/check/smtp.ts";
import { certificateRemarks } from "../../../src/cli/check/texts.ts";
import { judgeTlsa, matches, parseTlsa } from "../../../src/cli/check/tlsa.ts";
import { lookup } from "./answers.ts";

const dir = mkdtempSync(join(tmpdir(), "mailhost-tlsa-"));
afterAll(() => rmSync(dir, { recursive: true }));

let chain: Chain;
let hashes: { key: string; whole: string; authority: string };

beforeAll(() => {
  const openssl = (text: string) => execFileSync("openssl", text.split(" "), { cwd: dir, stdio: "ignore" });
  const ec = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";
  openssl(`req -x509 ${ec} -subj /CN=authority -keyout ca.key -out ca.pem`);
  openssl(`req -x509 ${ec} -subj /CN=mx1.example.com -CA ca.pem -CAkey ca.key -keyout own.key -out own.pem`);
  const [own, authority] = ["own.pem", "ca.pem"].map((name) => new X509Certificate(readFileSync(join(dir, name))));
  if (own === undefined || authority === undefined) throw new Error("no certificate");
  const spki = (certificate: X509Certificate) => hash(certificate.publicKey.export({ type: "spki", format: "der" }));
  hashes = { key: spki(own), whole: hash(own.raw), authority: spki(authority) };
  chain = {
    certificates: [own.raw, authority.raw],
    version: "TLSv1.3",
    distrust: null,
    misnamed: null,
    byCommonName: false,
    validTo: "2030-01-01",
    expired: false,
  };
});

const hash = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
const nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const next = "a".repeat(64);

describe("TLSA records against a live certificate", () => {
  it.each<[string, () => string[], string, RegExp]>([
    [
      "of the key now and the next one",
      () => [`3 1 1 ${hashes.key}`, `3 1 1 ${next}`],
      "good",
      /^3 1 1 aaaaaaaa… is of no live certificate: the next one's, or left over/,
    ],
    [
      "of the key and the authority",
      () => [`3 1 1 ${hashes.key}`, `2 1 1 ${hashes.authority}`],
      "good",
      /matches at 192.0.2.10$/,
    ],
    ["in capitals", () => [`3 1 1 ${hashes.key.toUpperCase()}`, `3 1 1 ${next}`], "good", /matches/],
    ["that stand alone", () => [`3 1 1 ${hashes.key}`], "warning", /^a lone record leaves no room for the next key/],
    [
      "of the whole certificate",
      () => [`3 0 1 ${hashes.whole}`, `3 1 1 ${next}`],
      "warning",
      /which each renewal changes even if the key stays: use 3 1 1/,
    ],
    [
      "that are both stale",
      () => [`3 1 1 ${next}`, `3 1 1 ${"b".repeat(64)}`],
      "failed",
      /no record matches the certificate at 192.0.2.10.*the live one is 3 1 1 [0-9a-f]{64}/,
    ],
    ["of the hash of nothing", () => [`3 1 1 ${nothing}`], "failed", /it is the hash of nothing/],
    ["that are too short", () => [`3 1 1 ${hashes.key}`, "3 1 1 abcd"], "failed", /has 4 digits instead of 64/],
    ["for web servers", () => [`1 1 1 ${hashes.key}`, `3 1 1 ${hashes.key}`], "warning", /usage 1 is not for mail/],
    [
      "all for web servers",
      () => [`1 1 1 ${next}`, `0 0 1 ${next}`],
      "warning",
      /usage 0 is not for mail.*; no record can be used for mail: senders with DANE use TLS, but take any certificate$/,
    ],
    [
      "for web servers beside one that is stale",
      () => [`1 1 1 ${hashes.key}`, `3 1 1 ${next}`],
      "failed",
      /keep the mail back/,
    ],
    [
      "of the hash of nothing beside one for web servers",
      () => [`1 1 1 ${next}`, `3 1 1 ${nothing}`],
      "failed",
      /back/,
    ],
  ])("%s", (_, records, word, text) => {
    const remarks = judgeTlsa(records(), new Map([["192.0.2.10", chain]]));
    expect(worstOf(remarks.map((remark) => remark.word))).toBe(word);
    expect(remarks.map((remark) => remark.text).join("; ")).toMatch(text);
  });

  it("of an authority need the host's name, those of a key do not", () => {
    const misnamed = { ...chain, misnamed: "it is another's" };
    const judged = (...records: string[]) =>
      judgeTlsa(records, new Map([["192.0.2.10", misnamed]])).map(({ word }) => word);
    expect(judged(`2 1 1 ${hashes.authority}`, `2 1 1 ${next}`)).toContain("failed");
    expect(judged(`3 1 1 ${hashes.key}`, `3 1 1 ${next}`)).not.toContain("failed");
  });

  it("of an authority match only what the server sends", () => {
    const record = parseTlsa(`2 1 1 ${hashes.authority}`);
    if (record === null) throw new Error("not read");
    expect(matches(record, chain)).toBe(true);
    expect(matches(record, { certificates: chain.certificates.slice(0, 1) })).toBe(false);
  });

  it("count only where the zone is signed, and are not known where nobody answers", () => {
    const records = lookup("_25._tcp.mx1.example.com", "TLSA", [`3 1 1 ${hashes.key}`, `3 1 1 ${next}`]);
    const live = new Map([["192.0.2.10", chain]]);
    const judged = (secure: boolean | null, of = records, seen = live, unseen: string[] = []) =>
      judgeDane(
        "mx1.example.com",
        of,
        secure,
        seen,
        unseen.map((place) => ({ place, without: null })),
      )[0];
    expect(judged(true)).toMatchObject({ word: "good", internetNl: "passed" });
    expect(judged(false)).toMatchObject({ word: "failed", internetNl: "failed" });
    expect(judged(null)?.word).toBe("not known");
    expect(judged(true, records, new Map())?.word).toBe("not known");
    expect(judged(true, records, live, ["2001:db8::10"])).toMatchObject({
      word: "not known",
      text: expect.stringMatching(/^no certificate could be seen at 2001:db8::10; /),
    });
    expect(judged(true, lookup("x", "TLSA", null))).toMatchObject({ word: "not known", internetNl: "not known" });
    expect(judged(true, lookup("x", "TLSA", []))).toMatchObject({ word: "none", internetNl: "failed" });
    const web = lookup("x", "TLSA", [`1 1 1 ${hashes.key}`, `0 0 1 ${next}`]);
    expect(judged(true, web)).toMatchObject({ word: "warning", internetNl: "failed" });
    const lone = lookup("x", "TLSA", [`3 1 1 ${hashes.key}`]);
    expect(judged(true, lone)).toMatchObject({ word: "warning", internetNl: "warning" });
  });
});

describe("the name in a certificate", () => {
  it.each([
    ["mx1.example.com", "", true, [/common name/]],
    ["mx1.example.com", "subjectAltName=email:postmaster@example.com", true, [/common name/]],
    ["mx1.example.com", "subjectAltName=DNS:mx1.example.com", false, []],
    ["mx1.example.com", "subjectAltName=DNS:mx2.example.com", false, [/altnames/]],
  ])("%s with %j", (name, extension, byCommonName, complaints) => {
    const more = extension === "" ? [] : ["-addext", extension];
    const ec = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes".split(" ");
    execFileSync(
      "openssl",
      ["req", "-x509", ...ec, "-subj", `/CN=${name}`, ...more, "-keyout", "n.key", "-out", "n.pem"],
      {
        cwd: dir,
        stdio: "ignore",
      },
    );
    const named = nameOf(new X509Certificate(readFileSync(join(dir, "n.pem"))).toLegacyObject(), name);
    expect(named.byCommonName).toBe(byCommonName);
    const policy = { mode: "enforce", maxAge: 604_800, patterns: [name] };
    const session = { state: "encrypted", text: "", chain: { ...chain, ...named } } as const;
    expect(certificateRemarks(policy, [{ host: name, address: "192.0.2.10", session }])).toEqual(
      complaints.map((text) => ({ word: "failed", text: expect.stringMatching(text) })),
    );
  });
});
