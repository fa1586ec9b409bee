// A component's two parts, what needs no gate and what does; and taking records back without us.
import { readFileSync } from "node:fs";
import { afterEach, expect, test } from "vitest";
import { lookup, zoneRecords } from "../lab/bind.ts";
import { pointerOf, useDnsBench } from "./dnsBench.ts";

const bench = useDnsBench();
afterEach(() => bench.host.must("rm -rf /var/lib/mailhost"));

const a = (domain: string, last = 9) => `record mx1.${domain}. 3600 A 10.77.1.${last}`;
const aaaa = (domain: string, last = 9) => `record mx1.${domain}. 3600 AAAA fd77:0:0:1::${last}`;
const mx = (domain: string) => `record ${domain}. 3600 MX 10 mx1.${domain}.`;
const pointer = (address: string, domain: string) => `record ${pointerOf(address)} 3600 PTR mx1.${domain}.`;
const serial = (domain: string) => lookup(bench.host, domain, "SOA");

test("a set goes from one part to the other and back without a change at the server", async () => {
  const domain = await bench.domain();
  await bench.apply(domain, a(domain), mx(domain));
  const before = await serial(domain);
  const later = `later ${domain}. MX`;
  for (const round of [1, 2]) {
    expect((await bench.apply(domain, a(domain), later)).changed, `round ${round}`).toBe(false);
    expect((await bench.apply(domain, "part gated", mx(domain))).changed).toBe(false);
    expect((await bench.apply(domain, a(domain), mx(domain))).changed).toBe(false);
    expect((await bench.apply(domain, "part gated")).changed).toBe(false);
  }
  expect(await serial(domain)).toEqual(before);
  await bench.remove(domain, "part gated");
  expect(await lookup(bench.host, domain, "MX")).toEqual([`10 mx1.${domain}.`]);
  await bench.remove(domain, a(domain), mx(domain));
  expect((await zoneRecords(bench.host, domain)).length).toBe(1);
});

test("mail gets a part of its own without a change at the server, whichever part runs first", async () => {
  const domain = await bench.domain();
  const mail = `later ${domain}. MX`;
  await bench.apply(domain, a(domain), mail);
  await bench.apply(domain, "part gated", mx(domain));
  const before = await serial(domain);
  expect((await bench.apply(domain, "part gated", mail)).changed).toBe(false);
  expect((await bench.apply(domain, "part mail", mx(domain))).changed).toBe(false);
  expect((await bench.apply(domain, "part gated", mail)).changed).toBe(false);
  expect(await serial(domain)).toEqual(before);
});

test("a host that goes takes along what had waited for its gate, before that part runs", async () => {
  const domain = await bench.domain();
  const later = `later mx1.${domain}. AAAA`;
  const other = `record mx2.${domain}. 3600 A 10.77.1.7`;
  await bench.apply(domain, a(domain), other, later);
  await bench.apply(domain, "part gated", aaaa(domain));
  await bench.apply(domain, other, "allow large-change");
  expect(await lookup(bench.host, `mx1.${domain}`, "AAAA")).toEqual([]);
  expect((await bench.apply(domain, "part gated")).changed).toBe(false);
});

const order = (story: string) => [...story.matchAll(/^mx1: (\S+) updated at/gm)].map(([, zone]) => zone);

test("a host that goes with all its names: mail and addresses in one update, its reverse names after that", async () => {
  const domain = await bench.domain();
  const names = [mx(domain), a(domain), ...["10.77.1.9", "fd77:0:0:1::9"].map((address) => pointer(address, domain))];
  const other = [`record ${domain}. 3600 MX 20 mx2.${domain}.`, `record mx2.${domain}. 3600 A 10.77.1.7`];
  await bench.apply(domain, ...names, ...other, `later mx1.${domain}. AAAA`);
  await bench.apply(domain, "part gated", aaaa(domain));
  const { story } = await bench.apply(domain, ...other, "allow large-change");
  expect(order(story)).toEqual([`${domain}.`, "7.7.d.f.ip6.arpa.", "77.10.in-addr.arpa."]);
  expect(await zoneRecords(bench.host, domain)).toHaveLength(3);
});

