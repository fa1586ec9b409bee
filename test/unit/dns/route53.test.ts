import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { MailDns } from "../../../src/mailDns.ts";
import { run, settled } from "../mocks.ts";
import { basic, mx1, publish } from "./mailDns.ts";

const ip6 = "1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa";

describe("MailDns at Route 53", () => {
  it("registers one record for each set, in the zone that holds its name", async () => {
    const { registered, child, component } = await publish();
    expect(registered.map(({ type, name }) => `${type} ${name}`)).toEqual([
      "mailhost:index:MailDns mail",
      "aws:route53/record:Record mail-PTR-192.0.2.1",
      "aws:route53/record:Record mail-PTR-2001:db8::1",
      "aws:route53/record:Record mail-mx1.example.com-A",
      "aws:route53/record:Record mail-mx1.example.com-AAAA",
      "aws:route53/record:Record mail-example.com-MX",
    ]);
    expect(child("mail-PTR-192.0.2.1")).toEqual({
      zoneId: "Z4",
      name: "1.2.0.192.in-addr.arpa",
      type: "PTR",
      ttl: 3600,
      records: ["mx1.example.com."],
      allowOverwrite: false,
    });
    expect(child("mail-PTR-2001:db8::1")).toMatchObject({ zoneId: "Z6", name: ip6 });
    expect(child("mail-mx1.example.com-A")).toMatchObject({ zoneId: "Z123", type: "A", records: ["192.0.2.1"] });
    expect(child("mail-mx1.example.com-AAAA")).toMatchObject({ type: "AAAA", records: ["2001:db8::1"] });
    expect(child("mail-example.com-MX")).toMatchObject({
      name: "example.com",
      type: "MX",
      records: ["10 mx1.example.com."],
    });
    expect(await settled(component.records)).toEqual([
      `${ip6}. 3600 PTR mx1.example.com.`,
      "1.2.0.192.in-addr.arpa. 3600 PTR mx1.example.com.",
      "example.com. 3600 MX 10 mx1.example.com.",
      "mx1.example.com. 3600 A 192.0.2.1",
      "mx1.example.com. 3600 AAAA 2001:db8::1",
    ]);
    expect(await settled(component.warnings)).toEqual([]);
  });

  it("takes addresses that are not known yet, and the record's zone follows them", async () => {
    const late = { ...mx1, ipv4: [pulumi.output(Promise.resolve("192.0.2.9"))] };
    const { child } = await publish({ hosts: [late] });
    expect(child("mail-mx1.example.com-A")).toMatchObject({ records: ["192.0.2.9"] });
    expect(child("mail-mx1.example.com-PTR-ipv4-0")).toMatchObject({ zoneId: "Z4", name: "9.2.0.192.in-addr.arpa" });
  });

  it("puts a reverse name into a zone of that one name", async () => {
    const reverseZones = [
      { zone: "2.0.192.in-addr.arpa", zoneId: "Z4" },
      { zone: "1.2.0.192.in-addr.arpa", zoneId: "Z1" },
    ];
    const { child } = await publish({ route53: { zoneId: "Z123", reverseZones } });
    expect(child("mail-PTR-192.0.2.1")).toMatchObject({ zoneId: "Z1", name: "1.2.0.192.in-addr.arpa" });
  });

  it("says which reverse name others must publish, and warns of an IPv6 address without one", async () => {
    const { names, component } = await publish({ route53: { zoneId: "Z123" } });
    expect(names.filter((name) => name.includes("PTR"))).toEqual([]);
    expect(await settled(component.expectedPointers)).toEqual([
      "1.2.0.192.in-addr.arpa. PTR mx1.example.com.",
      `${ip6}. PTR mx1.example.com.`,
    ]);
    expect(await settled(component.warnings)).toMatchObject([
      { code: "no-reverse-zone", text: expect.stringContaining(`must publish ${ip6} PTR mx1.example.com.`) },
    ]);
  });

  it("leaves the reverse name of an Elastic IP to AWS", async () => {
    const { child, names } = await publish({ hosts: [{ ...mx1, ipv4AllocationId: "eipalloc-1" }] });
    expect(child("mail-mx1.example.com-elasticIp")).toEqual({
      allocationId: "eipalloc-1",
      domainName: "mx1.example.com",
    });
    expect(names.filter((name) => name.includes("PTR"))).toEqual(["mail-PTR-2001:db8::1"]);
  });

  it("publishes current and next TLSA as one set, in a zone that is said to be signed", async () => {
    const tlsa = [`3 1 1 ${"b".repeat(64)}`, `3 1 1 ${"a".repeat(64)}`];
    const route53 = { ...basic.route53, dnssec: true };
    const { child } = await publish({ route53, hosts: [{ ...mx1, tlsa }] });
    expect(child("mail-mx1.example.com-TLSA")).toMatchObject({
      name: "_25._tcp.mx1.example.com",
      records: [`3 1 1 ${"a".repeat(64)}`, `3 1 1 ${"b".repeat(64)}`],
    });
    const { component } = await publish({ route53, hosts: [{ ...mx1, tlsa: tlsa.slice(1) }] });
    expect(await settled(component.warnings)).toMatchObject([{ code: "lone-tlsa" }]);
  });

  it("says that a domain takes no mail (RFC 7505)", async () => {
    const { child, names } = await publish({ hosts: [], nullMx: true });
    expect(child("mail-example.com-MX")).toMatchObject({ records: ["0 ."] });
    expect(names).toHaveLength(2);
  });

  it("takes over what is there only where that is asked, and shortens answers while addresses change", async () => {
    const { child } = await publish({ adopt: true, ttlPhase: "lowered" });
    expect(child("mail-mx1.example.com-A")).toMatchObject({ allowOverwrite: true, ttl: 300 });
  });
});

