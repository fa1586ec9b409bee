// The components of a stack, from its state: the program need not export anything.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { checkedHost } from "./ssh";

export interface Resource {
  urn: string;
  type: string;
  parent?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
}

/** A state of hundreds of hosts has many megabytes. */
const largest = 1_000_000_000;

/** The hosts whose mail a report could be about. */
export async function hostsOfStack(name: string): Promise<string[]> {
  const hosts = mailHostsIn(await stateOfStack(name));
  if (hosts.length === 0) throw new Error(nothingIn(name));
  return hosts;
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
export function mailHostsIn(state: unknown): string[] {
  const components = resourcesIn(state).filter(({ type }) =>
    /^mailhost:index:(PostfixHardening|Smtps465Probe)$/.test(type),
  );
  return [...new Set(components.map(hostOfComponent))];
}

export function hostOfComponent({ urn, outputs }: Resource): string {
  const endpoint = outputs?.endpoint;
  if (typeof endpoint !== "string") throw new Error(`${urn} does not say where its host is; name the host itself`);
  return checkedHost(hostOf(endpoint));
}

/** `user@host:port` as ssh takes it. */
function hostOf(endpoint: string): string {
  return /^[^[]*:22$/.test(endpoint) ? endpoint.slice(0, -3) : `ssh://${endpoint}`;
}

export function resourcesIn(state: unknown): Resource[] {
  const resources = memberOf(memberOf(state, "deployment"), "resources");
  return Array.isArray(resources) ? resources.filter(isResource) : [];
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined;
}

function isResource(value: unknown): value is Resource {
  return typeof memberOf(value, "urn") === "string" && typeof memberOf(value, "type") === "string";
}
