import * as pulumi from "@pulumi/pulumi";
import type { Host, RemoteScope } from "./connection";
import { faultHooks } from "./faultHook";
import { hostProgram } from "./hostProgram";
import { claimOwner } from "./owner";
import type { Warning } from "./receipt";
import { type MachineJudge, updateHooks } from "./updateHook";

/**
 * Options that Pulumi does not hand down by itself and that a host which is gone, or slow, needs on what runs there.
 */
export function childOptions(
  parent: pulumi.Resource,
  opts: pulumi.ComponentResourceOptions = {},
): pulumi.CustomResourceOptions {
  const { customTimeouts, deletedWith, retainOnDelete } = opts;
  return { parent, customTimeouts, deletedWith, retainOnDelete };
}

/** What the children of a component on one host have in common. It stays with that machine, unless `judgeMachine` says otherwise. */
export function remoteScope(
  component: pulumi.Resource,
  { type, name }: { type: string; name: string },
  host: Host,
  wanted: { owner: string; repair: number; judgeMachine?: MachineJudge },
  opts?: pulumi.ComponentResourceOptions,
): RemoteScope {
  claimOwner(component, wanted.owner, host.address);
  const uploaded = host.installedProgram === undefined;
  return {
    host,
    program: host.installedProgram ?? hostProgram(host.label, wanted.owner),
    repair: wanted.repair,
    options: {
      ...childOptions(component, opts),
      hooks: {
        ...faultHooks(type, name, host.label, component, uploaded),
        ...updateHooks(type, name, wanted.owner, wanted.judgeMachine),
      },
    },
  };
}

/**
 * Of a new resource's text a preview shows three lines at most, so the first preview says the whole policy itself. `made` is what
 * a preview does not know before: of an upload the id; a command has one in a preview already, and no answer.
 */
export function showNewPolicy(
  policy: pulumi.Output<string>,
  made: pulumi.Output<unknown>,
  resource: pulumi.Resource,
): void {
  if (!pulumi.runtime.isDryRun()) return;
  const known: unknown = Reflect.get(made, "isKnown");
  pulumi.all([policy, known]).apply(([text, isKnown]) => {
    if (isKnown === false) void pulumi.log.info(text, resource);
  });
}

/** A preview that runs nothing has nothing new to warn of. `host` is the connection's, as in all messages. */
export function showWarnings(
  { host, warnings }: { host: string; warnings: Warning[] },
  resource: pulumi.Resource,
): Warning[] {
  if (!pulumi.runtime.isDryRun()) {
    for (const { code, text } of warnings) void pulumi.log.warn(`${host}: ${text} (${code})`, resource);
  }
  return warnings;
}
