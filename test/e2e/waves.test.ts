// The example `waves`: twelve domains from wave 0 to 3 and back, in a real name server, with real mail on the way.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Finding } from "../host/checkSite.ts";
import { addZone, lookup, zoneRecords } from "../lab/bind.ts";
import type { Host } from "../lab/host.ts";
import { checkout } from "../lab/places.ts";
import { copyProgram, type Program } from "../lab/program.ts";
import { until } from "../lab/run.ts";
import type { Stack } from "../lab/stack.ts";
import { mustWork } from "./components.ts";
import { changedLines } from "./preview.ts";
import { said } from "./site.ts";
import { useSite } from "./useSite.ts";

const site = useSite({ kind: "bind" });
const own = ["trap-one.test", "trap-two.test", "small-one.test", "small-two.test", "large-one.test", "large-two.test"];
const shared = own.map((domain) => domain.replace("one", "three").replace("two", "four"));
const domains = [...own, ...shared];
const waveOf = (domain: string) => ["trap", "small", "large"].findIndex((kind) => domain.startsWith(kind)) + 1;

let program: Program;
let stack: Stack;
let sender: Host;
let before: string[];

beforeAll(async () => {
  const { host, lab } = site();
  sender = await lab.boot();
  for (const domain of domains) await addZone(host, domain, { records: ["www A 10.77.9.9", '@ TXT "v=spf1 mx -all"'] });
  before = await everything();
  await host.must(
    `postconf -e inet_interfaces=all inet_protocols=all 'mydestination=localhost, ${domains.join(", ")}' && systemctl restart postfix`,
  );
  await host.waitForSmtp();
  await sender.write("/etc/resolv.conf", `nameserver ${host.address}\n`);
  await sender.must(
    `cp /etc/resolv.conf /var/spool/postfix/etc/; postconf -e inet_protocols=all inet_interfaces=all smtp_address_preference=ipv6 myhostname=sender.lab.test && systemctl restart postfix`,
  );
  await sender.waitForSmtp();
  program = copyProgram(join(checkout, "examples", "waves"));
  stack = await site().stackOf(program);
  const values = {
    host: host.address,
    hostKey: host.hostKey,
    keyFile: "/etc/bind/lab.key",
    keyName: "lab-key",
    infrastructure: "lab.test",
    ipv4: host.address,
    ipv6: host.address6,
    allowSpecialPurposeAddresses: "true",
  };
  for (const [key, value] of Object.entries(values)) await stack.config(key, value);
  await stack.config("privateKey", site().key(), { secret: true });
  for (const [at, zone] of ["77.10.in-addr.arpa", "7.7.d.f.ip6.arpa"].entries())
    await stack.config(`reverseZones[${at}]`, zone, { path: true });
});
afterAll(() => program?.remove());

async function everything(): Promise<string[]> {
  const zones = [...domains, "lab.test", "77.10.in-addr.arpa", "7.7.d.f.ip6.arpa"];
  return (await Promise.all(zones.map((zone) => zoneRecords(site().host, zone)))).flat();
}

/** What a resolver is told of each domain, by name and type. */
async function seen(): Promise<Record<string, string>> {
  const told = domains.map(async (domain): Promise<[string, string]> => {
    const exchanges = await lookup(site().host, domain, "MX");
    const name = exchanges[0]?.split(" ")[1] ?? "";
    const addresses = [...(await lookup(site().host, name, "A")), ...(await lookup(site().host, name, "AAAA"))];
    return [domain, [...exchanges, ...addresses].join(", ")];
  });
  return Object.fromEntries(await Promise.all(told));
}

function owed(published: number): Record<string, string> {
  const { address, address6 } = site().host;
  return Object.fromEntries(
    domains.map((domain) => {
      const reached = waveOf(domain) <= published;
      const name = own.includes(domain) ? `mx.${domain}.` : reached ? "mx6.lab.test." : "mx.lab.test.";
      return [domain, [`10 ${name}`, address, ...(reached ? [address6] : [])].join(", ")];
    }),
  );
}

/** By which address a mail of another host is delivered. */
async function delivery(domain: string): Promise<string> {
  const id = `${domain}-${Math.random().toString(36).slice(2)}`;
  await sender.must(`printf 'Subject: ${id}\\n\\nx\\n' | sendmail -f root@sender.lab.test user+${id}@${domain}`);
  const line = await until(`the delivery to ${domain}`, async () => {
    const log = await sender.must(`journalctl -q --no-pager -o cat | grep -F 'to=<user+${id}@' || true`);
    return log.split("\n").find((one) => / status=/.test(one));
  });
  expect(line).toContain("status=sent");
  return /relay=[^[]*\[([^\]]*)\]/.exec(line)?.[1] ?? line;
}

/** The records that named was told to add and delete since a moment, in its own order. */
async function journal(since: string): Promise<string[]> {
  const log = await site().host.must(`journalctl -q --no-pager -o cat -u named --since '${since}'`);
  return [...log.matchAll(/: (adding an RR|deleting rrset) at '([^']+)' (\S+)/g)].map(
    ([, verb, name, type]) => `${verb === "adding an RR" ? "+" : "-"} ${name} ${type}`,
  );
}

