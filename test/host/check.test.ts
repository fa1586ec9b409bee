// `mailhost check` in a network of two BINDs and two mail servers: what is right, and each thing that is wrong.
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { blocksOf, commandsOf } from "../e2e/blocks.ts";
import { addZone, update } from "../lab/bind.ts";
import type { Host } from "../lab/host.ts";
import type { Lab } from "../lab/lab.ts";
import { checkout } from "../lab/places.ts";
import { until } from "../lab/run.ts";
import {
  addHalfPolicy,
  type CheckSite,
  check as checkAt,
  findings as findingsAt,
  openCheckSite,
  pointer,
  typed,
} from "./checkSite.ts";

let site: CheckSite;
let lab: Lab;
let first: Host;
let second: Host;

beforeAll(async () => {
  site = await openCheckSite();
  ({ lab, first, second } = site);
});
afterAll(() => site?.lab.close());

const check = (...words: string[]) => checkAt(site, ...words);
const findings = (domain: string, ...words: string[]) => findingsAt(site, domain, ...words);

describe("a domain", () => {
  test("of which all is right passes, also what takes TCP, and leads over a CNAME", async () => {
    const { status, all, of } = await findings("good.test");
    expect(all.filter(({ result }) => result !== "good")).toEqual([]);
    expect(status).toBe(0);
    expect(of("name servers")).toMatchObject({
      internetNl: "passed",
      text: expect.stringMatching(/^4 of 4 addresses of 2 servers answer/),
    });
    expect(of("DNSSEC").internetNl).toBe("passed");
    expect(all.filter(({ check: name }) => name === "FCrDNS").map(({ subject }) => subject)).toEqual([
      first.address,
      first.address6,
    ]);
    expect(all.filter(({ check: name }) => name === "STARTTLS")).toHaveLength(2);
    expect(of("TLSA").text).toMatch(
      new RegExp(`matches at ${first.address} \\(ECDSA\\); .*matches at ${first.address6} \\(ECDSA\\)`),
    );
    expect(of("SPF").text).toMatch(/^2 of 10 look-ups, 0 of 2 void; ends in -all$/);
    expect(of("MTA-STS").text).toMatch(/^mode enforce; senders keep it for 7 days/);
    expect(of("CAA").text).toBe("ca.test may give out certificates; from good.test");
  });

  test("whose policy only one of its addresses has is told of the other, as senders go on to the next", async () => {
    await addHalfPolicy(site, "six.test");
    expect((await findings("six.test")).of("MTA-STS")).toMatchObject({
      result: "warning",
      text: expect.stringMatching(`//mta-sts.six.test/.*: ${second.address6} refuses the connection`),
    });
  });

  test("is a table for people", async () => {
    const { status, stdout } = await check("GOOD.test.");
    expect(status).toBe(0);
    expect(stdout).toMatch(/^good\.test: good\nCHECK +OF +RESULT +INTERNET\.NL\n/);
    expect(stdout).toMatch(/^MX +good\.test +good +not tested +10 mx1\.good\.test, TTL 300$/m);
    expect(stdout).toMatch(
      /\nif all servers have all of it only since now, and TTLs were not longer before, the next phase or wave of good\.test is safe from 2\d{3}-\d\d-\d\dT[\d:]+Z\n$/,
    );
  });

  test("is seen with each thing that is wrong, and what is not known is not absent", async () => {
    // The second server refuses, a third one is not there, and nothing listens on the published address.
    const silent = `${second.address.replace(/\.\d+$/, "")}.200`;
    await addZone(first, "bad.test", {
      records: [
        "@ NS ns2.bad.test.",
        `ns2 A ${second.address}`,
        "@ NS ns3.bad.test.",
        `ns3 A ${silent}`,
        "@ 86400 MX 10 mx1",
        `mx1 A ${second.address}`,
        `mx1 AAAA ${second.address6}`,
        `_25._tcp.mx1 TLSA 3 1 1 e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855`,
        `@ TXT "v=spf1 a:x.bad.test a:y.bad.test a:z.bad.test ip4:${second.address} -all"`,
        `_dmarc TXT "v=DMARC1; p=none"`,
        `_mta-sts TXT "v=STSv1; id=1"`,
        `mta-sts A ${second.address}`,
      ],
    });
    await second.must(`cp /var/lib/bind/lab/lab.test /var/lib/bind/lab/bad.test && chown bind:bind /var/lib/bind/lab/bad.test &&
      rndc addzone bad.test '{ type primary; file "/var/lib/bind/lab/bad.test"; allow-query { none; }; };'`);
    await second.must("postconf -e inet_protocols=ipv4 && systemctl restart postfix");
    await second.waitForSmtp();
    await pointer(first, second.address, "elsewhere.test.");
    const { status, of } = await findings("bad.test");
    expect(status).toBe(1);
    const servers = of("name servers", "bad.test");
    expect(servers).toMatchObject({ result: "failed", internetNl: "failed" });
    expect(servers.text).toContain(`ns2.bad.test (${second.address}) is lame: it answers REFUSED`);
    expect(servers.text).toContain(`ns3.bad.test (${silent}) does not answer`);
    expect(of("DNSSEC", "bad.test")).toMatchObject({ result: "none", internetNl: "failed" });
    expect(of("MX").text).toContain("old answers live for up to 1 day");
    expect(of("PTR", second.address6)).toMatchObject({
      result: "failed",
      text: expect.stringMatching(/^no record at 2\.0\..*\.7\.7\.d\.f\.ip6\.arpa; .*Gmail/),
    });
    expect(of("FCrDNS", second.address)).toMatchObject({
      result: "failed",
      text: expect.stringContaining("elsewhere.test has no address"),
    });
    expect(of("STARTTLS", second.address).result).toBe("good");
    expect(of("STARTTLS", second.address6)).toMatchObject({
      result: "failed",
      internetNl: "failed",
      text: expect.stringMatching(/^connection refused on port 25, although the AAAA record is published/),
    });
    expect(of("TLSA").text).toMatch(/it is the hash of nothing.*the zone is not signed/);
    expect(of("SPF").text).toMatch(/find nothing.*3 of 10 look-ups, 3 of 2 void/);
    expect(of("SPF").text).toContain(`add ip6:${second.address6}`);
    expect(of("DMARC")).toMatchObject({ result: "warning", internetNl: "failed" });
    expect(of("MTA-STS").text).toContain("refuses the connection");
    expect(of("TLS-RPT")).toMatchObject({ result: "none", internetNl: "not tested" });
    expect(of("CAA")).toMatchObject({ result: "none", internetNl: "warning" });
  });

  test("whose servers say different things, or that is not there, fails", async () => {
    const records = ["@ NS ns2.split.test.", `ns2 A ${second.address}`, "@ MX 10 mx1"];
    await addZone(first, "split.test", { records: [...records, "mx1 A 10.77.8.1"] });
    await addZone(second, "split.test", { records: [...records, "mx1 A 10.77.8.2"] });
    const { status, of } = await findings("split.test");
    expect(status).toBe(1);
    expect(of("agreement", "mx1.split.test A").text).toMatch(
      /^servers of split.test differ: 10.77.8.\d at ns\d.*, 10.77.8.\d at ns\d/,
    );
    expect(of("TTL", "mx1.split.test A")).toMatchObject({
      result: "warning",
      text: expect.stringMatching(/^not yet: /),
    });
    const gone = await findings("gone.test");
    expect(gone.of("MX")).toMatchObject({ result: "failed", text: "the domain does not exist" });
    expect(gone.status).toBe(1);
  });

  test("of which nobody can be asked is not known", async () => {
    const argv = [
      process.execPath,
      join(checkout, "dist/cli/main.js"),
      "check",
      "good.test",
      "--resolver",
      "127.0.0.1",
      "--timeout",
      "1",
    ];
    const { status, stdout } = await lab.run(argv);
    expect(status).toBe(3);
    expect(stdout).toMatch(/^good.test: not known\n/);
    expect(stdout).not.toMatch(/ (failed|none|good) /);
    expect((await check("good.test", "--resolver", "ns1")).status).toBe(2);
  });
});

