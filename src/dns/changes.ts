// What the change of a published set means for a domain, judged before it is made.
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

/** How many a component publishes of what a domain's mail hangs on. */
export interface Published {
  addresses: number;
  exchanges: number;
}

/** Of a set that loses addresses or mail hosts, why that is too many; nothing where it is not. */
export function judgeLoss(type: unknown, before: Answer, now: Answer, published: Published): string | undefined {
  const kind = type === "MX" ? "exchanges" : type === "A" || type === "AAAA" ? "addresses" : undefined;
  if (kind === undefined || !Array.isArray(before.values) || !Array.isArray(now.values)) return undefined;
  const lost = before.values.length - now.values.length;
  const total = published[kind] + lost;
  if (lost * 3 <= total) return undefined;
  return `loses ${lost} of the domain's ${total} ${kind === "exchanges" ? "mail hosts" : "addresses"}, more than a third; set allowLargeChange if that is meant`;
}
