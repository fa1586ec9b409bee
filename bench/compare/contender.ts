// What is compared: each brings a fleet from one state to another by its own usual means.
import type { Result } from "../../test/lab/run.ts";

/** From nothing; nothing to do; one line more; compare without writing. */
export const steps = ["first apply", "nothing to do", "one line changed", "audit"] as const;
export type Step = (typeof steps)[number];

export interface Contender {
  name: string;
  /** What is not timed: its inventory, its stack. */
  prepare(): Promise<void>;
  run(step: Step): Promise<Result>;
  close(): Promise<void>;
}