test("a resolver that verifies says so, and one that finds the signatures wrong does not hide the rest", async () => {
  const resolver = await lab.boot({ kind: "bind" });
  const [, key] =
    /^good\.test\.\s.*DNSKEY\s+257 3 13 (.*)$/m.exec(await first.must("dig @127.0.0.1 good.test DNSKEY")) ?? [];
  if (key === undefined) throw new Error("no key");
  const trusting = async (anchor: string): Promise<void> => {
    const hints = `. 3600 NS ns1.lab.test.\nns1.lab.test. 3600 A ${first.address}\n`;
    await resolver.write("/etc/bind/hints", hints);
    await resolver.write(
      "/etc/bind/named.conf",
      `options { directory "/var/cache/bind"; recursion yes; allow-recursion { any; }; dnssec-validation yes; empty-zones-enable no; };
       trust-anchors { good.test. static-key 257 3 13 "${anchor}"; };
       zone "." { type hint; file "/etc/bind/hints"; };\n`,
    );
    await resolver.must("systemctl restart named");
    await until(
      "the resolver",
      async () => (await resolver.must("dig +cd +short @127.0.0.1 good.test SOA || :")) !== "" || undefined,
    );
  };
  await trusting(key.replaceAll(" ", ""));
  const right = await findings("good.test", "--resolver", resolver.address);
  expect(right.of("DNSSEC").text).toBe("signed, and the resolver verified it");
  expect(right.status).toBe(0);
  // Another key than the zone's: of the same form.
  await trusting(Buffer.from(key.replaceAll(" ", ""), "base64").fill(7, 0, 8).toString("base64"));
  const wrong = await findings("good.test", "--resolver", resolver.address);
  expect(wrong.of("DNSSEC")).toMatchObject({
    result: "failed",
    text: expect.stringContaining("the resolver finds the signatures wrong"),
  });
  expect(wrong.of("TLSA").text).toContain("the zone is not signed, or not rightly");
  expect(wrong.of("MX").result).toBe("good");
  expect(wrong.status).toBe(1);
});

