// MailDns through the real engine, on a mail host that is its own name server: records by DNS update, behind a gate.
import { readFileSync } from "node:fs";
import { beforeAll, beforeEach, expect, test } from "vitest";
import type { MailDnsArgs, MailHost } from "../../src/index.ts";
import { keySecrets, lookup, update, zoneRecords } from "../lab/bind.ts";
import type { Program } from "../lab/program.ts";
import type { Result } from "../lab/run.ts";
import type { Stack } from "../lab/stack.ts";
import { addAuditor, asAuditor } from "./auditor.ts";
import { blocksOf } from "./blocks.ts";
import { compareOn } from "./compareCalls.ts";
import { kept, mustWork } from "./components.ts";
import { changedLines } from "./preview.ts";
import { said } from "./site.ts";
import { useSite } from "./useSite.ts";

const site = useSite({ kind: "bind" });
let program: Program;
let stack: Stack;
const zones = ["lab.test", "77.10.in-addr.arpa", "7.7.d.f.ip6.arpa"];

beforeAll(async () => {
  await site().host.must("postconf -e inet_interfaces=all inet_protocols=all && systemctl restart postfix");
});
beforeEach(async () => {
  program = site().program("mailDns");
  stack = await site().stackOf(program);
});

const login = () => ({
  host: site().host.address,
  hostKey: site().host.hostKey,
  privateKey: readFileSync(site().host.keys.ed25519, "utf8"),
});

function mx1(more: Partial<MailHost> = {}): MailHost {
  const { address, address6 } = site().host;
  return {
    name: "mx1.lab.test",
    preference: 10,
    ipv4: [address],
    ipv6: [address6],
    connection: login(),
    ...more,
  };
}

interface Naming {
  name?: string;
  formerName?: string;
  under?: string;
}

function want(args: Partial<MailDnsArgs> = {}, { name = "mail", ...naming }: Naming = {}): void {
  const whole: MailDnsArgs = {
    domain: "lab.test",
    rfc2136: {
      connection: login(),
      key: { name: "Lab-Key", secret: keySecrets.lab },
      reverseZones: [{ zone: "77.10.in-addr.arpa" }, { zone: "7.7.d.f.ip6.arpa" }],
    },
    hosts: [mx1()],
    ipv6: { wave: 1, publishedWave: 0 },
    allowSpecialPurposeAddresses: true,
    ...args,
  };
  program.write("wanted.json", JSON.stringify([{ name, args: whole, ...naming }]));
}

const owner = "organization/mail-dns/dev/mailhost:index:MailDns/mail";
const wave = (publishedWave: number): Partial<MailDnsArgs> => ({ ipv6: { wave: 1, publishedWave } });
const all = async () => (await Promise.all(zones.map((zone) => zoneRecords(site().host, zone)))).flat();

test("a wave is one new line in the preview, opens its gate, is published, and goes back by the number", async () => {
  const before = await all();
  want();
  const preview = said(mustWork(await stack.preview()));
  expect(preview).toContain("record   lab.test. 3600 MX 10 mx1.lab.test.");
  expect(await all()).toEqual(before);
  const up = said(mustWork(await stack.up()));
  expect(up).toContain("add mx1.lab.test. 3600 A");
  const before6 = await all();
  expect(before6.filter((line) => line.includes("AAAA") && line.startsWith("mx1"))).toEqual([]);
  mustWork(await stack.preview({ args: ["--expect-no-changes"] }));

  want(wave(1));
  const diff = changedLines(said(mustWork(await stack.preview({ diff: true }))));
  expect(diff.filter((line) => /record|part|zone|later|phase/.test(line))).toEqual([
    `+ record   mx1.lab.test. 3600 AAAA ${site().host.address6}`,
  ]);
  const raised = said(mustWork(await stack.up()));
  expect(raised).toContain(`gate: Postfix answers on [${site().host.address6}]:25 with STARTTLS`);
  expect(raised).toContain(`gate: ${site().host.address6} leads to mx1.lab.test`);
  expect(await lookup(site().host, "mx1.lab.test", "AAAA")).toEqual([site().host.address6]);
  mustWork(await stack.preview({ args: ["--expect-no-changes"] }));
  expect((await stack.export()).stdout).not.toContain(keySecrets.lab);

  const published = await all();
  const refused = await stack.destroy();
  expect(refused.status).not.toBe(0);
  expect(said(refused)).toContain("protect");
  expect(await all()).toEqual(published);
  mustWork(await stack.preview({ args: ["--expect-no-changes"] }));

  want(wave(0));
  mustWork(await stack.up());
  expect(await all()).toEqual(before6);
  want({ ...wave(0), allowLargeChange: true });
  mustWork(await stack.up());
  mustWork(await stack.destroy());
  expect(await all()).toEqual(before);
  expect((await site().host.exec("test -e /var/lib/mailhost")).status).toBe(1);
});

