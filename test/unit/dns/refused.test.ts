import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import type { MailDnsArgs, MailHost } from "../../../src/mailDnsArgs.ts";
import { unhandled } from "../mocks.ts";
import { basic, mx1, publish } from "./mailDns.ts";

const host = (changes: Partial<MailHost>): Partial<MailDnsArgs> => ({ hosts: [{ ...mx1, ...changes }] });
const external = { name: "mx.provider.net", preference: 10, external: true };
const tlsa = [`3 1 1 ${"a".repeat(64)}`];

const refused: [string, Partial<MailDnsArgs>, string][] = [
  ["no publisher", { route53: undefined }, "route53 is missing, and rfc2136 too; say where the zone is by one of them"],
  ["no hosts", { hosts: [] }, "hosts is empty; give the domain's mail hosts, or set nullMx where it takes no mail"],
  ["no domain", { domain: "localhost" }, 'domain is "localhost"; use a name such as mx1.example.com'],
  [
    "a host outside its zone",
    host({ name: "mx.other.net" }),
    'hosts[0].name is "mx.other.net", which is not in the zone example.com; publish it by a MailDns of its own zone',
  ],
  [
    "a domain outside its zone",
    { route53: { zoneId: "Z1", zone: "example.net" } },
    'domain is "example.com", which is not in the zone example.net',
  ],
  ["an MX to an address", host({ name: "192.0.2.1" }), 'hosts[0].name is "192.0.2.1"; use a name'],
  [
    "an MX to a name without an address",
    host({ ipv4: [], ipv6: [] }),
    "hosts[0].ipv4 is missing, and mx1.example.com has no ipv6 either",
  ],
  [
    "a private address",
    { ...host({ ipv4: ["10.0.0.1"] }), allowSpecialPurposeAddresses: false },
    'hosts[0].ipv4[0] is "10.0.0.1"; it is of the range private',
  ],
  [
    "an address twice",
    host({ ipv6: ["2001:db8::1", "2001:DB8:0::1"] }),
    'hosts[0].ipv6[1] is "2001:db8::1"; it stands there already',
  ],
  [
    "an address with two reverse names",
    { hosts: [mx1, { name: "mx6.example.com", ipv4: mx1.ipv4 }] },
    'hosts[1].ipv4[0] is "192.0.2.1", whose reverse name leads to mx1.example.com already; set reverse to false on one',
  ],
  [
    "a host twice",
    { hosts: [mx1, { ...mx1, name: "MX1.example.com." }] },
    'hosts[1].name is "mx1.example.com"; it stands there already; give a host once',
  ],
  [
    "a preference that is none",
    host({ preference: 65_536 }),
    "hosts[0].preference is 65536; use a whole number from 0 to 65535",
  ],
  ["mail and no mail", { nullMx: true }, "hosts[0].preference is given, and nullMx says that the domain takes no mail"],
  [
    "an external name with addresses",
    host({ external: true, reverse: false }),
    "hosts[0].external is true, and addresses are given too",
  ],
  [
    "a second name beside ipv6",
    host({ dualStackName: "mx6.example.com" }),
    "hosts[0].dualStackName is given beside ipv6",
  ],
  [
    "a second name that is an MX host",
    { hosts: [mx1, { ...external, dualStackName: "mx1.example.com" }] },
    'hosts[1].dualStackName is "mx1.example.com"; an MX record of the domain leads there already',
  ],
  ["a wave with nothing to publish", { ...host({ ipv6: [] }), ipv6: { wave: 1 } }, "ipv6.wave has nothing to publish"],
  [
    "a wave on a shared name",
    { hosts: [external], ipv6: { wave: 1 } },
    "ipv6.wave cannot be on mx.provider.net, which other domains share",
  ],
  [
    "a wave of a name with IPv6 only",
    { ...host({ ipv4: [] }), ipv6: { wave: 1 } },
    "hosts[0].ipv4 is missing, and before its wave mx1.example.com would have no address",
  ],
  [
    "a wave as an output",
    { ipv6: { wave: 1, publishedWave: pulumi.output(1) as unknown as number } },
    "ipv6.publishedWave is an output; use a plain value",
  ],
  [
    "TLSA in an unsigned zone",
    host({ tlsa }),
    "hosts[0].tlsa is given, and example.com is not signed, so nobody believes it",
  ],
  ["a TTL that is too short", { ttl: 10 }, "ttl is 10; use a whole number from 30 to 604800"],
  [
    "a lowered TTL that is not lower",
    { ttl: 200, loweredTtl: 201 },
    "loweredTtl is 201; use at most ttl, which is 200",
  ],
  [
    "a phase of another name",
    { ttlPhase: "raised" as "lowered" },
    'ttlPhase is "raised"; use one of lowered, changed, settled',
  ],
  [
    "a zone id of another shape",
    { route53: { zoneId: "example.com" } },
    'route53.zoneId is "example.com"; use the id of a hosted zone, such as Z123',
  ],
  [
    "a classless zone without its network",
    { route53: { zoneId: "Z1", reverseZones: [{ zone: "0/25.2.0.192.in-addr.arpa", zoneId: "Z2" }] } },
    "route53.reverseZones[0].network is missing; 0/25.2.0.192.in-addr.arpa does not say its network",
  ],
  [
    "a network that is not the zone's",
    {
      route53: {
        zoneId: "Z1",
        reverseZones: [{ zone: "2.0.192.in-addr.arpa", zoneId: "Z2", network: "192.0.3.0/24" }],
      },
    },
    "holds the names of 192.0.2.0/24; leave it out",
  ],
  [
    "a reverse zone twice",
    { route53: { zoneId: "Z1", reverseZones: [1, 2].map(() => ({ zone: "2.0.192.in-addr.arpa", zoneId: "Z2" })) } },
    'route53.reverseZones[1].zone is "2.0.192.in-addr.arpa"; it stands there already',
  ],
  [
    "a zone that is no reverse one",
    { route53: { zoneId: "Z1", reverseZones: [{ zone: "example.net", zoneId: "Z2" }] } },
    'reverseZones[0].zone is "example.net"; use a zone of reverse names',
  ],
  ["an argument that is none", { dnsec: true } as object, "dnsec is not an argument; there are domain, hosts"],
  [
    "a host's argument that is none",
    { hosts: [{ ...mx1, ip6: [] }] } as object,
    "hosts[0].ip6 is not an argument; hosts[0] has name",
  ],
];

describe("MailDns refuses, before anything is touched,", () => {
  it.each(refused)("%s", async (_, args, why) => {
    const label = args.domain ?? basic.domain;
    await expect(publish(args)).rejects.toThrow(`${label}: `);
    await expect(publish(args)).rejects.toThrow(why);
  });

  it("the same in an address that becomes known late", async () => {
    const errors = await unhandled(() => publish(host({ ipv4: [pulumi.output(Promise.resolve("127.0.0.1"))] })));
    expect(String(errors[0])).toContain('example.com: hosts[0].ipv4[0] is "127.0.0.1"; it is of the range loopback');
  });

  it("one that becomes known late and has no reverse zone", async () => {
    const errors = await unhandled(() => publish(host({ ipv4: [pulumi.output(Promise.resolve("192.0.3.1"))] })));
    expect(String(errors[0])).toContain('hosts[0].ipv4[0] is "192.0.3.1", which is in none of the reverse zones');
  });
});