function indexOf(order: readonly string[], what: RegExp): number {
  const found = order.findIndex((line) => what.test(line));
  if (found < 0) throw new Error(`nothing of ${what} in\n${order.join("\n")}`);
  return found;
}

function lastIndexOf(order: readonly string[], what: RegExp): number {
  indexOf(order, what);
  return order.findLastIndex((line) => what.test(line));
}

/** What `mailhost check` sees from outside: where mail goes, by which addresses it is taken, and what is wrong. */
async function checked(): Promise<Record<string, object>> {
  const { host, lab } = site();
  const words = [...domains, "--resolver", host.address, "--allow-special-purpose", "--json"];
  const { stdout, stderr } = await lab.run([process.execPath, join(checkout, "dist/cli/main.js"), "check", ...words]);
  expect(stderr).toBe("");
  const report: { domains: { domain: string; findings: Finding[] }[] } = JSON.parse(stdout);
  return Object.fromEntries(report.domains.map(({ domain, findings }) => [domain, summary(findings)]));
}

function summary(findings: readonly Finding[]): object {
  const good = (name: string) => findings.filter(({ check, result }) => check === name && result === "good");
  return {
    mail: good("MX").map(({ text }) => text.split(",")[0]),
    published: [...good("A"), ...good("AAAA")].map(({ text }) => text.split(",")[0]),
    leadBack: good("FCrDNS").map(({ subject }) => subject),
    answer: good("STARTTLS").map(({ subject }) => subject),
    failed: findings.filter(({ result }) => result === "failed").map(({ check }) => check),
  };
}

/** DMARC is nobody's here. */
function owedToSee(published: number): Record<string, object> {
  const told = Object.entries(owed(published)).map(([domain, text]): [string, object] => {
    const [mail, ...addresses] = text.split(", ");
    const name = mail?.replace(/\.$/, "");
    return [domain, { mail: [name], published: addresses, leadBack: addresses, answer: addresses, failed: ["DMARC"] }];
  });
  return Object.fromEntries(told);
}

const moment = async () => (await site().host.must("date '+%F %T'")).trim();

async function raise(published: number): Promise<string> {
  await stack.config("publishedWave", String(published));
  const preview = said(mustWork(await stack.preview({ diff: true })));
  mustWork(await stack.up());
  expect(await seen()).toEqual(owed(published));
  expect(await checked()).toEqual(owedToSee(published));
  mustWork(await stack.preview({ args: ["--expect-no-changes"] }));
  return preview;
}

test("wave 0 publishes all over IPv4, the host's reverse names before its addresses before mail to it", async () => {
  const since = await moment();
  await raise(0);
  const order = await journal(since);
  expect(indexOf(order, /arpa PTR$/)).toBeLessThan(indexOf(order, /mx6\.lab\.test A$/));
  expect(indexOf(order, /ip6\.arpa PTR$/)).toBeLessThan(indexOf(order, /mx6\.lab\.test AAAA$/));
  expect(indexOf(order, /mx\.lab\.test A$/)).toBeLessThan(indexOf(order, /trap-three\.test MX$/));
  const { address } = site().host;
  expect([await delivery("trap-one.test"), await delivery("trap-three.test")]).toEqual([address, address]);
});

test("each wave is the lines of its own domains, and mail comes over IPv6 from then on", async () => {
  const { address, address6 } = site().host;
  for (const published of [1, 2, 3]) {
    const lines = changedLines(await raise(published)).filter((line) => /record/.test(line));
    const moved = domains.filter((domain) => waveOf(domain) === published);
    expect(lines.toSorted()).toEqual(
      moved
        .flatMap((domain) =>
          own.includes(domain)
            ? [`+ record   mx.${domain}. 300 AAAA ${address6}`]
            : [`+ record   ${domain}. 300 MX 10 mx6.lab.test.`, `- record   ${domain}. 300 MX 10 mx.lab.test.`],
        )
        .toSorted(),
    );
    for (const domain of [moved[0], moved.at(-1)]) expect(await delivery(String(domain))).toBe(address6);
    if (published < 3) expect(await delivery("large-one.test")).toBe(address);
  }
});

test("the way back is the same numbers, and at the end nothing is left but what others had", async () => {
  for (const published of [2, 1, 0]) await raise(published);
  expect(await delivery("trap-four.test")).toBe(site().host.address);
  await stack.config("allowLargeChange", "true");
  mustWork(await stack.up());
  const since = await moment();
  mustWork(await stack.destroy());
  const order = await journal(since);
  expect(indexOf(order, /trap-three\.test MX$/)).toBeLessThan(indexOf(order, /mx6\.lab\.test A$/));
  for (const address of [/mx6?\.lab\.test A$/, /mx6\.lab\.test AAAA$/])
    expect(lastIndexOf(order, address)).toBeLessThan(indexOf(order, /^- .*\.arpa PTR$/));
  expect(await everything()).toEqual(before);
  expect((await site().host.exec("test -e /var/lib/mailhost")).status).toBe(1);
});
