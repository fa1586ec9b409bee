// The components of a stack, from its state: the program need not export anything.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { compareBytes } from "../policy/render";
import { isHost } from "./ssh";

export interface Resource {
  urn: string;
  type: string;
  parent?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

/** A state of hundreds of hosts has many megabytes. */
const largest = 1_000_000_000;

/** A component whose host can't be asked, by its name, and why. */
export interface Nowhere {
  host: string;
  problem: string;
}

/** The hosts whose mail a report could be about. */
export interface MailHosts {
  hosts: string[];
  nowhere: Nowhere[];
}

export async function hostsOfStack(name: string): Promise<MailHosts> {
  const found = mailHostsIn(await stateOfStack(name));
  if (found.hosts.length + found.nowhere.length === 0) throw new Error(nothingIn(name));
  return found;
}

export function nothingIn(name: string): string {
  return `stack ${name} has no component of mailhost that was applied`;
}

/** Asks the `pulumi` on PATH, in this directory; the words of its own refusal are the error. */
export async function stateOfStack(name: string): Promise<unknown> {
  const words = ["stack", "export", "--non-interactive", "--stack", name];
  try {
    return JSON.parse((await promisify(execFile)("pulumi", words, { maxBuffer: largest })).stdout);
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new Error(`the state of stack ${name} can't be read: ${said.trim().split("\n").at(-1)}`);
  }
}

/** Records come from a host, too, but not that one's mail. */
export function mailHostsIn(state: unknown): MailHosts {
  const places = byName(resourcesIn(state))
    .filter(({ type }) => /^mailhost:index:(PostfixHardening|Smtps465Probe)$/.test(type))
    .map(placeOf);
  return {
    hosts: [...new Set(places.filter((place) => typeof place === "string"))],
    nowhere: places.filter((place) => typeof place !== "string"),
  };
}

/** What ssh knows the component's host by. Until an `up` of it finishes, a component has no outputs. */
export function placeOf({ urn, inputs, outputs }: Resource): string | Nowhere {
  const nowhere = (problem: string): Nowhere => {
    return { host: urn.split("::").slice(3).join("::"), problem: `${urn} ${problem}; name the host itself` };
  };
  const endpoint = outputs?.endpoint ?? inputs?.endpoint;
  if (typeof endpoint !== "string") return nowhere("does not say where its host is");
  const host = hostOf(endpoint);
  return isHost(host) ? host : nowhere(`has its host at ${JSON.stringify(host)}, which is no name for ssh`);
}

/** `user@host:port` as ssh takes it. */
function hostOf(endpoint: string): string {
  return /^[^[]*:22$/.test(endpoint) ? endpoint.slice(0, -3) : `ssh://${endpoint}`;
}

export function resourcesIn(state: unknown): Resource[] {
  const resources = memberOf(memberOf(state, "deployment"), "resources");
  return Array.isArray(resources) ? resources.filter(isResource) : [];
}

/** A state has components in the order in which they were done, which is another one each time. */
export function byName(resources: readonly Resource[]): Resource[] {
  return [...resources].sort((one, other) => compareBytes(one.urn, other.urn));
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function isResource(value: unknown): value is Resource {
  return typeof memberOf(value, "urn") === "string" && typeof memberOf(value, "type") === "string";
}