describe("a wave at Route 53", () => {
  const at = (publishedWave: number) => publish({ ipv6: { wave: 2, publishedWave } });

  it("adds the AAAA record and nothing else", async () => {
    const [before, after] = [await at(1), await at(2)];
    expect(after.registered.filter(({ name }) => !before.names.includes(name)).map(({ name }) => name)).toEqual([
      "mail-mx1.example.com-AAAA",
    ]);
    for (const { name, inputs } of before.registered) expect(after.child(name)).toEqual(inputs);
    expect(await settled(before.component.waiting)).toEqual(["mx1.example.com AAAA waits for wave 2; published is 1"]);
    expect(await settled(after.component.waiting)).toEqual([]);
  });

  it("moves the MX record of a domain that shares its host, and nothing else", async () => {
    const hosts = [{ name: "mx.provider.net", preference: 10, external: true, dualStackName: "mx6.provider.net" }];
    const shared = (publishedWave: number) => publish({ hosts, ipv6: { wave: 2, publishedWave } });
    const [before, after] = [await shared(1), await shared(2)];
    expect(before.names).toEqual(["mail", "mail-example.com-MX"]);
    expect(after.names).toEqual(before.names);
    expect(before.child("mail-example.com-MX").records).toEqual(["10 mx.provider.net."]);
    expect(after.child("mail-example.com-MX").records).toEqual(["10 mx6.provider.net."]);
  });
});

describe("the host names of a program", () => {
  const provider = { ...basic, domain: "provider.net", hosts: [{ ...mx1, name: "mx.provider.net" }] };
  const customer = { ...basic, hosts: [{ name: "mx.provider.net", preference: 10, external: true }] };
  const waved = { ...provider, ipv6: { wave: 1 } };
  const both = (first: object, second: object) =>
    run(() => {
      new MailDns("first", { ...basic, ...first });
      new MailDns("second", { ...basic, ...second });
    });

  it("have one owner each", async () => {
    await expect(both(provider, { ...provider })).rejects.toThrow(
      'provider.net: hosts[0].name is "mx.provider.net", whose addresses MailDns "first" publishes already; leave them to it, and set external here',
    );
    await expect(both(provider, customer)).resolves.toBeDefined();
  });

  it("that are shared are in no wave, whoever comes first", async () => {
    const second = {
      ...basic,
      hosts: [{ name: "mx.other.net", preference: 10, external: true, dualStackName: "mx.provider.net" }],
    };
    const shared = "cannot be on mx.provider.net, which other domains share";
    await expect(both(waved, second)).rejects.toThrow(
      `hosts[0].dualStackName is "mx.provider.net", and a wave of its owner ${shared}`,
    );
    await expect(both(waved, customer)).rejects.toThrow("cannot be on mx.provider.net, which other domains share");
    await expect(both(customer, waved)).rejects.toThrow("cannot be on mx.provider.net, which other domains share");
  });

  it("are forgotten by the next run in the same process", async () => {
    await publish();
    await expect(publish()).resolves.toBeDefined();
  });
});
