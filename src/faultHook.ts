import * as pulumi from "@pulumi/pulumi";
import { faultWords, type Route, type Target } from "./faults";
import { onError } from "./hooks";
import { visible } from "./policy/visible";

/**
 * Has the engine tell us of a child that failed, so that the reason is said in one line of the component's own, in terms of
 * our arguments where the connection failed or the program is gone. The provider's words, which begin with the whole command,
 * are the details. Nothing but that line depends on it: where an engine cannot, the provider's words stand alone. So do they on
 * `pulumi destroy`, which runs no program.
 */
export function faultHooks(
  type: string,
  name: string,
  label: string,
  resource: pulumi.Resource,
  uploaded = false,
): pulumi.ResourceHookBinding {
  return onError(`${type}::${name}`, async ({ urn, newInputs, oldInputs, errors }) => {
    const error = errors[0] ?? "";
    const words = uploaded ? programWords(error, urn, name) : undefined;
    await explain(error, words, (newInputs ?? oldInputs)?.connection, label, resource).catch(() => undefined);
    return false;
  });
}

/** A missing program is no difference that the engine could see, so it is told to upload it. */
export function programWords(error: string, urn: string, name: string): string | undefined {
  if (!/^(?:rpc error: .* desc = )?Process exited with status 65: /.test(error)) return undefined;
  const upload = urn.replace(/command:remote:Command::.*$/s, () => `command:remote:CopyToRemote::${name}-program`);
  return `the program that was uploaded is not there any more, or not the expected one; upload it again by "pulumi up --replace '${upload}'", or raise repair`;
}

/** The last of what the host said, if it is a reason; before it the provider has its own words and the command. */
export function hostWords(error: string, host: string): string | undefined {
  const [, ...said] = error.split("\n");
  const last = said.map((line) => line.trim()).findLast((line) => line !== "");
  if (last === undefined || !last.startsWith(`${host}: `)) return undefined;
  return visible(last.slice(`${host}: `.length).replace(/^error: /, ""));
}

async function explain(
  error: string,
  ours: string | undefined,
  connection: unknown,
  label: string,
  resource: pulumi.Resource,
): Promise<void> {
  const route = routeOf(await known(connection));
  const words = ours ?? (route && (faultWords(error, route) ?? hostWords(error, route.host)));
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
