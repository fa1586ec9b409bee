// What a run shares: of one program with itself, never with a later one in the same process, whatever port that one's engine has.
import * as pulumi from "@pulumi/pulumi";
import { afterEach, expect, it } from "vitest";
import { perRun, shareByAddress } from "../../src/perRun.ts";

afterEach(() => pulumi.runtime.disconnect());

/** The engine of one run, at the address that each of them has. */
async function nextEngine(): Promise<void> {
  await pulumi.runtime.setMocks({ newResource: ({ name, inputs }) => ({ id: name, state: inputs }), call: () => ({}) });
  Reflect.set(Object(pulumi.runtime.getMonitor()), "getChannel", () => ({ getTarget: () => "127.0.0.1:40001" }));
}

it("is shared by what one engine asks for, and the plugin's components have clients of their own", async () => {
  const shared = perRun(() => ({}));
  await nextEngine();
  const first = shared();
  expect(shared()).toBe(first);
  await nextEngine();
  const second = shared();
  expect(second).not.toBe(first);

  shareByAddress();
  await nextEngine();
  const third = shared();
  await nextEngine();
  expect(shared()).toBe(third);
});
