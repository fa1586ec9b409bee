import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it, vi } from "vitest";
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

  describe("that ran", () => {
    const tls = { incoming: { onlyIfUnusedForDays: 90 }, submission: { onlyIfUnusedForDays: 90 } };
    const raised = { ...quietReceipt.services[0], protocols: ["TLSv1.2", "TLSv1.3"] };
    const override = (service: string) => ({ service, option: "smtpd_tls_protocols", value: "TLSv1" });
    const warning = (text: string, code = "no-starttls") => ({ code, text });
    /** Each has its own floor, so that it can be told whose an output is. */
    const answers = (times: Record<string, string | null>) => (name: string) => {
      const key = name.replace("mx1-", "");
      const at = times[key] ?? null;
      return {
        ...quietReceipt,
        postfix: key,
        changes: [{ file: "main.cf", name: key, from: null, to: null }],
        services: [{ ...raised, name: key }],
        activation: { kind: at === null ? "none" : "reload", at, remaining: null, until: null, ended: null },
        overrides: [override("smtp/inet"), override(key)],
        warnings: [warning("the same"), warning(key), ...(key === "policy" ? [] : [warning(`${key} waits`, "held")])],
      };
    };
    const hardened = async (times: Record<string, string | null>) =>
      (await harden({ tls }, {}, answers(times))).component;

    it("is in the outputs: what it changed, left and warned of, each once, and what is held in pending alone", async () => {
      const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue();
      const component = await hardened({});
      const keys = ["policy", "guarded-incoming", "guarded-submission"];
      expect(await settled(component.changes)).toEqual(keys.map((name) => ({ file: "main.cf", name })));
      expect(await settled(component.overridesLeft)).toEqual(["smtp/inet", ...keys].map(override));
      const warnings = ["the same", ...keys].map((text) => warning(text));
      expect(await settled(component.warnings)).toEqual(warnings);
      expect(warn.mock.calls.map(([text]) => text)).toEqual(
        warnings.map(({ code, text }) => `mx1.example.com: ${text} (${code})`),
      );
      expect(await settled(component.pending)).toEqual(["guarded-incoming waits", "guarded-submission waits"]);
    });

    it.each<[Record<string, string | null>, string]>([
      [{ policy: "2026-11-25T12:00:00Z", "guarded-incoming": "2026-11-25T12:00:02Z" }, "guarded-incoming"],
      [{ policy: "2026-11-25T12:00:00Z", "guarded-incoming": "2026-11-25T12:00:00Z" }, "guarded-incoming"],
      [{ policy: "2026-12-01T00:00:00Z", "guarded-incoming": "2026-11-25T12:00:02Z" }, "policy"],
      [{ "guarded-submission": "2026-11-25T12:00:00Z" }, "guarded-submission"],
      [{}, "policy"],
    ])("and of those activated at %o the newest says what the host accepts", async (times, newest) => {
      const component = await hardened(times);
      expect(await settled(component.protocols)).toEqual([{ ...raised, name: newest }]);
      expect(await settled(component.effectiveAt)).toBe(times[newest] ?? "");
      expect(await settled(component.activation)).toMatchObject({
        kind: times[newest] === undefined ? "none" : "reload",
      });
      expect(await settled(component.postfixVersion)).toBe(newest);
    });
  });
});