test("what was published is taken back by hand, as the page says, and a later up publishes it again", async () => {
  const { host } = site();
  const before = await all();
  const args: Partial<MailDnsArgs> = {
    rfc2136: { connection: login(), key: { name: "Lab-Key", secret: keySecrets.lab } },
    hosts: [mx1({ ipv6: [] })],
    ipv6: undefined,
    allowLargeChange: true,
  };
  want(args);
  mustWork(await stack.up());
  expect(await all()).not.toEqual(before);
  const byHand = blocksOf("docs/mail-dns.md")
    .filter(({ onHost }) => onHost)
    .map(({ text }) => text)
    .join("");
  await host.must("cp /etc/bind/lab.key /etc/bind/mail.key");
  await host.must(byHand.replaceAll(/example(\\?)\.com/g, "lab$1.test"));
  expect(await all()).toEqual(before);
  want({ ...args, repair: 1 });
  mustWork(await stack.up());
  expect(await all()).not.toEqual(before);
  mustWork(await stack.destroy());
  expect(await all()).toEqual(before);
});

test("a gate that is shut holds back only AAAA, and says which check failed", async () => {
  const before = await all();
  await site().host.must("postconf -e inet_protocols=ipv4 && systemctl restart postfix");
  want({ ...wave(1), allowLargeChange: true });
  const up = await stack.up();
  expect(up.status).not.toBe(0);
  expect(said(up)).toContain(
    `the gate of mx1.lab.test is shut: nothing listens on [${site().host.address6}]:25, and inet_protocols is "ipv4"; set it to all and restart Postfix`,
  );
  expect(await lookup(site().host, "mx1.lab.test", "AAAA")).toEqual([]);
  expect(await lookup(site().host, "lab.test", "MX")).toEqual(["10 mx1.lab.test."]);
  await site().host.must("postconf -e inet_protocols=all && systemctl restart postfix");
  mustWork(await stack.up());
  expect(await lookup(site().host, "mx1.lab.test", "AAAA")).toEqual([site().host.address6]);
  mustWork(await stack.destroy());
  expect(await all()).toEqual(before);
});

