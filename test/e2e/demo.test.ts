// The demo as a user runs it, and that it fails where a promise is broken.
import { spawn } from "node:child_process";
import { chmodSync, existsSync, rmSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { expect, test } from "vitest";
import { findEngine } from "../lab/engine.ts";
import { checkout, labsDir, scratch } from "../lab/places.ts";
import { run } from "../lab/run.ts";

interface Ended {
  status: number | null;
  text: string;
  /** The line for scripts. */
  last: string;
}

/** `onText` sees all that was printed so far. */
function demo(
  env: NodeJS.ProcessEnv = {},
  onText: (text: string, interrupt: () => void) => void = () => {},
): Promise<Ended> {
  const child = spawn(process.execPath, [join(checkout, "test/demo/demo.ts")], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let text = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      text += chunk;
      onText(text, () => child.kill("SIGINT"));
    });
  }
  return new Promise((resolve) => {
    child.on("close", (status) => resolve({ status, text, last: text.trimEnd().split("\n").at(-1) ?? "" }));
  });
}

async function expectNothingLeft(text: string): Promise<void> {
  const id = /mailhost-(\w+)/.exec(text)?.[1] ?? "no lab";
  expect(text).toContain(`mailhost-${id}`);
  expect(existsSync(join(labsDir, id))).toBe(false);
  expect((await run(["ip", "netns", "list"])).stdout).not.toContain(id);
}

test("shows the main job and proves each step", async () => {
  const { status, text, last } = await demo();
  expect(last, text).toMatch(
    /^demo: ok before=TLSv1,TLSv1\.1,TLSv1\.2,TLSv1\.3 after=TLSv1\.2,TLSv1\.3 noop=yes restored=yes dns=yes seconds=\d+$/,
  );
  expect(status).toBe(0);
  for (const command of [
    "stack init demo",
    "config set host",
    "preview --diff",
    "up --yes",
    "preview --expect-no-changes",
    "destroy --yes",
    "-C mail-dns up --yes",
    "-C mail-dns config set publishedWave 1",
    "-C mail-dns destroy --yes",
  ]) {
    expect(text).toContain(`$ pulumi ${command}`);
  }
  expect(text).not.toContain("PRIVATE KEY");
  await expectNothingLeft(text);
});

test.each([
  ["up", /broken promise: the host verified it/],
  ["destroy", /broken promise: \/etc\/postfix is what it was/],
])("fails where `pulumi %s` does nothing", async (verb, reason) => {
  const engine = await findEngine();
  const dir = scratch("programs", "lazy");
  try {
    const real = engine.path.split(delimiter).find((place) => existsSync(join(place, "pulumi")));
    writeFileSync(join(dir, "pulumi"), `#!/bin/sh\n[ "$1" != ${verb} ] || exit 0\nexec ${real}/pulumi "$@"\n`);
    chmodSync(join(dir, "pulumi"), 0o755);
    const { status, text, last } = await demo({ PATH: [dir, engine.path].join(delimiter) });
    expect(last, text).toMatch(/^demo: failed seconds=\d+$/);
    expect(text).toMatch(reason);
    expect(status).toBe(1);
    await expectNothingLeft(text);
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test("leaves nothing after ctrl-C", async () => {
  const { status, text, last } = await demo({}, (so, interrupt) => {
    if (so.includes("$ pulumi preview")) interrupt();
  });
  expect(last, text).toMatch(/^demo: interrupted seconds=\d+$/);
  expect(status).toBe(130);
  await expectNothingLeft(text);
});
