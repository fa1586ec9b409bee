// Hostile texts through the whole component: what it registers, and what a shell makes of the commands.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { awks } from "../hostDecision/awk.ts";
import { policyWords } from "../hostDecision/decide.ts";
import { type Registered, run } from "../mocks.ts";
import { quietReceipt } from "../receipts.ts";
import { argsWith, textPlaces } from "./places.ts";
import { hostileTexts, seed, unseen } from "./values.ts";

const texts = hostileTexts(seed, 550);

interface Made {
  text: string;
  registered: Registered[];
}
interface Refused {
  text: string;
  message: string;
}

/** At most so many components that are made, and so many that are refused, with texts of all kinds in one place. */
async function through(place: string, most: number, attempts: number): Promise<{ made: Made[]; refused: Refused[] }> {
  const { PostfixHardening } = await import("../../../src/postfixHardening.ts");
  const made: Made[] = [];
  const refused: Refused[] = [];
  // Each time another part of the texts, so that all of them come to somewhere.
  const from = texts.length - ((place.length * 37) % texts.length);
  for (const text of [...texts.slice(from), ...texts.slice(0, from)].slice(0, attempts)) {
    if (made.length >= most && refused.length >= most) break;
    let error: unknown;
    const attempt = () => {
      try {
        Reflect.construct(PostfixHardening, ["mx", argsWith(place, text)]);
      } catch (thrown) {
        error = thrown;
      }
    };
    const { registered } = await run(attempt);
    if (error === undefined && made.length < most) made.push({ text, registered });
    if (error !== undefined && refused.length < most) refused.push({ text, message: String(error) });
    if (error !== undefined) expect(registered).toEqual([]);
  }
  return { made, refused };
}

const input = (registered: Registered[], name: string, of = "mx-policy") =>
  registered.find((resource) => resource.name === of)?.inputs[name];

describe("a component with hostile texts", () => {
  const places = textPlaces();
  let usual: Registered[];
  beforeAll(async () => {
    usual = (await through("connection.password", 1, 9)).made[0]?.registered ?? [];
  });

  it.each(places)("in %s registers the commands that it always has, or nothing", async (place) => {
    const { made, refused } = await through(place, 3, 60);
    expect(made.length + refused.length).toBeGreaterThanOrEqual(3);
    for (const { message } of refused) expect(message).not.toMatch(unseen);
    for (const { registered } of made) {
      const policy = String(input(registered, "stdin"));
      expect(policyWords(policy, awks[made.length % awks.length]).split("\n").length).toBeGreaterThan(3);
      if (["connection.host", "connection.privilege", "connection.installedProgram"].includes(place)) continue;
      for (const name of ["create", "delete"]) expect(input(registered, name)).toBe(input(usual, name));
    }
  });

  it("as its own name says so in words, or is known by it", async () => {
    const { PostfixHardening } = await import("../../../src/postfixHardening.ts");
    for (const text of texts.filter((_, at) => at % 10 === 0)) {
      let message = "";
      const { registered } = await run(() => {
        try {
          Reflect.construct(PostfixHardening, [text, argsWith("activation", "reload")]);
        } catch (error) {
          message = String(error);
        }
      });
      expect(message).not.toMatch(unseen);
      if (message === "")
        expect(String(input(registered, "stdin", `${text}-policy`))).toContain(`PostfixHardening/${text}\n`);
      else expect(registered).toEqual([]);
    }
  });

  it("logs no control character that a host's answer has", async () => {
    const odd = "a\u001b[2J\u009b31m\u0007\u202eb";
    const warn = vi.spyOn(pulumi.log, "warn").mockResolvedValue(undefined);
    const { PostfixHardening } = await import("../../../src/postfixHardening.ts");
    const answer = { ...quietReceipt, host: odd, warnings: [{ code: odd, text: odd }] };
    await run(
      () => Reflect.construct(PostfixHardening, ["mx", argsWith("activation", "reload")]),
      JSON.stringify(answer),
    );
    expect(warn).toHaveBeenCalledOnce();
    const safe = "a\\u001b[2J\\u009b31m\\u0007\\u202eb";
    expect(warn.mock.calls[0]?.[0]).toBe(`mx1.example.com: ${safe} (${safe})`);
  });
});

const shells = [["sh"], ["bash"], ["dash"], ["busybox", "sh"]].filter(
  ([shell = "", ...args]) => spawnSync(shell, [...args, "-c", "true"]).status === 0,
);

let hosts: Promise<Made[]> | undefined;
/** Components for every host name that is accepted. */
async function hostsMade(): Promise<Made[]> {
  hosts ??= through("connection.host", 12, texts.length).then(({ made }) => made);
  return hosts;
}

describe.each(shells.map((shell) => ({ shell, called: shell.join(" ") })))("the commands in $called", ({ shell }) => {
  const box = mkdtempSync(join(tmpdir(), "mailhost-hostile-"));
  const tools = join(box, "bin");
  afterAll(() => rmSync(box, { recursive: true }));

  it("run nothing but themselves, whatever the host is called", async () => {
    mkdirSync(tools);
    for (const [name, text] of Object.entries({ id: "echo 0", sudo: 'shift; exec "$@"', doas: 'shift; exec "$@"' }))
      writeFileSync(join(tools, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    const made = await hostsMade();
    expect(made.length).toBeGreaterThanOrEqual(4);
    for (const { text, registered } of made) {
      for (const name of ["create", "delete"]) {
        const command = String(input(registered, name)).replaceAll("/var/lib/mailhost", join(box, "var"));
        const [program = "", ...args] = shell;
        const env = { HOME: box, PATH: `${tools}:${process.env.PATH}` };
        mkdirSync(join(box, "var"), { recursive: true });
        const { stderr } = spawnSync(program, [...args, "-c", command], { cwd: box, env, input: "", encoding: "utf8" });
        expect(stderr.trimEnd().split("\n").at(-1)).toBe(`${text}: no program; raise repair`);
      }
    }
    expect(readdirSync(box, { recursive: true }).sort()).toEqual(
      ["bin", "bin/doas", "bin/id", "bin/sudo", "var", "var/bin"].sort(),
    );
  });
});
