import { AsyncLocalStorage } from "node:async_hooks";
import * as pulumi from "@pulumi/pulumi";
import * as state from "@pulumi/pulumi/runtime/state";

type Call = "registerErrorHook" | "registerResourceHook";

const warned = new WeakSet<object>();

/**
 * The stand-in of unit tests has no such call, and registering there would wait for ever. An older engine, or a program whose
 * own SDK is older than ours, takes none, and a resource that named a hook which is not there could never be updated.
 */
function canRegister(call: Call): boolean {
  const monitor = pulumi.runtime.getMonitor();
  if (monitor === undefined || !(call in monitor)) return false;
  if (takes(call)) return true;
  if (call === "registerResourceHook" && !warned.has(monitor)) {
    warned.add(monitor);
    void pulumi.log.warn(
      "the pulumi command, or this program's @pulumi/pulumi, has no resource hooks yet: nobody looks whether a component stays with its machine and its name, or whether DNS records lose too much; update both (no-hooks)",
    );
  }
  return false;
}

/** The SDK that runs the program learned what the engine can do, and may have made the server that hooks are called by. */
function takes(call: Call): boolean {
  const getStore: unknown = Reflect.get(state, "getStore");
  const store: unknown = typeof getStore === "function" ? getStore() : undefined;
  if (typeof store !== "object" || store === null) return false;
  const feature = call === "registerErrorHook" ? "supportsErrorHooks" : "supportsResourceHooks";
  const server: unknown = Reflect.get(store, "callbacks");
  return Reflect.get(store, feature) === true && (!(server instanceof Object) || call in server);
}

// The engine calls back outside of the run that registered a hook, and in the plugin only that run's own context leads to the engine
// that shows what a hook has to say. So each is bound to its run.

/** Has the engine tell of a child that failed. */
export function onError(name: string, hear: pulumi.ErrorHookFunction): pulumi.ResourceHookBinding {
  if (!canRegister("registerErrorHook")) return {};
  return { onError: [forgiveRefusal(new pulumi.ErrorHook(name, AsyncLocalStorage.bind(hear)))] };
}

/** Has the engine ask ahead of an update, in a preview too. */
export function beforeUpdate(name: string, judge: pulumi.ResourceHookFunction): pulumi.ResourceHookBinding {
  if (!canRegister("registerResourceHook")) return {};
  const hook = new pulumi.ResourceHook(name, AsyncLocalStorage.bind(judge), { onDryRun: true });
  return { beforeUpdate: [forgiveRefusal(hook)] };
}

/** An engine may refuse it all the same, and one component may stand below each of two parents; neither is reason to fail. */
function forgiveRefusal<Hook extends pulumi.ErrorHook | pulumi.ResourceHook>(hook: Hook): Hook {
  const registered: unknown = Reflect.get(hook, "__registered");
  Reflect.set(
    hook,
    "__registered",
    Promise.resolve(registered).catch(() => undefined),
  );
  return hook;
}
