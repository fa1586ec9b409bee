import type { ServiceStatus } from "../receipt";
import { type Command, parseWords } from "./command";
import { complaint, hostArgument, runOnHost, type Target } from "./ssh";
import { writeLine } from "./terminal";
import { reachOf, reachOptions } from "./words";

export interface RestoreCall extends Target {
  /** Whether to do it, and not only to show it. */
  yes: boolean;
  /** Whether a configuration that is not there is gone for good. */
  forgetGone: boolean;
}

export const restore: Command = {
  name: "restore",
  call: "HOST [--yes] [--forget-gone] [--sudo | --doas] [-o OPTION]…",
  summary: "give back all that mailhost ever changed on a host",
  help: `HOST is what ssh knows the host by. ssh's own configuration, agent and known hosts count; it never asks.
The plan has each value that goes back, and what stays because someone else changed it since.

  --yes                    do it; without it the plan is shown, and the exit status is 4 where there is one
  --forget-gone            with --yes, forget what would go back to a configuration directory, or a Postfix, that is not there
  --sudo, --doas           become root there that way
  -o, --ssh-option OPTION  an option for ssh, such as Port=2222; may be repeated

Exit status: 0 done, or nothing to give back; 1 refused or failed, with nothing changed or all put back;
2 the call was wrong; 3 failed, and not all could be put back or is known; 4 there is a plan, and --yes was not given.`,
  run: (words) => run(restoreCall(words)),
};

export function restoreCall(words: string[]): RestoreCall {
  const { values, positionals } = parseWords(words, optionTypes);
  const reach = reachOf(values);
  return {
    host: hostArgument(positionals),
    yes: values.yes ?? false,
    forgetGone: values["forget-gone"] ?? false,
    ...reach,
  };
}

const optionTypes = {
  yes: { type: "boolean" },
  "forget-gone": { type: "boolean" },
  ...reachOptions,
} as const;

async function run({ yes, forgetGone, ...target }: RestoreCall): Promise<number> {
  const restoring = forgetGone ? "restore-forget" : "restore";
  const { status, lines } = await runOnHost(target, { verb: yes ? restoring : "restore-plan" });
  if (yes) return status === 0 ? tellReceipts(target.host, lines) : status;
  for (const line of lines) writeLine(process.stdout, line);
  if (status === 4)
    writeLine(process.stderr, `${target.host}: nothing was changed; add --yes to give all of this back`);
  return status;
}

/** A receipt for each configuration directory. Its reader brings Pulumi along, which takes a while to load. */
async function tellReceipts(host: string, lines: readonly string[]): Promise<number> {
  const { parseReceipt } = await import("../receipt.js");
  try {
    for (const { postfix, services } of lines.map((line) => parseReceipt(host, line)))
      for (const service of services) writeLine(process.stdout, `${host}: Postfix ${postfix}: ${accepts(service)}`);
    writeLine(process.stdout, `${host}: nothing of mailhost is left to give back`);
    return 0;
  } catch (error) {
    const problem = error instanceof Error ? error.message.slice(host.length + 2) : String(error);
    writeLine(process.stderr, complaint(host, problem));
    return 3;
  }
}

function accepts({ name, port, protocols }: ServiceStatus): string {
  return `${name} on port ${port} accepts ${protocols.length > 0 ? protocols.join(", ") : "no TLS"}`;
}
