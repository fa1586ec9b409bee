// MailDns on a stand-in for the engine, for tests.
import type * as pulumi from "@pulumi/pulumi";
import { MailDns } from "../../../src/mailDns.ts";
import type { MailDnsArgs } from "../../../src/mailDnsArgs.ts";
import { run } from "../mocks.ts";

export const mx1 = { name: "mx1.example.com", preference: 10, ipv4: ["192.0.2.1"], ipv6: ["2001:db8::1"] };

export const basic = {
  domain: "example.com",
  route53: {
    zoneId: "Z123",
    reverseZones: [
      { zone: "2.0.192.in-addr.arpa", zoneId: "Z4" },
      { zone: "8.b.d.0.1.0.0.2.ip6.arpa", zoneId: "Z6" },
    ],
  },
  hosts: [mx1],
  allowSpecialPurposeAddresses: true,
} satisfies MailDnsArgs;

export async function publish(args: Partial<MailDnsArgs> = {}, opts?: pulumi.ComponentResourceOptions) {
  const { registered, result } = await run(() => new MailDns("mail", { ...basic, ...args }, opts));
  const child = (name: string) => {
    const found = registered.find((resource) => resource.name === name);
    if (found === undefined) throw new Error(`${name} is not among ${registered.map((one) => one.name).join(", ")}`);
    return found.inputs;
  };
  return { registered, component: result, child, names: registered.map(({ name }) => name) };
}
