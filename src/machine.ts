import * as pulumi from "@pulumi/pulumi";
import { MailhostError } from "./errors";
import { forgiveRefusal, monitorHas } from "./hooks";

/** What tells a machine: where it is reached, and its host key. */
export interface Place {
  host: unknown;
  hostKey: unknown;
}

/**
 * A component stays with its machine, because what it changed and the ledger of that are there. An address may change;
 * another address with another host key is another machine. Only the engine still knows what was before, so it asks
 * here ahead of an update, in a preview too. An engine that cannot ask does without.
 */
export function machineHooks(type: string, name: string): pulumi.ResourceHookBinding {
  if (!monitorHas("registerResourceHook")) return {};
  const hook = new pulumi.ResourceHook(
    `${type}::${name}::machine`,
    async ({ oldInputs, newInputs }) => refuseAnotherMachine(await placeOf(oldInputs), await placeOf(newInputs)),
    { onDryRun: true },
  );
  return { beforeUpdate: [forgiveRefusal(hook)] };
}

/** A value that is not known yet decides nothing. */
export function refuseAnotherMachine(before: Place, now: Place): void {
  if (![before.host, before.hostKey, now.host, now.hostKey].every((value) => typeof value === "string")) return;
  if (before.host === now.host || before.hostKey === now.hostKey) return;
  throw new MailhostError(
    String(now.host),
    "connection.host",
    `was ${JSON.stringify(before.host)}, with another host key; a component stays with its machine, so use a new component for another one`,
  );
}

/** The connection is secret in what the engine hands over, and in a preview part of it may be unknown. */
async function placeOf(inputs: object | undefined): Promise<Place> {
  const connection = await value(inputs && "connection" in inputs ? inputs.connection : undefined);
  const given = new Map<string, unknown>(typeof connection === "object" ? Object.entries(connection ?? {}) : []);
  return { host: await value(given.get("host")), hostKey: await value(given.get("hostKey")) };
}

async function value(given: unknown): Promise<unknown> {
  if (!pulumi.Output.isInstance(given)) return given;
  const known: unknown = await Reflect.get(given, "isKnown");
  return known === true ? new Promise((resolve) => given.apply(resolve)) : undefined;
}