test("a certificate that MTA-STS does not trust fails the policy, and a stale TLSA record the certificate", async () => {
  await first.must(
    "postconf -e smtpd_tls_cert_file=/etc/ssl/certs/ssl-cert-snakeoil.pem smtpd_tls_key_file=/etc/ssl/private/ssl-cert-snakeoil.key && postfix reload",
  );
  await until(
    "the other certificate",
    async () => (await findings("good.test")).of("TLSA").result === "failed" || undefined,
  );
  const { of } = await findings("good.test");
  expect(of("TLSA").text).toMatch(
    /^no record matches the certificate at .*: senders with DANE keep the mail back; the live one is 3 1 1 [0-9a-f]{64}/,
  );
  expect(of("MTA-STS")).toMatchObject({
    result: "failed",
    text: expect.stringContaining("the certificate will not do"),
  });
  await first.must("postconf -e smtpd_tls_cert_file=/srv/own.pem smtpd_tls_key_file=/srv/own.key && postfix reload");
});

test("a second certificate that no TLSA record fits fails, for some senders get that one", async () => {
  const rsa = { file: "/etc/ssl/certs/ssl-cert-snakeoil.pem", key: "/etc/ssl/private/ssl-cert-snakeoil.key" };
  await first.must(`postconf -e smtpd_tls_eccert_file=/srv/own.pem smtpd_tls_eckey_file=/srv/own.key \
    smtpd_tls_cert_file=${rsa.file} smtpd_tls_key_file=${rsa.key} && postfix reload`);
  const seen = await until("both certificates", async () => {
    const { of } = await findings("good.test");
    return of("TLSA").result === "failed" ? of("TLSA").text : undefined;
  });
  expect(seen).toContain(`no record matches the certificate at ${first.address} (RSA): senders with DANE`);
  expect(seen).toContain(`matches at ${first.address} (ECDSA)`);
  await first.must(`postconf -X smtpd_tls_eccert_file smtpd_tls_eckey_file &&
    postconf -e smtpd_tls_cert_file=/srv/own.pem smtpd_tls_key_file=/srv/own.key && postfix reload`);
});

