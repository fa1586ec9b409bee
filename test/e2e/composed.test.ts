// Options that a parent hands down: providers, transforms, and what goes with a machine.
import { beforeAll, expect, test } from "vitest";
import type { Stack } from "../lab/stack.ts";
import { kept, mustWork } from "./components.ts";
import { said } from "./site.ts";
import { directory } from "./traces.ts";
import { useSite } from "./useSite.ts";

const site = useSite();
let stack: Stack;
let original: string;

beforeAll(async () => {
  const { host } = site();
  original = await directory(host);
  stack = await site().stackOf(site().program("composed"));
  await stack.config("address", host.address);
  await stack.config("hostKey", host.hostKey);
  await stack.config("privateKey", site().key(), { secret: true });
});

test("under a parent every child has its place, the parent's provider and its transform", async () => {
  const up = said(mustWork(await stack.up()));
  expect(up).toContain(`${site().host.address}: verified`);
  const resources = kept(await stack.export());
  const children = resources.filter(({ urn }) => /site-mx-(program|policy)$/.test(urn));
  expect(children).toHaveLength(2);
  for (const { urn } of children)
    expect(urn).toContain("test:index:Site$mailhost:index:PostfixHardening$command:remote:");
  for (const child of children) expect(Reflect.get(child, "provider")).toMatch(/::own::/);
  expect(resources.filter(({ type }) => type === "pulumi:providers:command")).toHaveLength(1);
  const policy = children.find(({ urn }) => urn.endsWith("-policy"));
  expect(policy?.inputs).toMatchObject({ logging: "stdoutAndStderr" });
  mustWork(await stack.preview({ args: ["--expect-no-changes"] }));
});

test("what goes with its machine is not given back on a host that goes", async () => {
  await stack.config("together", "true");
  mustWork(await stack.up());
  const hardened = await directory(site().host);
  expect(hardened).not.toBe(original);
  expect(said(mustWork(await stack.destroy()))).not.toContain("give back");
  expect(await directory(site().host)).toBe(hardened);
});
