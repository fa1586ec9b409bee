// What a stack's components asked of their hosts at last, from its state.
import { hostOfComponent, nothingIn, type Resource, resourcesIn, stateOfStack } from "../stack";
import { ownerOf, type Question } from "./policies";

export async function policiesOfStack(name: string): Promise<Question[]> {
  const questions = questionsIn(await stateOfStack(name));
  if (questions.length === 0) throw new Error(nothingIn(name));
  return questions;
}

/**
 * One for each policy that was applied: a component's own, and those beside it, such as a guarded change. A gate is no state of a host
 * that could drift.
 */
export function questionsIn(state: unknown): Question[] {
  const resources = resourcesIn(state);
  const components = new Map(resources.filter(isOurs).map((resource) => [resource.urn, resource]));
  for (const component of components.values()) if (!mayHaveNoHost(component)) hostOfComponent(component);
  return resources.flatMap(({ parent, inputs }) => {
    const component = parent === undefined ? undefined : components.get(parent);
    const policy = inputs?.stdin;
    if (component === undefined || typeof policy !== "string" || !policy.startsWith("policy   1\n")) return [];
    if (/^gate /m.test(policy)) return [];
    return [{ host: hostOfComponent(component), owner: ownerOf(policy), policy }];
  });
}

function isOurs({ type }: Resource): boolean {
  return /^mailhost:index:(PostfixHardening|Smtps465Probe|MailDns)$/.test(type);
}

/** Records at Route 53 come from no host. */
function mayHaveNoHost({ type }: Resource): boolean {
  return type === "mailhost:index:MailDns";
}
