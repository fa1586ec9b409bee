// The YAML example, on a real host, through the plugin that the package ships.
import { mkdirSync, readFileSync, rmSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { goTool, obstacle } from "../lab/goTools.ts";
import { checkout, say } from "../lab/places.ts";
import { copyProgram, type Program } from "../lab/program.ts";
import type { Stack } from "../lab/stack.ts";
import { acceptedVersions } from "../lab/tls.ts";
import { mustWork } from "./components.ts";
import { said } from "./site.ts";
import { directory, ours } from "./traces.ts";
import { useSite } from "./useSite.ts";

const missing = obstacle("pulumi-language-yaml");
if (missing !== "") say(`YAML is not tested: ${missing}`);

describe.skipIf(missing !== "")(`a program in YAML${missing === "" ? "" : ` (skipped: ${missing})`}`, () => {
  const site = useSite();
  let program: Program;
  let stack: Stack;
  let original: string;

  /** As `npm install` links it, for a package that is not linked but under test. */
  function linkPlugin(): void {
    const bin = join(program.dir, "node_modules", ".bin");
    rmSync(bin);
    mkdirSync(bin);
    program.write(
      "node_modules/.bin/pulumi-resource-mailhost",
      `#!/bin/sh\nexec node '${join(checkout, "dist", "plugin.js")}' "$@"\n`,
      0o755,
    );
  }

  const example = readFileSync(join(checkout, "examples", "yaml", "Pulumi.yaml"), "utf8");
  const variant = (from: string, to: string): void => {
    expect(example).toContain(from);
    program.write("Pulumi.yaml", example.replace(from, to));
  };

  beforeAll(async () => {
    program = copyProgram(join(checkout, "examples", "yaml"));
    linkPlugin();
    const { engine, lab, host } = site();
    const path = [await goTool("pulumi-language-yaml"), engine.path].join(delimiter);
    stack = await engine.stack({ program: program.dir, lab, env: { PATH: path } });
    original = await directory(host);
    await stack.config("host", host.address);
    await stack.config("hostKey", host.hostKey);
    await stack.config("privateKey", site().key(), { secret: true });
  });
  afterAll(async () => {
    await stack?.remove();
    program?.remove();
  });

  test("shows the policy in a preview, hardens the host, and is quiet the second time", async () => {
    const preview = said(mustWork(await stack.preview({ diff: true })));
    expect(preview).toContain("set      smtpd_helo_required = yes");
    const up = said(mustWork(await stack.up()));
    expect(up).toContain(`${site().host.address}: verified by handshakes with every listener`);
    expect(up).not.toMatch(/\[object Object\]|undefined/);
    expect(await acceptedVersions(site().host)).toEqual(["TLSv1.2", "TLSv1.3"]);
    expect(await stack.outputs()).toMatchObject({
      protocols: [{ name: "smtp/inet", port: 25, protocols: ["TLSv1.2", "TLSv1.3"], starttls: "starttls" }],
      policy: expect.stringContaining("tls      submission >= TLSv1.2"),
    });
    mustWork(await stack.preview({ args: ["--expect-no-changes"] }));
  });

  test("a failed connection is said in one line of ours, as in a program in TypeScript", async () => {
    const { address } = site().host;
    const key = /^ +privateKey: .*\n/m.exec(example)?.[0] ?? "";
    variant(key, `${key}        port: 26\n        dialErrorLimit: 0\n`);
    const up = await stack.up();
    program.write("Pulumi.yaml", example);
    expect(up.status).not.toBe(0);
    expect(said(up)).toContain(`error: ${address}: connection.port 26 of ${address} refuses connections: `);
  });

  test("may be the one of docs/languages.md", async () => {
    const page = readFileSync(join(checkout, "docs", "languages.md"), "utf8");
    program.write(
      "Pulumi.yaml",
      (/^```yaml\n([\s\S]*?)^```/m.exec(page)?.[1] ?? "").replace(/^name: .*$/m, "name: mailhost-yaml"),
    );
    const preview = said(mustWork(await stack.preview({ diff: true })));
    program.write("Pulumi.yaml", example);
    expect(preview).toMatch(/^ +- destroy {2}restore\n +\+ destroy {2}keep$/m);
  });

  test("keeps the private key out of the state, save encrypted", async () => {
    const { stdout } = await stack.export();
    expect(stdout).not.toContain("PRIVATE KEY");
  });

  test.each([
    ["profile: intermediate", "profile: strict", /Allowed values are Intermediate \(\\?"intermediate\\?"\), Modern/],
    ['smtpd_helo_required: "yes"', "smtpd_helo_required: [1]", /smtpd_helo_required: Cannot assign/],
    ["onDestroy: restore", "onDestory: restore", /onDestory/],
    ['smtpd_helo_required: "yes"', '"smtpd helo": "yes"', /10\.77\.1\.2: settings.* "smtpd helo"/],
  ])("%s, written as %s, is refused by name", async (right, wrong, error) => {
    variant(right, wrong);
    const preview = await stack.preview();
    program.write("Pulumi.yaml", example);
    expect(preview.status).not.toBe(0);
    expect(said(preview)).toMatch(error);
    expect(said(preview)).not.toMatch(/ at .*\.js:\d+/);
  });

  test("may not have two of one name on one host, though each component asks by itself", async () => {
    const [, properties] = /\n {4}properties:\n([\s\S]*)outputs:/.exec(example) ?? [];
    const second = [
      "  second:",
      "    type: mailhost:PostfixHardening",
      "    name: mx1",
      "    options:",
      `      parent: \${mx1}`,
    ];
    variant("outputs:", `${second.join("\n")}\n    properties:\n${properties}outputs:`);
    const preview = await stack.preview();
    program.write("Pulumi.yaml", example);
    expect(preview.status).not.toBe(0);
    expect(said(preview)).toContain('10.77.1.2: PostfixHardening "mx1" is here twice, below two parents');
  });

  test("gives all back", async () => {
    mustWork(await stack.destroy());
    expect(await directory(site().host)).toBe(original);
    expect(await ours(site().host)).toEqual([]);
  });
});
