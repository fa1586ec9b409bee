// What an audit says of published records: which are otherwise, who holds them and since when, with nothing written.
import { afterEach, describe, expect, test } from "vitest";
import { parseAnswer } from "../../src/answer.ts";
import { type Difference, differencesIn } from "../../src/cli/compare/outcome.ts";
import { addZone, update } from "../lab/bind.ts";
import { useDnsBench, zoneLine } from "./dnsBench.ts";

const bench = useDnsBench();
afterEach(() => bench.host.must("rm -rf /var/lib/mailhost"));

const records = (domain: string) => [
  `record ${domain}. 3600 MX 10 mx1.${domain}.`,
  `record mx1.${domain}. 3600 A 10.77.1.9`,
  `record mx1.${domain}. 3600 AAAA fd77:0:0:1::9`,
];
const ownerOf = (domain: string) => `org/proj/dev/mailhost:index:MailDns/${domain}`;

interface Audit {
  status: number;
  differences: Difference[];
  stderr: string;
}

/** Every file of ours with its content and time: what an audit must leave as it is. */
const ours = () =>
  bench.host.must(
    `find /var/lib/mailhost -type f ! -name lock -exec sh -c 'stat -c "%n %Y" "$0"; cat "$0"' {} \\; 2>/dev/null; true`,
  );

async function ask(domain: string, verb: string, lines: readonly string[]): Promise<Audit> {
  const before = await ours();
  const { status, stdout, stderr } = await bench.run(verb, bench.policy(domain, ...lines));
  expect(await ours()).toBe(before);
  return { status, stderr, differences: stdout === "" ? [] : differencesIn(parseAnswer("mx1", stdout)) };
}

const audit = (domain: string, ...lines: string[]) => ask(domain, "audit", lines);
const told = ({ differences }: Audit) => differences.map(({ name, is, wanted }) => [name, is, wanted]);

test("all is as wanted", async () => {
  const domain = await bench.domain();
  await bench.apply(domain, ...records(domain));
  expect(await audit(domain, ...records(domain))).toMatchObject({ status: 0, differences: [] });
});

test("what is missing, changed, under another TTL or behind an alias, with its owner and since when", async () => {
  const domain = await bench.domain();
  await bench.apply(domain, ...records(domain));
  const written = Number(await bench.host.must("stat -c %Y /var/lib/mailhost/dns/*"));
  await update(bench.host, domain, [
    `del mx1.${domain}. A`,
    `add ${domain}. 3600 MX 20 theirs.example.com.`,
    `del mx1.${domain}. AAAA`,
    `add mx1.${domain}. 60 AAAA fd77:0:0:1::9`,
  ]);
  const differs = await audit(domain, ...records(domain));
  expect(differs.status).toBe(4);
  expect(told(differs)).toEqual([
    [`${domain}. MX`, `10 mx1.${domain}., 20 theirs.example.com.`, `10 mx1.${domain}.`],
    [`mx1.${domain}. A`, null, "10.77.1.9"],
    [`mx1.${domain}. AAAA TTL`, "60", "3600"],
  ]);
  for (const { file, owners, edited, after, until } of differs.differences) {
    expect({ file, owners, edited, until }).toEqual({
      file: `${domain}.`,
      owners: [ownerOf(domain)],
      edited: true,
      until: null,
    });
    expect(Date.parse(after ?? "") / 1_000).toBe(written);
  }
  expect(differs.stderr).toMatch(
    /^mx1: differs d\d+\.test\. mx1\.\S+ A: \(unset\) -> 10\.77\.1\.9; someone else changed it after \S+Z; held by org\/\S+$/m,
  );
  await update(bench.host, domain, [`del mx1.${domain}.`, `add mx1.${domain}. 60 CNAME www.${domain}.`]);
  expect(told(await audit(domain, ...records(domain)))).toContainEqual([
    `mx1.${domain}. A`,
    `CNAME www.${domain}.`,
    "10.77.1.9",
  ]);
});

test("what is there as wanted, and no longer ours", async () => {
  const domain = await bench.domain();
  await bench.apply(domain, ...records(domain));
  const owner = "org/proj/dev/mailhost:index:MailDns/new";
  await bench.apply(domain, `owner ${owner}`, `former ${ownerOf(domain)}`, ...records(domain));
  const taken = await audit(domain, ...records(domain));
  expect(taken.status).toBe(4);
  expect(told(taken)).toContainEqual([`mx1.${domain}. A owner`, owner, ownerOf(domain)]);
  await bench.host.must("rm -rf /var/lib/mailhost/dns");
  expect(await audit(domain, ...records(domain))).toMatchObject({ status: 3, differences: [] });
  expect(await ask(domain, "plan", ["adopt yes", ...records(domain)])).toMatchObject({
    status: 0,
    differences: [{ owners: [], edited: null }, { is: null, wanted: ownerOf(domain) }, { owners: [] }],
  });
});

test("a component that was renamed is looked at under its former name, and nothing moves", async () => {
  const domain = await bench.domain();
  await bench.apply(domain, ...records(domain));
  const lines = ["owner org/proj/dev/mailhost:index:MailDns/new", `former ${ownerOf(domain)}`, ...records(domain)];
  for (const verb of ["audit", "plan"]) {
    expect(await ask(domain, verb, lines)).toMatchObject({ status: 0, differences: [] });
  }
});

