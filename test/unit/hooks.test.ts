import { AsyncLocalStorage } from "node:async_hooks";
import * as pulumi from "@pulumi/pulumi";
import { expect, it } from "vitest";
import { beforeUpdate, onError } from "../../src/hooks.ts";
import { run } from "./mocks.ts";

it.each([
  ["registerErrorHook", (hear: () => boolean) => onError("n", () => !hear()).onError],
  ["registerResourceHook", (hear: () => boolean) => beforeUpdate("n", () => void hear()).beforeUpdate],
] as const)(
  "what is registered by %s is called in the context of its run, from wherever the engine calls",
  async (call, register) => {
    const runs = new AsyncLocalStorage<string>();
    const heard: unknown[] = [];
    const { result } = await run(() => {
      const accept = (_: unknown, done: (error: null, answer: object) => void) => done(null, {});
      Reflect.set(pulumi.runtime.getMonitor() ?? {}, call, accept);
      return runs.run("a run", () => register(() => heard.push(runs.getStore()) > 0));
    });
    const [hook] = result ?? [];
    if (typeof hook !== "object" || !("callback" in hook)) throw new Error("no hook was made");
    await hook.callback({ urn: "", id: "", name: "", type: "", failedOperation: "create", errors: [] });
    expect(heard).toEqual(["a run"]);
  },
);
