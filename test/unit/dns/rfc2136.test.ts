import type * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { MailDns } from "../../../src/mailDns.ts";
import type { MailDnsArgs, MailHost, Rfc2136 } from "../../../src/mailDnsArgs.ts";
import { policyReader, runAwk } from "../hostDecision/awk.ts";
import { connection, run } from "../mocks.ts";

const answer = JSON.stringify({
  protocol: 1,
  host: "ns1",
  changed: false,
  zones: [],
  warnings: [{ code: "edited", text: "example.com. MX was changed by others" }],
  omitted: 0,
});
const secret = "bGFiIHNlY3JldCBvZiBsYWI=";
const server: Rfc2136 = {
  connection: { ...connection, host: "ns1.example.com" },
  key: { name: "Mail-Key", secret },
  reverseZones: [
    { zone: "2.0.192.in-addr.arpa" },
    { zone: "8.b.d.0.1.0.0.2.ip6.arpa", server: "2001:db8::53", port: 5353, key: { name: "k6.", file: "/etc/k6.key" } },
  ],
};
const mx1: MailHost = {
  name: "mx1.example.com",
  preference: 10,
  ipv4: ["192.0.2.1"],
  ipv6: ["2001:db8::1"],
  connection,
};

async function publish(args: Partial<MailDnsArgs> = {}, opts?: pulumi.ComponentResourceOptions) {
  const whole = { domain: "example.com", rfc2136: server, hosts: [mx1], allowSpecialPurposeAddresses: true, ...args };
  const { registered, result } = await run(() => new MailDns("mail", whole, opts), answer);
  const stdin = (name: string) => String(registered.find((one) => one.name === name)?.inputs.stdin);
  return { component: result, names: registered.map(({ name }) => name), registered, stdin };
}

const owner = "owner    organization/project/stack/mailhost:index:MailDns/mail";
const pointer = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa.";

