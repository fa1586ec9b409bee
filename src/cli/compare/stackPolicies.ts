// What a stack's components asked of their hosts at last, from its state.
import { compareBytes } from "../../policy/render";
import { byName, nothingIn, placeOf, type Resource, resourcesIn, stateOfStack } from "../stack";
import { failedOutcome, type Outcome } from "./outcome";
import { ownerOf, type Question } from "./policies";

/** What can be asked, and the components of which nothing can. */
export interface Asked {
  questions: Question[];
  unasked: Outcome[];
}

export async function policiesOfStack(name: string): Promise<Asked> {
  const asked = questionsIn(await stateOfStack(name));
  if (asked.questions.length + asked.unasked.length === 0) throw new Error(nothingIn(name));
  return asked;
}

/** One for each policy that was applied: a component's own, and those beside it, such as a guarded change. */
export function questionsIn(state: unknown): Asked {
  const resources = resourcesIn(state);
  const policies = new Map(resources.filter(isOurs).map(({ urn }): [string, string[]] => [urn, []]));
  for (const { parent, inputs } of resources) {
    if (isPolicy(inputs?.stdin)) policies.get(parent ?? "")?.push(inputs.stdin);
  }
  const components = byName(resources.filter(isOurs));
  return together(components.map((component) => asked(component, policies.get(component.urn) ?? [])));
}

export function together(all: readonly Asked[]): Asked {
  return {
    questions: all.flatMap(({ questions }) => questions),
    unasked: all.flatMap(({ unasked }) => unasked),
  };
}

function asked(component: Resource, policies: readonly string[]): Asked {
  const place = placeOf(component);
  const unasked = (host: string, problem: string): Asked => {
    return { questions: [], unasked: [failedOutcome(host, component.urn, problem)] };
  };
  // Records at Route 53 come from no host.
  if (typeof place !== "string" && policies.length === 0 && isDns(component)) return { questions: [], unasked: [] };
  if (typeof place !== "string") return unasked(place.host, place.problem);
  if (policies.length === 0) return unasked(place, "nothing of it was applied yet; its first up did not finish");
  const questions = policies.map((policy) => ({ host: place, owner: ownerOf(policy), policy }));
  // Those of one owner stay in the order in which each waited for the one before.
  return { questions: questions.sort((one, other) => compareBytes(one.owner, other.owner)), unasked: [] };
}

/** A gate is no state of a host that could drift. */
function isPolicy(stdin: unknown): stdin is string {
  return typeof stdin === "string" && stdin.startsWith("policy   1\n") && !/^gate /m.test(stdin);
}

function isOurs({ type }: Resource): boolean {
  return /^mailhost:index:(PostfixHardening|Smtps465Probe|MailDns)$/.test(type);
}

function isDns({ type }: Resource): boolean {
  return type === "mailhost:index:MailDns";
}