test("mail that waited for a gate leaves a host together with its addresses, though its own part runs later", async () => {
  const domain = await bench.domain();
  const mail = (name: string) => `record ${domain}. 3600 MX 10 ${name}.${domain}.`;
  const second = `record mx2.${domain}. 3600 AAAA fd77:0:0:1::7`;
  const later = [`later ${domain}. MX`, `later mx2.${domain}. AAAA`];
  const at6 = pointer("fd77:0:0:1::9", domain);
  await bench.apply(domain, at6, ...later, `later mx1.${domain}. AAAA`);
  await bench.apply(domain, "part gated", aaaa(domain), second, mail("mx1"), mail("mx2"));
  const { story } = await bench.apply(domain, ...later, "allow large-change");
  expect(order(story)).toEqual([`${domain}.`, "7.7.d.f.ip6.arpa."]);
  expect(await zoneRecords(bench.host, domain)).toEqual([
    `${domain}. 3600 MX 10 mx2.${domain}.`,
    `${domain}. 3600 NS ns1.lab.test.`,
    `mx2.${domain}. 3600 AAAA fd77:0:0:1::7`,
  ]);
  const gated = ["part gated", second, mail("mx2")];
  expect((await bench.apply(domain, ...gated)).changed).toBe(false);
  expect((await bench.apply(domain, ...later)).changed).toBe(false);
  await bench.remove(domain, ...gated);
  await bench.remove(domain, ...later);
  expect(await zoneRecords(bench.host, domain)).toHaveLength(1);
});

test.each([
  ["gated", "main"],
  ["main", "gated"],
])("removing %s first and %s then leaves nothing of ours", async (...order) => {
  const domain = await bench.domain({ records: ["www A 10.77.9.9"] });
  const before = await zoneRecords(bench.host, domain);
  const policies: Record<string, string[]> = {
    main: [a(domain), mx(domain), `later mx1.${domain}. AAAA`],
    gated: ["part gated", aaaa(domain)],
  };
  for (const lines of Object.values(policies)) await bench.apply(domain, ...lines);
  for (const part of order) await bench.remove(domain, ...(policies[part] ?? []));
  expect(await zoneRecords(bench.host, domain)).toEqual(before);
  expect((await bench.host.exec("test -e /var/lib/mailhost")).status).toBe(1);
});

test("the part that is left takes along what it handed over and nobody took", async () => {
  const domain = await bench.domain();
  await bench.apply(domain, a(domain), mx(domain));
  await bench.apply(domain, a(domain), `later ${domain}. MX`);
  await bench.remove(domain, a(domain), `later ${domain}. MX`);
  expect((await zoneRecords(bench.host, domain)).length).toBe(1);
});

test("the commands of docs/mail-dns.md take back what is ours, and nothing else", async () => {
  const domain = await bench.domain({ records: ["www A 10.77.9.9", "mx1 TXT theirs"] });
  const before = await zoneRecords(bench.host, domain);
  await bench.apply(domain, a(domain), aaaa(domain), mx(domain));
  const page = readFileSync(new URL("../../docs/mail-dns.md", import.meta.url), "utf8");
  const commands = /## Undo by hand[\s\S]*?```sh\n([\s\S]*?)```/.exec(page)?.[1] ?? "exit 1";
  await bench.host.must(
    commands.replaceAll("example\\.com", domain).replaceAll("example.com", domain).replaceAll("mail.key", "lab.key"),
  );
  expect(await zoneRecords(bench.host, domain)).toEqual(before);
  expect((await bench.apply(domain, a(domain), aaaa(domain), mx(domain))).zones.map(({ added }) => added)).toEqual([3]);
});
