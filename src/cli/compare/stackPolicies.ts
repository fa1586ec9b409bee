// What a stack's components asked of their hosts at last, from its state: the program need not export anything.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { checkedHost } from "../ssh";
import { hostOf } from "../stack";
import { ownerOf, type Question } from "./policies";

interface Resource {
  urn: string;
  type: string;
  parent?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

/** A state of hundreds of hosts has many megabytes. */
const largest = 1_000_000_000;

/** Asks the `pulumi` on PATH, in this directory; the words of its own refusal are the error. */
export async function policiesOfStack(name: string): Promise<Question[]> {
  const questions = questionsIn(JSON.parse(await stateOf(name)));
  if (questions.length === 0) throw new Error(`stack ${name} has no component of mailhost that was applied`);
  return questions;
}

async function stateOf(name: string): Promise<string> {
  const words = ["stack", "export", "--non-interactive", "--stack", name];
  try {
    return (await promisify(execFile)("pulumi", words, { maxBuffer: largest })).stdout;
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new Error(`the state of stack ${name} can't be read: ${said.trim().split("\n").at(-1)}`);
  }
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

function hostOfComponent({ urn, outputs }: Resource): string {
  const endpoint = outputs?.endpoint;
  if (typeof endpoint !== "string")
    throw new Error(`${urn} does not say where its host is; name the host, and give its policy as a file`);
  return checkedHost(hostOf(endpoint));
}

function resourcesIn(state: unknown): Resource[] {
  const resources = memberOf(memberOf(state, "deployment"), "resources");
  return Array.isArray(resources) ? resources.filter(isResource) : [];
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function isResource(value: unknown): value is Resource {
  return typeof memberOf(value, "urn") === "string" && typeof memberOf(value, "type") === "string";
}
