import * as pulumi from "@pulumi/pulumi";
import { faultWords, type Route, type Target } from "./faults";

/**
 * Has the engine tell us of a child that failed, so that a failed connection is said in terms of our arguments, beside
 * the provider's words. Nothing but those words depends on it: where an engine cannot, the provider's stand alone. So
 * do they on `pulumi destroy`, which runs no program.
 */
export function faultHooks(
  type: string,
  name: string,
  label: string,
  resource: pulumi.Resource,
): pulumi.ResourceHookBinding {
  if (!monitorHasHooks()) return {};
  const hook = new pulumi.ErrorHook(`${type}::${name}`, async ({ newInputs, oldInputs, errors }) => {
    await explain(errors[0] ?? "", (newInputs ?? oldInputs)?.connection, label, resource).catch(() => undefined);
    return false;
  });
  forgiveRefusal(hook);
  return { onError: [hook] };
}

/** The stand-in of unit tests has no such call, and registering there would wait for ever. */
function monitorHasHooks(): boolean {
  const monitor = pulumi.runtime.getMonitor();
  return monitor !== undefined && "registerErrorHook" in monitor;
}

/** An older engine refuses it, and one component may stand below each of two parents; neither is reason to fail. */
function forgiveRefusal(hook: pulumi.ErrorHook): void {
  const registered: unknown = Reflect.get(hook, "__registered");
  Reflect.set(
    hook,
    "__registered",
    Promise.resolve(registered).catch(() => undefined),
  );
}

async function explain(error: string, connection: unknown, label: string, resource: pulumi.Resource): Promise<void> {
  const route = routeOf(await known(connection));
  const words = route && faultWords(error, route);
  if (words !== undefined) await pulumi.log.error(`${route?.host ?? label}: ${words}`, resource);
}

/** Of the connection, which is secret, the hook gets an output. */
function known(value: unknown): Promise<unknown> {
  if (!pulumi.Output.isInstance(value)) return Promise.resolve(value);
  return new Promise((resolve) => value.apply(resolve));
}

function routeOf(connection: unknown): Route | undefined {
  const target = targetOf(connection);
  if (target === undefined) return undefined;
  const proxy = targetOf(Object.entries(connection ?? {}).find(([name]) => name === "proxy")?.[1]);
  return proxy === undefined ? target : { ...target, proxy };
}

function targetOf(endpoint: unknown): Target | undefined {
  if (typeof endpoint !== "object" || endpoint === null) return undefined;
  const { host, port, user, hostKey, perDialTimeout } = Object.fromEntries(Object.entries(endpoint));
  if (typeof host !== "string") return undefined;
  return {
    host,
    port: Number(port),
    user: String(user),
    hostKey: String(hostKey),
    perDialTimeout: Number(perDialTimeout),
  };
}
