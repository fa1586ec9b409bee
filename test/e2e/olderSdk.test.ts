// A program that is pinned to an SDK older than the package's own, so that npm installs two: the older one runs the program.
import { mkdirSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkout, scratch } from "../lab/places.ts";
import { must } from "../lab/run.ts";
import { Components, mustWork } from "./components.ts";
import { said } from "./site.ts";
import { directory, ours } from "./traces.ts";
import { useSite } from "./useSite.ts";

const site = useSite();
const args = { settings: { mail_name: "old" }, onDestroy: "restore" as const };

describe.each([
  ["3.150.0", "without any hooks", false],
  ["3.200.0", "without hooks for errors", true],
])("@pulumi/pulumi %s, %s", (version, _, asks) => {
  const dir = scratch("programs", "sdk");
  let components: Components;

  beforeAll(async () => {
    await must(["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", `@pulumi/pulumi@${version}`], {
      cwd: dir,
      timeoutMs: 600_000,
    });
    // The compiler is looked for beside the SDK that runs the program.
    for (const tool of ["typescript", "ts-node"])
      symlinkSync(join(checkout, "node_modules", tool), join(dir, "node_modules", tool));
    const program = site().program("components");
    const modules = join(program.dir, "node_modules", "@pulumi");
    rmSync(modules);
    mkdirSync(modules);
    symlinkSync(join(dir, "node_modules", "@pulumi", "pulumi"), join(modules, "pulumi"));
    symlinkSync(join(checkout, "node_modules", "@pulumi", "command"), join(modules, "command"));
    components = new Components(site().host, program, await site().stackOf(program));
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  test("hardens, is quiet, changes and gives back, and says what nobody looks at", async () => {
    const original = await directory(site().host);
    expect(said(await components.want({ args }).up())).toContain("verified by handshakes");
    const quiet = said(mustWork(await components.stack.preview({ args: ["--expect-no-changes"] })));
    expect(quiet.includes("(no-hooks)")).toBe(!asks);
    components.want({ args: { ...args, settings: { mail_name: "new" } } });
    expect(said(await components.up())).toContain("change main.cf mail_name: old -> new");
    await components.stack.rename("prod");
    const { status, stdout } = await components.stack.preview();
    expect(stdout.includes("formerly is without"), stdout).toBe(asks);
    expect(status === 0).toBe(!asks);
    await components.stack.rename("dev");
    await components.destroy();
    expect(await directory(site().host)).toBe(original);
    expect(await ours(site().host)).toEqual([]);
  });
});