test("a policy that was never applied, as plan says it, and audit once anything is published there", async () => {
  const domain = await bench.domain({ records: ["@ 3600 MX 5 old.example.com."] });
  const lines = ["adopt yes", ...records(domain)];
  const unknown = await audit(domain, ...lines);
  expect(unknown).toMatchObject({ status: 3, differences: [] });
  expect(unknown.stderr).toContain(
    `mx1: ${domain}.: 127.0.0.1 port 53, key lab-key.: nothing was ever published there`,
  );
  const planned = await ask(domain, "plan", lines);
  expect(planned.status).toBe(0);
  expect(told(planned)).toEqual([
    [`${domain}. MX`, "5 old.example.com.", `10 mx1.${domain}.`],
    [`mx1.${domain}. A`, null, "10.77.1.9"],
    [`mx1.${domain}. AAAA`, null, "fd77:0:0:1::9"],
  ]);
  const other = "owner org/proj/dev/mailhost:index:MailDns/other";
  await bench.apply(domain, other, `record mx2.${domain}. 3600 A 10.77.1.8`);
  const result = await audit(domain, ...lines);
  expect(result.status).toBe(4);
  expect(told(result)).toEqual(told(planned));
  expect(result.differences[0]).toMatchObject({ owners: [], edited: false, after: null });
});

test("a zone whose server does not answer is no clean bill, and the others are compared all the same", async () => {
  const domain = await bench.domain();
  await bench.apply(domain, ...records(domain));
  await update(bench.host, domain, [`del mx1.${domain}. A`]);
  const line = zoneLine("7.7.d.f.ip6.arpa", { port: 54 });
  await bench.host.must("sed -i '/ip6.arpa/s/\t53\t/\t54\t/' /var/lib/mailhost/dns/*");
  const { status, stderr, ...rest } = await audit(domain, line, ...records(domain));
  expect(status).toBe(3);
  expect(stderr.trimEnd().split("\n").at(-1)).toMatch(
    /^mx1: error: 7\.7\.d\.f\.ip6\.arpa\.: 127\.0\.0\.1 port 54, key lab-key\.: no answer .*; its records were not compared$/,
  );
  expect(told({ status, stderr, ...rest })).toEqual([[`mx1.${domain}. A`, null, "10.77.1.9"]]);
});

describe("whoever may only audit", () => {
  /** Whether anything connects to a port of loopback meanwhile. */
  async function connected(port: number, during: () => Promise<void>): Promise<boolean> {
    const listen = `$s = IO::Socket::INET->new(LocalAddr => "127.0.0.1:${port}", Listen => 5, ReuseAddr => 1) or die; open(F, ">/run/ready"); $s->accept; open(F, ">/run/met")`;
    await bench.host.must("rm -f /run/ready /run/met");
    await bench.host.must(`timeout 120 perl -MIO::Socket::INET -e '${listen}' >/dev/null 2>&1 & echo $! >/run/listener
      until [ -e /run/ready ]; do sleep 0.1; done`);
    await during();
    const { status } = await bench.host.exec("kill $(cat /run/listener); test -e /run/met");
    return status === 0;
  }
  const refusal = (domain: string, port: number, key: string) =>
    `${domain}.: 127.0.0.1 port ${port}, key ${key}.: nothing was ever published there from here; an audit asks only the servers that an apply published at, with their keys`;

  test("sends root to no server of his own choice", async () => {
    const domain = await bench.domain();
    await bench.apply(domain, ...records(domain));
    const met = await connected(5454, async () => {
      const { status, stderr } = await audit(domain, zoneLine(domain, { port: 5454 }), ...records(domain));
      expect(status).toBe(3);
      expect(stderr).toContain(refusal(domain, 5454, "lab-key"));
    });
    expect(met).toBe(false);
  });

  test("uses no key of root that an apply did not use", async () => {
    const domain = await bench.domain();
    await bench.apply(domain, ...records(domain));
    await bench.host.must("install -m 600 /etc/bind/lab.key /root/own.key");
    const line = `zone ${domain}. server 127.0.0.1 port 53 key lab-key. file /root/own.key`;
    const { status, stderr } = await audit(domain, line, ...records(domain));
    expect(status).toBe(3);
    expect(stderr).toContain(refusal(domain, 53, "lab-key"));
  });

  test("looks through no gate, which asks any resolver", async () => {
    const gate = `policy   1\nowner    org/proj/dev/mailhost:index:MailDns/x gate\ngate     mx1.lab.test. ${bench.host.address6}\nask      192.0.2.1\n`;
    expect(await bench.run("audit", gate)).toMatchObject({
      status: 1,
      stdout: "",
      error: "a gate is a look at one moment, and is not audited; use plan",
    });
  });
});

test("TLSA in a zone that is signed no more", async () => {
  const domain = await bench.domain({ signed: true });
  const tlsa = `record _25._tcp.mx1.${domain}. 3600 TLSA 3 1 1 ${"ab".repeat(32)}`;
  await bench.apply(domain, ...records(domain), tlsa);
  expect((await audit(domain, ...records(domain), tlsa)).status).toBe(0);
  await bench.host.must(`rndc delzone -clean '${domain}'`);
  const values = [tlsa, ...records(domain)].map((line) => line.replace(/^record /, ""));
  await addZone(bench.host, domain, { records: values });
  expect(told(await audit(domain, ...records(domain), tlsa))).toEqual([[`${domain}. DNSKEY`, null, "any"]]);
});
