// A stack that makes a machine and hardens it in the same `up`: ssh is waited for, within the connection's own limits.
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Stack } from "../lab/stack.ts";
import { acceptedVersions } from "../lab/tls.ts";
import { kept, mustWork } from "./components.ts";
import { policyLines } from "./preview.ts";
import { said } from "./site.ts";
import { directory } from "./traces.ts";
import { useSite } from "./useSite.ts";

const site = useSite();
let stack: Stack;
let cloud: string;
let hardened: string;

/** Nobody has ordered it yet. */
beforeAll(async () => {
  const program = site().program("machine");
  // Pulumi's own installer puts this one beside `pulumi`.
  program.write(
    "bin/pulumi-resource-pulumi-nodejs",
    `#!/bin/sh\nexec node '${program.dir}/node_modules/@pulumi/pulumi/cmd/dynamic-provider/index.js' "$@"\n`,
    0o755,
  );
  cloud = join(program.dir, "cloud");
  const { engine, lab, host } = site();
  const path = [join(program.dir, "bin"), engine.path].join(delimiter);
  stack = await engine.stack({ program: program.dir, lab, env: { PATH: path, PULUMI_NODEJS_TRANSPILE_ONLY: "true" } });
  await stack.config("cloud", cloud);
  await stack.config("address", host.address);
  await stack.config("hostKey", host.hostKey);
  await stack.config("privateKey", site().key(), { secret: true });
  await host.cutPower();
});
afterAll(() => stack?.remove());

const ordered = (): true | undefined => (existsSync(cloud) && readFileSync(cloud, "utf8") !== "") || undefined;

async function limits(dialErrorLimit: number, perDialTimeout: number): Promise<void> {
  await stack.config("dialErrorLimit", String(dialErrorLimit));
  await stack.config("perDialTimeout", String(perDialTimeout));
}

test("a preview shows the policy, names nothing it cannot know, and orders nothing", async () => {
  const preview = said(mustWork(await stack.preview({ diff: true })));
  expect(policyLines(preview)).toContain("set      smtpd_helo_required = yes");
  expect(preview).not.toMatch(/object Object|undefined|Calling \[toString\]/);
  expect(ordered()).toBeUndefined();
});

test("a machine on which ssh never comes ends `up` in a bounded time, with its name and what to do", async () => {
  const { address } = site().host;
  await limits(3, 1);
  const started = Date.now();
  const up = await stack.up();
  expect(up.status).not.toBe(0);
  expect(Date.now() - started).toBeLessThan(60_000);
  expect(said(up)).toMatch(
    new RegExp(`^ +error: ${address}: connection\\.\\w+ .*raise dialErrorLimit to wait longer$`, "m"),
  );
  expect(ordered()).toBe(true);
  mustWork(await stack.destroy());
  expect(ordered()).toBeUndefined();
});

test("the machine boots while `up` waits, and is hardened by it; then nothing is left to do", async () => {
  const { host } = site();
  await limits(30, 5);
  // It begins to boot when the first attempt to connect has failed.
  let booted: Promise<void> | undefined;
  const onOutput = (text: string): void => {
    if (text.includes("Dial 1/30 failed")) booted ??= host.boot({ waitForSmtp: false });
  };
  const text = said(mustWork(await stack.up({ onOutput })));
  expect(booted).toBeDefined();
  await booted;
  expect(text).toContain(`${host.address}: verified by handshakes with every listener`);
  expect(await acceptedVersions(host)).toEqual(["TLSv1.2", "TLSv1.3"]);
  expect(await stack.outputs()).toMatchObject({ endpoint: `root@${host.address}:22` });
  mustWork(await stack.preview({ args: ["--expect-no-changes"] }));
  hardened = await directory(host);
});

test("what goes with its machine contacts nobody when both go", async () => {
  const destroy = said(mustWork(await stack.destroy()));
  expect(destroy).not.toContain(`${site().host.address}: `);
  expect(await directory(site().host)).toBe(hardened);
  expect(kept(await stack.export())).toEqual([]);
  expect(ordered()).toBeUndefined();
});
