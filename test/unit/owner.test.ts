import { describe, expect, it } from "vitest";
import { refuseForgottenOwner } from "../../src/owner.ts";
import { renderPolicy } from "../../src/policy/render.ts";

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
