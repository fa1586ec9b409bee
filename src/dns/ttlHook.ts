import * as pulumi from "@pulumi/pulumi";
import { MailhostError } from "../errors";
import { forgiveRefusal, monitorHas } from "../hooks";
import { TtlPhase } from "../mailDnsArgs";

/** Of a published set, what answers hold. */
export interface Answer {
  values: unknown;
  ttl: unknown;
}

/** The phase that the component says, and the TTL that makes a change short. */
export interface Timing {
  ttlPhase: TtlPhase;
  loweredTtl: number;
}

/**
 * What a change of values means while old answers are kept: nothing, a warning, or a contradiction to the phase
 * `lowered`, in which the old values stay.
 */
export function judgeChange(before: Answer, now: Answer, { ttlPhase, loweredTtl }: Timing): string | undefined {
  if (JSON.stringify(before.values) === JSON.stringify(now.values)) return undefined;
  if (ttlPhase === TtlPhase.Lowered) return "changes in the phase lowered; go on to changed for that";
  if (typeof before.ttl !== "number" || before.ttl <= loweredTtl) return undefined;
  return `changes while its published TTL is ${before.ttl} seconds: old answers live that long; to have it shorter, take ttlPhase lowered first`;
}

/**
 * Only the engine still knows what was published, so it asks here ahead of an update, in a preview too. One hook serves all sets of a
 * component, for each is a call to the engine; `sets` says which set a resource's name stands for.
 */
export function ttlHooks(
  name: string,
  label: string,
  sets: ReadonlyMap<string, string>,
  timing: Timing,
  component: pulumi.Resource,
): pulumi.ResourceHookBinding {
  if (!monitorHas("registerResourceHook")) return {};
  const hook = new pulumi.ResourceHook(
    `${name}::ttl`,
    async ({ name: child, oldInputs, newInputs }) => {
      const problem = judgeChange(answerIn(oldInputs), answerIn(newInputs), timing);
      if (problem === undefined) return;
      const set = sets.get(child) ?? child;
      if (timing.ttlPhase === TtlPhase.Lowered)
        throw new MailhostError(label, "ttlPhase", `is lowered, and ${set} ${problem}`);
      await pulumi.log.warn(`${label}: ${set} ${problem} (old-answers)`, component);
    },
    { onDryRun: true },
  );
  return { beforeUpdate: [forgiveRefusal(hook)] };
}

function answerIn(inputs: object | undefined): Answer {
  const { records, ttl } = Object.fromEntries(Object.entries(inputs ?? {}));
  return { values: records, ttl };
}
