import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
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
  const twice = async (first: pulumi.Input<string>, second: pulumi.Input<string>): Promise<unknown[]> => {
    const { PostfixHardening } = await import("../../src/postfixHardening.ts");
    return unhandled(() =>
      run(() => {
        for (const [type, host] of [
          ["my:Mx", first],
          ["my:Relay", second],
        ] as const) {
          const parent = new pulumi.ComponentResource(type, "mail");
          new PostfixHardening("hardening", { connection: { ...connection, host } }, { parent });
        }
      }),
    );
  };
  const refusal =
    'mx1.example.com: PostfixHardening "hardening" is here twice, below two parents, and on the host they would be one; give one of them another name';

  it("are taken on two hosts", async () => {
    expect(await twice("mx1.example.com", "mx2.example.com")).toEqual([]);
  });

  it.each<[string, () => pulumi.Input<string>]>([
    ["now", () => "mx1.example.com"],
    ["later", () => pulumi.output(Promise.resolve("mx1.example.com"))],
  ])("are refused on one host, whose address is known %s", async (_, address) => {
    const errors = await twice("mx1.example.com", address());
    expect(errors.map((error) => (error instanceof Error ? error.message : ""))).toContainEqual(
      expect.stringContaining(refusal),
    );
  });
});