test("an audit of the stack says which records are otherwise, with the key that may do nothing else; repair puts them back", async () => {
  const { host } = site();
  const before = await all();
  await addAuditor(host);
  want({ ...wave(1), allowLargeChange: true });
  mustWork(await stack.up());
  const there = await all();
  const audit = (...words: string[]) =>
    compareOn(site(), { words: ["audit", "--stack", "dev", ...words, ...asAuditor], stack });
  expect(await audit()).toMatchObject({
    status: 0,
    stderr: "",
    stdout: `root@${host.address}: as wanted: ${owner}\nroot@${host.address}: as wanted: ${owner}\n`,
  });
  await update(host, "lab.test", [
    "del mx1.lab.test. AAAA",
    "del lab.test. MX",
    "add lab.test. 60 MX 5 theirs.example.com.",
  ]);
  const differs = await audit();
  expect(differs.status).toBe(1);
  const edited = /; someone else changed it after \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;
  const lines = differs.stdout.split("\n").filter((line) => line.startsWith("  "));
  expect(lines.map((line) => line.replace(edited, ""))).toEqual([
    "  lab.test. lab.test. MX: 5 theirs.example.com. -> 10 mx1.lab.test.",
    `  lab.test. mx1.lab.test. AAAA: (unset) -> ${host.address6}`,
  ]);
  for (const line of lines) expect(line).toMatch(edited);
  const asked = JSON.parse((await audit("--json")).stdout);
  expect(asked).toMatchObject([
    { standing: "differs", differences: [{ file: "lab.test.", name: "lab.test. MX", edited: true, owners: [owner] }] },
    { standing: "differs", differences: [{ name: "mx1.lab.test. AAAA", is: null, wanted: host.address6 }] },
  ]);
  want({ ...wave(1), allowLargeChange: true, repair: 1 });
  mustWork(await stack.up());
  expect((await audit()).status).toBe(0);
  expect(await all()).toEqual(there);
  await host.must("systemctl stop named");
  const silent = await audit();
  expect(silent.status).toBe(3);
  expect(silent.stderr).toMatch(/: error: \S+: 127\.0\.0\.1 port 53, key lab-key\.: no answer/);
  await host.must("systemctl start named");
  mustWork(await stack.destroy());
  expect(await all()).toEqual(before);
});

test("a rename with an alias moves nothing; what is there already is shown, and adopted only when asked", async () => {
  const before = await all();
  await update(site().host, "lab.test", ["add lab.test. 600 MX 5 old.example.com."]);
  want({ ...wave(1), allowLargeChange: true });
  const refused = await stack.up();
  expect(said(refused)).toContain("lab.test. MX is there already, published by others: 5 old.example.com.; set adopt");
  await site().host.must("rm -r /var/lib/mailhost/bin");
  expect(said(await stack.up())).toMatch(
    /: the program that was uploaded is not there .*pulumi up --replace '[^']+CopyToRemote::mail-program'/,
  );
  want({ ...wave(1), allowLargeChange: true, adopt: true });
  mustWork(await stack.up());
  expect(await lookup(site().host, "lab.test", "MX")).toEqual(["10 mx1.lab.test."]);
  const there = await all();
  const serial = await lookup(site().host, "lab.test", "SOA");
  want({ ...wave(1), allowLargeChange: true, adopt: true }, { name: "post", formerName: "mail" });
  const preview = said(mustWork(await stack.preview()));
  expect(preview).not.toMatch(/ (replace|delete) /);
  mustWork(await stack.up());
  expect(await all()).toEqual(there);
  expect(await lookup(site().host, "lab.test", "SOA")).toEqual(serial);
  const names = kept(await stack.export()).map(({ urn }) => urn.split("::").at(-1));
  expect(names).toContain("post-records");
  mustWork(await stack.destroy());
  expect(await all()).toEqual(before);
});

test("a move under another parent sends nothing to the host, and recreates nothing", async () => {
  const before = await all();
  const args = { ...wave(1), allowLargeChange: true };
  want(args);
  mustWork(await stack.up());
  const there = await all();
  const ids = (exported: Result) =>
    kept(exported)
      .flatMap(({ id }) => id ?? [])
      .sort();
  const made = ids(await stack.export());
  const logins = await site().host.must("journalctl -q -o cat -t sshd | grep -c '^Accepted '");
  want(args, { under: "site" });
  const preview = said(mustWork(await stack.preview()));
  expect(preview).toMatch(/Resources:\n +\+ 1 to create\n +\d+ unchanged\n/);
  mustWork(await stack.up());
  expect(await site().host.must("journalctl -q -o cat -t sshd | grep -c '^Accepted '")).toBe(logins);
  expect(await all()).toEqual(there);
  expect(ids(await stack.export())).toEqual(made);
  mustWork(await stack.preview({ args: ["--expect-no-changes"] }));
  mustWork(await stack.destroy());
  expect(await all()).toEqual(before);
});
