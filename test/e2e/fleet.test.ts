// The example `fleet`: the canary first, the others only after it succeeded, and never more at a time than asked for.
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkout } from "../lab/places.ts";
import { copyProgram, type Program } from "../lab/program.ts";
import type { Stack } from "../lab/stack.ts";
import { mustWork } from "./components.ts";
import { said } from "./site.ts";
import { directory, ours } from "./traces.ts";
import { useSite } from "./useSite.ts";

// One machine stands for five hosts, by five addresses.
const site = useSite({ addresses: 5 });
let program: Program;
let stack: Stack;
let original: string;

function writeHosts(settings: Record<string, string> = {}): void {
  const { addresses, hostKey } = site().host;
  const hosts = addresses.map((host, at) => ({
    name: `mx${at + 1}`,
    host,
    hostKey,
    ...(at === 0 ? { settings } : {}),
  }));
  program.write("hosts.json", JSON.stringify(hosts));
}

/** `creating mx1-policy` and `created mx1-policy`, in the order in which the engine says them. */
function steps(output: string): string[] {
  const found = [...output.matchAll(/command:remote:Command (mx\d)-policy (creating|created)/g)];
  return [...new Set(found.map(([, name, step]) => `${step} ${name}`))];
}

beforeAll(async () => {
  program = copyProgram(join(checkout, "examples", "fleet"));
  const { engine, lab, host } = site();
  stack = await engine.stack({ program: program.dir, lab, env: { PULUMI_NODEJS_TRANSPILE_ONLY: "true" } });
  await stack.config("privateKey", site().key(), { secret: true });
  original = await directory(host);
});
afterAll(async () => {
  await stack?.remove();
  program?.remove();
});

test("a canary that fails keeps all others as they are", async () => {
  writeHosts({ smtpd_tls_protocols_of_mine: "1" });
  const up = await stack.up();
  expect(up.status).not.toBe(0);
  expect(said(up)).toMatch(/10\.77\.1\.2: error: .*smtpd_tls_protocols_of_mine/);
  expect(steps(said(up))).toEqual(["creating mx1"]);
  expect(await directory(site().host)).toBe(original);
});

test("the canary goes first, then two at a time", async () => {
  writeHosts();
  const order = steps(said(mustWork(await stack.up())));
  expect(order.slice(0, 2)).toEqual(["creating mx1", "created mx1"]);
  expect(order).toHaveLength(10);
  let running = 0;
  for (const step of order) {
    running += step.startsWith("creating") ? 1 : -1;
    expect(running, order.join(", ")).toBeLessThanOrEqual(2);
  }
  expect(order.indexOf("creating mx4")).toBeGreaterThan(order.indexOf("created mx2"));
  mustWork(await stack.preview({ args: ["--expect-no-changes"] }));
});

test("all goes back", async () => {
  mustWork(await stack.destroy());
  expect(await directory(site().host)).toBe(original);
  expect(await ours(site().host)).toEqual([]);
});
