// A program with our components under Pulumi's mocks, as its own unit tests have them: without an organization, and with commands that answer nothing.
import * as pulumi from "@pulumi/pulumi";
import { afterEach, describe, expect, it } from "vitest";
import { connection, settled } from "./mocks.ts";

afterEach(() => pulumi.runtime.disconnect());

describe("in a program's own unit tests", () => {
  /** As the page of Pulumi's own documentation on unit tests has it. */
  const mocks = async (): Promise<typeof import("../../src/index.ts")> => {
    const newResource = ({ name, inputs }: pulumi.runtime.MockResourceArgs) => ({ id: `${name}_id`, state: inputs });
    await pulumi.runtime.setMocks({ newResource, call: ({ inputs }) => inputs }, "mail", "test", false);
    return import("../../src/index.ts");
  };

  it("a PostfixHardening has its policy, and did nothing", async () => {
    const { PostfixHardening } = await mocks();
    const component = new PostfixHardening("mx", { connection, services: { "smtps/inet": { enabled: true } } });
    expect(await settled(component.policy)).toMatch(/^owner +organization\/mail\/test\/\S+\/mx$/m);
    expect(await settled(component.endpoint)).toBe("root@mx1.example.com:22");
    expect(await settled(component.activation)).toEqual({ kind: "none" });
    const { changes, protocols, overridesLeft, warnings, pending } = component;
    for (const list of [changes, protocols, overridesLeft, warnings, pending]) expect(await settled(list)).toEqual([]);
    expect([await settled(component.effectiveAt), await settled(component.postfixVersion)]).toEqual(["", ""]);
  });

  it("an Smtps465Probe is not verified", async () => {
    const { Smtps465Probe } = await mocks();
    const { state, since, warnings } = new Smtps465Probe("probe", { connection });
    expect([await settled(state), await settled(since), await settled(warnings)]).toEqual(["unverified", "", []]);
  });

  it("the same component is made for each test", async () => {
    const { MailDns, PostfixHardening } = await mocks();
    const hosts = [{ name: "mx1.example.com", ipv4: ["203.0.113.5"] }];
    const route53 = { zoneId: "Z1" };
    const inTest = () => {
      const parent = new pulumi.ComponentResource("my:Mail", "mail");
      new PostfixHardening("mx", { connection }, { parent });
      return new MailDns(
        "dns",
        { domain: "example.com", hosts, allowSpecialPurposeAddresses: true, route53 },
        { parent },
      );
    };
    const [first, second] = [inTest(), inTest()];
    expect(await settled(second.records)).toEqual(await settled(first.records));
  });

  it.each([
    ["rfc2136", { rfc2136: { connection, zone: "example.com", server: "198.51.100.53" } }],
    ["route53", { route53: { zoneId: "Z1" } }],
  ])("a MailDns with %s has its records", async (_, publisher) => {
    const { MailDns } = await mocks();
    const hosts = [{ name: "mx1.example.com", ipv4: ["203.0.113.5"], preference: 10 }];
    const args = { domain: "example.com", hosts, allowSpecialPurposeAddresses: true, ...publisher };
    const { records, warnings } = new MailDns("dns", args);
    expect(await settled(records)).toEqual([
      "example.com. 3600 MX 10 mx1.example.com.",
      "mx1.example.com. 3600 A 203.0.113.5",
    ]);
    expect(await settled(warnings)).toEqual([]);
  });
});