describe("MailDns by DNS update", () => {
  it("has where its host is in the state before anything is applied there", async () => {
    const { registered } = await publish();
    expect(registered.find(({ name }) => name === "mail")?.inputs).toEqual({
      domain: "example.com",
      endpoint: "root@ns1.example.com:22",
    });
  });

  it("is one policy for what needs no gate and one for what does, both as the host reads them", async () => {
    const { names, stdin } = await publish();
    expect(names.toSorted()).toEqual([
      "mail",
      "mail-gate-mx1.example.com",
      "mail-gate-mx1.example.com-program",
      "mail-gated",
      "mail-keys",
      "mail-program",
      "mail-records",
    ]);
    expect(stdin("mail-records")).toBe(`policy   1
${owner}
domain   example.com.
phase    settled
lowered  300
zone     2.0.192.in-addr.arpa. server 127.0.0.1 port 53 key mail-key. hmac-sha256
zone     8.b.d.0.1.0.0.2.ip6.arpa. server 2001:db8::53 port 5353 key k6. file /etc/k6.key
zone     example.com. server 127.0.0.1 port 53 key mail-key. hmac-sha256
later    mx1.example.com. AAAA
record   ${pointer} 3600 PTR mx1.example.com.
record   1.2.0.192.in-addr.arpa. 3600 PTR mx1.example.com.
record   example.com. 3600 MX 10 mx1.example.com.
record   mx1.example.com. 3600 A 192.0.2.1
`);
    expect(stdin("mail-gated")).toBe(`policy   1
${owner}
domain   example.com.
part     gated
phase    settled
lowered  300
zone     example.com. server 127.0.0.1 port 53 key mail-key. hmac-sha256
record   mx1.example.com. 3600 AAAA 2001:db8::1
`);
    expect(stdin("mail-gate-mx1.example.com")).toBe(`policy   1
${owner} gate mx1.example.com
gate     mx1.example.com. 2001:db8::1
`);
    for (const name of ["mail-records", "mail-gated", "mail-gate-mx1.example.com"])
      expect(runAwk(["mawk"], policyReader, stdin(name))).toMatchObject({ status: 0, stderr: "" });
  });

  it("keeps the key's secret out of every policy, and sends it as one", async () => {
    const { registered, stdin } = await publish();
    const plain = registered.filter(({ name }) => name !== "mail-keys");
    expect(JSON.stringify(plain.map(({ inputs }) => inputs))).not.toContain(secret);
    expect(stdin("mail-keys")).toBe("[object Object]");
    expect(JSON.stringify(registered.find(({ name }) => name === "mail-keys")?.inputs)).toContain(
      `key mail-key. ${secret}`,
    );
  });

  it("changes by the lines of the wave only, and never moves a set from one policy to the other", async () => {
    const before = await publish({ ipv6: { wave: 2, publishedWave: 1 } });
    const after = await publish({ ipv6: { wave: 2, publishedWave: 2 } });
    expect(after.stdin("mail-records")).toBe(before.stdin("mail-records"));
    expect(after.stdin("mail-gated").replace("record   mx1.example.com. 3600 AAAA 2001:db8::1\n", "")).toBe(
      before.stdin("mail-gated"),
    );
    expect(before.names).not.toContain("mail-gate-mx1.example.com");
    expect(after.stdin("mail-gate-mx1.example.com")).toContain("\nwave     2\n");
  });

  it("lets an MX record wait for the name that it leads to, and for no other host's gate", async () => {
    const tlsa = [`3 1 1 ${"a".repeat(64)}`];
    const second: MailHost = { name: "mx.other.net", preference: 20, external: true, dualStackName: "mx6.other.net" };
    const { names, stdin } = await publish({ hosts: [{ ...mx1, tlsa }, second], ipv6: { wave: 1 } });
    expect(names.filter((name) => /^mail-(records|gated|mail)$/.test(name)).toSorted()).toEqual([
      "mail-gated",
      "mail-mail",
      "mail-records",
    ]);
    expect(stdin("mail-mail")).toContain(`
domain   example.com.
part     mail
`);
    expect(stdin("mail-mail").match(/^(later|record) .*$/gm)).toEqual([
      "later    _25._tcp.mx1.example.com. TLSA",
      "later    mx1.example.com. AAAA",
      "record   example.com. 3600 MX 10 mx1.example.com.",
      "record   example.com. 3600 MX 20 mx.other.net.",
    ]);
    expect(stdin("mail-gated").match(/^(later|record) .*$/gm)).toEqual([
      "later    example.com. MX",
      `record   _25._tcp.mx1.example.com. 3600 TLSA ${tlsa[0]}`,
    ]);
    for (const name of ["mail-mail", "mail-gated", "mail-records"])
      expect(runAwk(["mawk"], policyReader, stdin(name))).toMatchObject({ status: 0, stderr: "" });
  });

  it("asks no gate anew where a wave goes back: that of the certificate is another one", async () => {
    const hosts = [{ ...mx1, tlsa: [`3 1 1 ${"a".repeat(64)}`] }];
    const before = await publish({ hosts, ipv6: { wave: 2, publishedWave: 2 } });
    const back = await publish({ hosts, ipv6: { wave: 2, publishedWave: 1 } });
    const gates = ({ names }: { names: string[] }) =>
      names.filter((name) => /^mail-gate-.*(?<!program)$/.test(name)).toSorted();
    expect(gates(before)).toEqual(["mail-gate-mx1.example.com", "mail-gate-mx1.example.com-tlsa"]);
    expect(gates(back)).toEqual(["mail-gate-mx1.example.com-tlsa"]);
    expect(back.stdin("mail-gate-mx1.example.com-tlsa")).toBe(before.stdin("mail-gate-mx1.example.com-tlsa"));
    expect(back.stdin("mail-gate-mx1.example.com-tlsa")).toBe(`policy   1
${owner} gate mx1.example.com TLSA
gate     mx1.example.com. 192.0.2.1
tlsa     3 1 1 ${"a".repeat(64)}
`);
  });

  it("without gates is one command", async () => {
    const { names, stdin } = await publish({
      hosts: [{ ...mx1, gate: false }],
      adopt: true,
      allowLargeChange: true,
      repair: 3,
    });
    expect(names).toEqual(["mail", "mail-program", "mail-keys", "mail-records"]);
    expect(stdin("mail-records")).toContain("\nrecord   mx1.example.com. 3600 AAAA 2001:db8::1\n");
    expect(stdin("mail-records")).toContain("\nadopt    yes\n");
    expect(stdin("mail-records")).toContain("\nallow    large-change\n");
    expect(stdin("mail-records")).toMatch(/\nrepair {3}3\n$/);
  });

  it("names former owners, and asks a name server that it was given", async () => {
    const hosts = [{ ...mx1, resolver: "192.0.2.53" }];
    const { stdin } = await publish({ hosts, formerly: ["o/p/s/t/older"] }, { aliases: [{ name: "old" }] });
    for (const policy of ["mail-records", "mail-gated"]) {
      expect(stdin(policy)).toContain("\nformer   o/p/s/t/older\n");
      expect(stdin(policy)).toContain("\nformer   organization/project/stack/mailhost:index:MailDns/old\n");
    }
    expect(stdin("mail-gate-mx1.example.com")).toContain("\nask      192.0.2.53\n");
  });

  it("says what the host warned of", async () => {
    const { component } = await publish();
    const warnings = await new Promise((resolve) => component.warnings.apply(resolve));
    expect(warnings).toContainEqual({ code: "edited", text: "example.com. MX was changed by others" });
  });

  const key = (more: object): MailDnsArgs["rfc2136"] => ({ ...server, key: { name: "k", secret, ...more } });
  it.each<[string, Partial<MailDnsArgs>, string]>([
    [
      "a server with its port",
      { rfc2136: { ...server, server: "[::1]:53" } },
      'rfc2136.server is "[::1]:53"; use a name',
    ],
    ["a port", { rfc2136: { ...server, port: 0 } }, "rfc2136.port is 0; use a whole number from 1 to 65535"],
    ["a key's name", { rfc2136: key({ name: "a key" }) }, 'rfc2136.key.name is "a key"; use the key\'s name'],
    ["a key's name with its statement's end", { rfc2136: key({ name: `${"k".repeat(200)};` }) }, "rfc2136.key.name is"],
    ["an algorithm", { rfc2136: key({ algorithm: "hmac-md5" }) }, "rfc2136.key.algorithm is"],
    ["a secret and a file", { rfc2136: key({ file: "/k" }) }, "rfc2136.key needs its secret, or the file"],
    ["a secret that is none", { rfc2136: key({ secret: "a b" }) }, "rfc2136.key.secret is no base64 text"],
    [
      "a relative file",
      { rfc2136: key({ secret: undefined, file: "k.key" }) },
      'rfc2136.key.file is "k.key"; use an absolute',
    ],
    ["both publishers", { route53: { zoneId: "Z1" } }, "route53 is given, and rfc2136 too"],
    [
      "another key of the same name",
      { rfc2136: { ...server, reverseZones: [{ zone: "2.0.192.in-addr.arpa", key: { name: "mail-key.", secret } }] } },
      "rfc2136.reverseZones name the key mail-key. again",
    ],
    [
      "an Elastic IP",
      { hosts: [{ ...mx1, ipv4AllocationId: "eipalloc-1" }] },
      "hosts[0].ipv4AllocationId is given with rfc2136",
    ],
    ["a resolver", { hosts: [{ ...mx1, resolver: "a b" }] }, 'hosts[0].resolver is "a b"'],
  ])("refuses %s", async (_, args, why) => {
    await expect(publish(args)).rejects.toThrow(`example.com: ${why}`);
  });
});
