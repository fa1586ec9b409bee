import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { MailDns, PostfixHardening, Smtps465Probe } from "../../src/index.ts";
import { refuseForgottenOwner } from "../../src/owner.ts";
import { renderPolicy } from "../../src/policy/render.ts";
import { connection, run, unhandled } from "./mocks.ts";

const now = "org/mail/prod/mailhost:index:PostfixHardening/mx";
const before = "org/mail/dev/mailhost:index:PostfixHardening/mx";

function policy(owner: string, ...formers: string[]): string {
  return renderPolicy([
    { keyword: "owner", rest: owner },
    ...formers.map((rest) => ({ keyword: "former", rest }) as const),
    { keyword: "set", rest: `mail_name = owner ${owner}` },
  ]);
}

describe("a component goes on as its own owner", () => {
  it.each<[string, unknown, unknown]>([
    ["the same name", policy(now), policy(now)],
    ["a name that is given", policy(before), policy(now, before)],
    ["one of several", policy(before), policy(now, "org/mail/test/mailhost:index:PostfixHardening/mx", before)],
    ["the former name taken out again", policy(now, before), policy(now)],
    ["a policy that is not known yet", policy(before), undefined],
    ["a resource without a policy", undefined, policy(now)],
    ["secrets, whose policy says who owns them", `owner ${before}\nset a b\n`, `owner ${now}\nset a b\n`],
  ])("%s is taken", (_, old, wanted) => {
    expect(() => refuseForgottenOwner("mx1", now, old, wanted)).not.toThrow();
  });

  it.each([
    ["its policy", "", ""],
    ["a change beside it", "-guarded-465", "-guarded-465"],
  ])("a forgotten one is refused by %s, with what to add", (_, was, is) => {
    expect(() => refuseForgottenOwner("mx1", now, policy(before + was), policy(now + is, "a/b/c/d/e"))).toThrow(
      `mx1: formerly is without "${before}", as this component was called at its last update; add it, and what was changed on the host stays its own`,
    );
  });
});

describe("two components of one name, below two parents", () => {
  type Connection = ConstructorParameters<typeof PostfixHardening>[1]["connection"];
  type Make = (connection: Connection, options: pulumi.ComponentResourceOptions) => unknown;
  let domains = 0;
  const kinds: Record<string, Make> = {
    PostfixHardening: (connection, options) => new PostfixHardening("mail", { connection }, options),
    Smtps465Probe: (connection, options) => new Smtps465Probe("mail", { connection }, options),
    MailDns: (connection, options) => {
      domains += 1;
      const domain = `d${domains}.example.com`;
      const hosts = [{ name: `mx.${domain}`, ipv4: ["203.0.113.5"] }];
      const rfc2136 = { connection, zone: "example.com", server: "198.51.100.53" };
      return new MailDns("mail", { domain, hosts, allowSpecialPurposeAddresses: true, rfc2136 }, options);
    },
  };
  const twice = async (make: Make, first: pulumi.Input<string>, second: pulumi.Input<string>): Promise<string[]> => {
    const errors = await unhandled(() =>
      run(() => {
        for (const [type, host] of [
          ["my:Mx", first],
          ["my:Relay", second],
        ] as const) {
          make({ ...connection, host }, { parent: new pulumi.ComponentResource(type, "mail") });
        }
      }),
    );
    return errors.map((error) => (error instanceof Error ? error.message : ""));
  };

  describe.each(Object.entries(kinds))("of %s", (kind, make) => {
    const refusal = `mx1.example.com: ${kind} "mail" is here twice, below two parents, and on the host they would be one; give one of them another name`;

    it("are taken on two hosts", async () => {
      const errors = await twice(make, "mx1.example.com", "mx2.example.com");
      expect(errors).not.toContainEqual(expect.stringContaining("here twice"));
    });

    it.each<[string, () => pulumi.Input<string>]>([
      ["now", () => "mx1.example.com"],
      ["later", () => pulumi.output(Promise.resolve("mx1.example.com"))],
    ])("are refused on one host, whose address is known %s", async (_, address) => {
      const errors = await twice(make, "mx1.example.com", address());
      expect(errors).toContainEqual(expect.stringContaining(refusal));
    });
  });
});