test("the next phase is safe when negative caching and old TTLs have run out, counted from what all servers have", async () => {
  const state = join(lab.dir, "seen.json");
  await addZone(first, "wave.test", { records: ["@ 300 MX 10 mx1", `mx1 7200 A ${first.address}`] });
  const before = await findings("wave.test", "--state", state);
  expect(before.of("TTL", "mx1.wave.test AAAA").text).toBe(
    "none; once published it is seen everywhere 5 minutes after all servers have it (negative caching)",
  );
  await update(first, "wave.test", [
    `add mx1.wave.test. 300 AAAA ${first.address6}`,
    "delete mx1.wave.test. A",
    "add mx1.wave.test. 300 A 10.77.8.3",
  ]);
  const began = Date.now();
  const { stdout } = await check("wave.test", "--json", "--state", state);
  const { domains } = JSON.parse(stdout);
  const safe = new Map<string, number>(
    domains[0].ttl.map((wait: { name: string; safeFrom: string }) => [
      wait.name,
      Math.round((Date.parse(wait.safeFrom) - began) / 60_000),
    ]),
  );
  expect([safe.get("mx1.wave.test AAAA"), safe.get("mx1.wave.test A")]).toEqual([5, 120]);
  expect(domains[0].safeFrom).toBe(
    domains[0].ttl.find(({ name }: { name: string }) => name === "mx1.wave.test A").safeFrom,
  );
  // What was seen stays.
  const again = JSON.parse((await check("wave.test", "--json", "--state", state)).stdout);
  expect(again.domains[0].safeFrom).toBe(domains[0].safeFrom);
  await lab.run(["sh", "-c", `echo x >${state}`]);
  expect(await check("wave.test", "--state", state)).toMatchObject({
    status: 2,
    stderr: expect.stringContaining("can't be used"),
  });
});

test("a session ends as a client's should, in the mail server's log", async () => {
  await findings("good.test");
  const log = await until("the sessions' lines", async () => {
    const lines = await first.must("grep 'smtpd.*: disconnect from .*starttls=1' /var/log/mail.log || :");
    return lines === "" ? undefined : lines;
  });
  expect(log).toMatch(/ehlo=1 starttls=1 quit=1 commands=3/);
  expect(await first.must("grep -c 'lost connection after STARTTLS' /var/log/mail.log || :")).toBe("0\n");
});

test("the page's own commands, typed as they stand there, with a change where it says so", async () => {
  for (const domain of ["example.com", "example.org"])
    await addZone(first, domain, { records: ["@ 60 MX 10 mx1", `mx1 60 A ${first.address}`] });
  const commands = blocksOf("docs/check.md").flatMap(commandsOf);
  expect(commands).toHaveLength(6);
  const seen: string[] = [];
  for (const command of commands) {
    if (command === "pulumi up") {
      await update(first, "example.com", ["del mx1.example.com. A", `add mx1.example.com. 60 A ${second.address}`]);
      continue;
    }
    const { status, stdout, stderr } = await typed(site, command);
    expect(stderr).toBe("");
    expect([1, 3], stdout).toContain(status);
    seen.push(stdout);
  }
  expect(JSON.parse(seen[1] ?? "").domains).toMatchObject([{ domain: "example.com" }, { domain: "example.org" }]);
  expect(seen.at(-1)).toMatch(/ of example\.com is safe from 2\d{3}-\d\d-\d\dT[\d:]+Z\n$/);
});
