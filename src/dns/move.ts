import * as pulumi from "@pulumi/pulumi";
import { MailhostError } from "../errors";
import { isAnotherMachine } from "../machine";
import { ownerHash } from "../owner";
import type { MachineJudge } from "../updateHook";

interface Mover {
  label: string;
  owner: string;
  adopt: boolean;
  component: pulumi.Resource;
}

/**
 * Records may be published from another machine, which knows nothing of what the former one published, and so takes it over by
 * `adopt` alone. No run reaches the former one any more: what it keeps, a key's secret perhaps, is removed there by hand.
 */
export function judgeMove({ label, owner, adopt, component }: Mover): MachineJudge {
  let said = false;
  return async (before, now) => {
    if (!isAnotherMachine(before, now)) return;
    const from = String(before.host);
    if (!adopt) {
      const problem = `was ${JSON.stringify(from)}, which alone knows what it published; to go on from another machine, set adopt for the next up`;
      throw new MailhostError(label, "rfc2136.connection.host", problem);
    }
    if (said) return;
    said = true;
    const kept = ["dns", "secrets"].map((kind) => `/var/lib/mailhost/${kind}/${ownerHash(owner)}`).join(" ");
    const text = `records are published from ${String(now.host)} from now on; afterwards remove on ${from} what is kept there: rm -f ${kept}`;
    await pulumi.log.warn(`${label}: ${text} (moved)`, component);
  };
}
