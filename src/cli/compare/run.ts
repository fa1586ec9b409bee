// Asking hosts what differs from a policy, with nothing written there.
import { sideBySide } from "../sideBySide";
import { type Become, errorOf, runOnHost } from "../ssh";
import { plain, writeLine } from "../terminal";
import {
  asJson,
  asText,
  differencesIn,
  exitStatus,
  failedOutcome,
  type Outcome,
  type Verb,
  warningsIn,
} from "./outcome";
import type { Question } from "./policies";
import type { Asked } from "./stackPolicies";

export interface Manner {
  verb: Verb;
  json: boolean;
  become: Become;
  options: readonly string[];
  /** Where root put the program; null where it is brought along. */
  installed: string | null;
}

/** Hosts that are asked at the same time. */
const together = 16;
/** What the host program's `audit` ends with where something differs. */
const differing = 4;

export async function compare(manner: Manner, { questions, unasked }: Asked): Promise<number> {
  const hosts = [...new Set(questions.map(({ host }) => host))];
  const answers = await sideBySide(hosts, together, (host) =>
    oneAfterAnother(
      questions.filter((question) => question.host === host),
      (question) => ask(manner, question),
    ),
  );
  const outcomes = [...answers.flat(), ...unasked];
  writeLine(process.stdout, manner.json ? asJson(outcomes) : asText(manner.verb, outcomes));
  for (const { host, problem } of outcomes)
    if (problem !== null) writeLine(process.stderr, `${host}: error: ${problem}`);
  return exitStatus(outcomes);
}

/** A host has one lock, for which the second of two would only wait. */
function oneAfterAnother<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  return sideBySide(items, 1, work);
}

async function ask({ verb, become, options, installed }: Manner, { host, owner, policy }: Question): Promise<Outcome> {
  const said: string[] = [];
  const tell = (line: string) => void said.push(line);
  const failed = (problem: string): Outcome => failedOutcome(host, owner, plain(problem));
  const { status, reached, lines } = await runOnHost(
    { host, become, options },
    { verb, input: policy, installed, tell },
  );
  const isCompared = status === 0 || (verb === "audit" && status === differing);
  const failure = isCompared ? null : failed(errorOf(host, said, reached));
  // What of it could be compared is said with what could not.
  if (failure !== null && lines.length === 0) return failure;
  try {
    return { host, owner, problem: null, ...(await standing(host, policy, lines)), ...partly(failure) };
  } catch (error) {
    return failed(error instanceof Error ? error.message.replace(`${host}: `, "") : String(error));
  }
}

function partly(failure: Outcome | null): Pick<Outcome, "standing" | "problem"> | undefined {
  return failure === null ? undefined : { standing: failure.standing, problem: failure.problem };
}

/** The reader of receipts brings Pulumi along, which takes a while to load. */
async function standing(host: string, policy: string, lines: readonly string[]) {
  const { parseAnswer } = await import("../../answer.js");
  const receipt = parseAnswer(host, lines.join("\n"));
  const differences = differencesIn(receipt);
  const waits = /^guard /m.test(policy) && differences.every(({ edited }) => edited !== true);
  const word: Outcome["standing"] = differences.length === 0 ? "asWanted" : waits ? "waits" : "differs";
  return { standing: word, differences, warnings: warningsIn(receipt) };
}
