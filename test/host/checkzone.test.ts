// Whatever hosts a domain has, what MailDns publishes is a zone that BIND loads without a word of complaint.
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MailDns } from "../../src/mailDns.ts";
import type { MailHost } from "../../src/mailDnsArgs.ts";
import type { Host } from "../lab/host.ts";
import { Lab } from "../lab/lab.ts";
import { connection, run } from "../unit/mocks.ts";

let lab: Lab;
let host: Host;

beforeAll(async () => {
  lab = await Lab.open();
  host = await lab.boot({ kind: "bind" });
});
afterAll(() => lab.close());

const answer = JSON.stringify({ protocol: 1, host: "h", changed: false, zones: [], warnings: [], omitted: 0 });
const reverseZones = [
  { zone: "0/25.2.0.192.in-addr.arpa", network: "192.0.2.0/25" },
  { zone: "100.51.198.in-addr.arpa" },
  { zone: "8.b.d.0.1.0.0.2.ip6.arpa" },
];
const label = fc.stringMatching(/^[a-zA-Z0-9]([a-zA-Z0-9-]{0,20}[a-zA-Z0-9])?$/).filter((text) => !/^..--/.test(text));
const ipv4 = fc
  .tuple(fc.constantFrom("192.0.2", "198.51.100"), fc.integer({ min: 1, max: 126 }))
  .map(([network, last]) => `${network}.${last}`);
const ipv6 = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 6, maxLength: 6 }).map((groups) => {
  const text = ["2001", "db8", ...groups.map((group) => group.toString(16))].join(":");
  return text.toUpperCase();
});
const tlsa = fc
  .tuple(fc.constantFrom("3 1 1", "2 1 1"), fc.stringMatching(/^[0-9A-F]{64}$/))
  .map((parts) => parts.join(" "));
const mailHost = fc.record({
  name: label.map((text) => `${text}.Example.com.`),
  preference: fc.integer({ min: 0, max: 65_535 }),
  ipv4: fc.uniqueArray(ipv4, { minLength: 1, maxLength: 3 }),
  ipv6: fc.uniqueArray(ipv6, { maxLength: 3 }),
  // A lone one is warned of.
  tlsa: fc.oneof(fc.constant<string[]>([]), fc.uniqueArray(tlsa, { minLength: 2, maxLength: 3 })),
});
/** An address has one reverse name: two hosts with one address are refused. */
const hosts = fc
  .uniqueArray(mailHost, { minLength: 1, maxLength: 4, selector: ({ name }) => name.toLowerCase() })
  .filter((several) => {
    const addresses = several.flatMap((one) => [...one.ipv4, ...one.ipv6]);
    return new Set(addresses).size === addresses.length;
  });

/** The zone files of what a component wants published, by zone. */
async function zones(wanted: MailHost[]): Promise<Map<string, string[]>> {
  const args = { domain: "example.com", rfc2136: { connection, reverseZones }, hosts: wanted };
  const { registered } = await run(() => new MailDns("mail", { ...args, allowSpecialPurposeAddresses: true }), answer);
  const policy = String(registered.find(({ name }) => name === "mail-records")?.inputs.stdin);
  const names = [...policy.matchAll(/^zone {5}(\S+)/gm)].map(([, name]) => String(name));
  const files = new Map(names.map((name) => [name, [] as string[]]));
  for (const [, record = ""] of policy.matchAll(/^record {3}(.*)$/gm)) {
    const owner = record.split(" ")[0] ?? "";
    files.get(names.find((name) => owner === name || owner.endsWith(`.${name}`)) ?? "")?.push(record);
  }
  return files;
}

test("named-checkzone has nothing to say", async () => {
  const script: string[] = [];
  const samples = fc.sample(hosts, 60);
  for (const [at, wanted] of samples.entries()) {
    for (const [zone, records] of await zones(wanted)) {
      const head = ["$TTL 60", "@ SOA ns.invalid. a.invalid. 1 60 60 60 60", "@ NS ns.invalid."];
      script.push(
        `named-checkzone -q -i local -M fail -m fail -n fail -r fail -S fail '${zone}' /dev/stdin <<'END' || echo '${at} ${zone}'`,
      );
      script.push(...head, ...records, "END");
    }
  }
  expect(await host.must("sh -s", { stdin: `${script.join("\n")}\n` })).toBe("");
});
