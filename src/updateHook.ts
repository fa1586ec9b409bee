import * as pulumi from "@pulumi/pulumi";
import { beforeUpdate } from "./hooks";
import { type Place, refuseAnotherMachine } from "./machine";
import { refuseForgottenOwner } from "./owner";

/** What to say of the machine where a component was, and the one where it is to go on. */
export type MachineJudge = (before: Place, now: Place) => void | Promise<void>;

/**
 * An update goes on with what a component did before: on its machine, as its owner. Only the engine still knows what was
 * before, so it asks here ahead of an update, in a preview too. An engine that cannot ask does without.
 */
export function updateHooks(
  type: string,
  name: string,
  owner: string,
  judgeMachine: MachineJudge = refuseAnotherMachine,
): pulumi.ResourceHookBinding {
  return beforeUpdate(`${type}::${name}::update`, async ({ oldInputs, newInputs }) => {
    const now = await placeOf(newInputs);
    await judgeMachine(await placeOf(oldInputs), now);
    const policies = [await inputOf(oldInputs, "stdin"), await inputOf(newInputs, "stdin")] as const;
    refuseForgottenOwner(String(now.host ?? name), owner, ...policies);
  });
}

/** The connection is secret in what the engine hands over, and in a preview part of it may be unknown. */
async function placeOf(inputs: object | undefined): Promise<Place> {
  const connection = await inputOf(inputs, "connection");
  const given = typeof connection === "object" ? (connection ?? undefined) : undefined;
  return { host: await inputOf(given, "host"), hostKey: await inputOf(given, "hostKey") };
}

async function inputOf(inputs: object | undefined, name: string): Promise<unknown> {
  const given: unknown = Object.entries(inputs ?? {}).find(([key]) => key === name)?.[1];
  if (!pulumi.Output.isInstance(given)) return given;
  const known: unknown = await Reflect.get(given, "isKnown");
  return known === true ? new Promise((resolve) => given.apply(resolve)) : undefined;
}
