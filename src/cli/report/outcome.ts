import type { Summary } from "../../evidence/summary";
import type { Knock } from "../knock";

export interface Answered {
  host: string;
  summary: Summary;
  /** Null where nobody knocked. */
  knock: Knock | null;
}

/** A host that could not be asked, and why. */
export interface Failed {
  host: string;
  problem: string;
}

export type Outcome = Answered | Failed;

export function answered(outcomes: readonly Outcome[]): Answered[] {
  return outcomes.filter((outcome): outcome is Answered => "summary" in outcome);
}

export function failed(outcomes: readonly Outcome[]): Failed[] {
  return outcomes.filter((outcome): outcome is Failed => "problem" in outcome);
}
