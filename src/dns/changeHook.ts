import * as pulumi from "@pulumi/pulumi";
import { MailhostError } from "../errors";
import { beforeUpdate } from "../hooks";
import { TtlPhase } from "../mailDnsArgs";
import type { WantedDns } from "../wantedDns";
import { type Answer, judgeChange, judgeLoss, type Published } from "./changes";
import type { RecordSet } from "./publisher";

/**
 * Only the engine still knows what was published, so it asks here ahead of an update, in a preview too. One hook serves all sets of a
 * component, for each is a call to the engine; `sets` are those of its resources, by their names. A resource that goes asks nobody: a
 * hook for that would have to be there in a `pulumi destroy`, which runs no program.
 */
export function changeHooks(
  name: string,
  label: string,
  sets: ReadonlyMap<string, RecordSet>,
  wanted: WantedDns,
  component: pulumi.Resource,
): pulumi.ResourceHookBinding {
  const published = publishedBy([...sets.values()]);
  return beforeUpdate(`${name}::change`, async ({ name: child, oldInputs, newInputs }) => {
    const set = sets.get(child);
    if (set === undefined) return;
    const [before, now] = [answerIn(oldInputs), answerIn(newInputs)];
    const loss = wanted.allowLargeChange ? undefined : judgeLoss(set.type, before, now, published);
    if (loss !== undefined) throw new MailhostError(label, "hosts", `is refused: ${set.key} ${loss}`);
    const problem = judgeChange(before, now, wanted);
    if (problem === undefined) return;
    if (wanted.ttlPhase === TtlPhase.Lowered)
      throw new MailhostError(label, "ttlPhase", `is lowered, and ${set.key} ${problem}`);
    await pulumi.log.warn(`${label}: ${set.key} ${problem} (old-answers)`, component);
  });
}

/** Values that are known late count as one. */
function publishedBy(sets: readonly RecordSet[]): Published {
  const count = (...types: string[]) =>
    sets
      .filter(({ type }) => types.includes(type))
      .reduce((sum, { values }) => sum + (Array.isArray(values) ? values.length : 1), 0);
  return { addresses: count("A", "AAAA"), exchanges: count("MX") };
}

function answerIn(inputs: object | undefined): Answer {
  const { records, ttl } = Object.fromEntries(Object.entries(inputs ?? {}));
  return { values: records, ttl };
}
