import * as pulumi from "@pulumi/pulumi";

/** The stand-in of unit tests and an older engine have no such call, and registering there would wait for ever. */
export function monitorHas(call: "registerErrorHook" | "registerResourceHook"): boolean {
  const monitor = pulumi.runtime.getMonitor();
  return monitor !== undefined && call in monitor;
}

/** An engine may refuse it all the same, and one component may stand below each of two parents; neither is reason to fail. */
export function forgiveRefusal<Hook extends pulumi.ErrorHook | pulumi.ResourceHook>(hook: Hook): Hook {
  const registered: unknown = Reflect.get(hook, "__registered");
  Reflect.set(
    hook,
    "__registered",
    Promise.resolve(registered).catch(() => undefined),
  );
  return hook;
}
