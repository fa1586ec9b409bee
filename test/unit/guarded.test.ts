import { describe, expect, it } from "vitest";
import { harden, settled } from "./mocks.ts";
import { quietReceipt } from "./receipts.ts";

const guard = { enabled: false, onlyIfQuietForDays: 180 } as const;
const owner = "organization/project/stack/mailhost:index:PostfixHardening/mx1";

describe("a guarded change", () => {
  it("is a policy of its own, with an owner of its own, that waits for all the rest", async () => {
    const { child, registered } = await harden({ tls: {}, services: { "smtps/inet": guard }, formerly: ["a/b/c/d/e"] });
    expect(registered.map(({ name }) => name)).toEqual(["mx1", "mx1-program", "mx1-policy", "mx1-guarded-smtps/inet"]);
    expect(child("mx1-policy").inputs.stdin).not.toContain("smtps/inet disable");
    expect(child("mx1-guarded-smtps/inet").inputs.stdin).toBe(
      [
        "policy   1",
        "guard    quiet 465 180",
        `owner    ${owner}-guarded-smtps/inet`,
        "former   a/b/c/d/e-guarded-smtps/inet",
        "service  smtps/inet disable",
        "activate reload",
        "destroy  keep",
        "",
      ].join("\n"),
    );
  });

  it("that raises a floor leaves the classic one to the component, and takes the profile's ciphers along", async () => {
    const { child, registered } = await harden({
      tls: {
        submission: { profile: "intermediate", onlyIfUnusedForDays: 90, whenRefused: "hold", excludeCiphers: ["RC4"] },
      },
    });
    expect(registered.map(({ name }) => name)).toContain("mx1-guarded-submission");
    expect(String(child("mx1-policy").inputs.stdin).split("\n")).toEqual([
      "policy   1",
      `owner    ${owner}`,
      "tls      submission >= TLSv1",
      "exclude  submission RC4",
      "activate reload",
      "destroy  keep",
      "",
    ]);
    expect(String(child("mx1-guarded-submission").inputs.stdin).split("\n")).toEqual([
      "policy   1",
      "guard    unused submission 90",
      "refused  hold",
      `owner    ${owner}-guarded-submission`,
      "tls      submission >= TLSv1.2",
      "ciphers  submission intermediate",
      "activate reload",
      "destroy  keep",
      "",
    ]);
  });

  it("says in its policy what happens when it is refused, and why it is overridden", async () => {
    const { child } = await harden({
      services: { "465/inet": { ...guard, whenRefused: "hold", despiteEvidence: "the last user was told" } },
    });
    const lines = String(child("mx1-guarded-465/inet").inputs.stdin).split("\n");
    expect(lines.slice(1, 4)).toEqual(["guard    quiet 465 180", "despite  the last user was told", "refused  hold"]);
  });

  it("that is held is in the output pending", async () => {
    const held = { ...quietReceipt, warnings: [{ code: "held", text: "port 465 stays as it is: bob" }] };
    const { component } = await harden({ services: { "smtps/inet": guard } }, {}, held);
    expect(await settled(component.pending)).toEqual(["port 465 stays as it is: bob"]);
    const { component: other } = await harden();
    expect(await settled(other.pending)).toEqual([]);
  });
});
