// What `npm test` and `npm run demo` say where no real host can be booted: the set-up itself, with nothing behind it.
import { spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const prepare = fileURLToPath(new URL("../../tools/prepare.sh", import.meta.url));
const isRoot = process.getuid?.() === 0;
let checkout: string;

// Its tools answer and do nothing; what the set-up finds out about the machine, it finds out here.
beforeEach(() => {
  checkout = mkdtempSync(join(tmpdir(), "mailhost-prepare-"));
  for (const directory of ["tools", "node_modules/.bin", "bin", "home"])
    mkdirSync(join(checkout, directory), { recursive: true });
  copyFileSync(prepare, join(checkout, "tools/prepare.sh"));
  writeFileSync(join(checkout, "tools/check.sh"), "exit 0\n");
  writeFileSync(join(checkout, "package-lock.json"), "{}");
  writeFileSync(join(checkout, "node_modules/.package-lock.json"), "{}");
  tool("node_modules/.bin/node", "echo v24.0.0");
  tool("node_modules/.bin/vitest", 'echo "vitest $*"; echo "7 passed, $FAILED_CHECKS failed"');
  tool("bin/npm", 'echo "npm $*" >&2');
  chmodSync(checkout, 0o755);
  chmodSync(join(checkout, "home"), 0o777);
});
afterEach(() => rmSync(checkout, { recursive: true, force: true }));

function tool(path: string, text: string): void {
  writeFileSync(join(checkout, path), `#!/bin/sh\n${text}\n`);
  chmodSync(join(checkout, path), 0o755);
}

function call(purpose: string, prefix: string[] = []) {
  const [program = "sh", ...args] = [...prefix, "sh", join(checkout, "tools/prepare.sh"), purpose];
  const env = { PATH: `${join(checkout, "bin")}:${process.env.PATH}`, HOME: join(checkout, "home") };
  return spawnSync(program, args, { env, encoding: "utf8" });
}

const asSomebody = isRoot ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : [];

describe.each([
  ["whoever is not root", "this is not root", asSomebody, undefined],
  ["a system that is not Linux", "this is not Linux", [], "Darwin"],
])("%s", (_, why, prefix, system) => {
  beforeEach(() => {
    if (system !== undefined) tool("bin/uname", `echo ${system}`);
  });

  it("is told by npm test what is missing, and gets the checks and the unit tests", () => {
    const { status, stdout, stderr } = call("test", prefix);
    expect(stderr).toContain(
      `prepare: no real hosts: ${why}. A full run needs Linux, root and Debian's package manager.\n`,
    );
    expect(stderr).toContain("prepare: Running what needs none of them: the checks and the unit tests.\n");
    expect(stdout).toBe("vitest run --project unit\n7 passed, 0 failed\n");
    expect(status).toBe(0);
  });

  it("is told of a failed check in the last line", () => {
    writeFileSync(join(checkout, "tools/check.sh"), "exit 1\n");
    expect(call("test", prefix).stdout).toMatch(/\n7 passed, 1 failed\n$/);
  });

  it("is told by npm run demo that there is none here, and what runs instead", () => {
    const { status, stdout, stderr } = call("demo", prefix);
    expect(stderr).toContain(`prepare: the demo boots a real mail host, and can't here: ${why}.`);
    expect(stderr).toContain("prepare: What runs here: npm test, with the checks and the unit tests.\n");
    expect({ status, stdout }).toEqual({ status: 1, stdout: "" });
  });
});
