// The hosts of a stack, by the outputs `endpoint` of our components.
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { checkedHost } from "./ssh";

/** Asks the `pulumi` on PATH, in this directory; the words of its own refusal are the error. */
export async function hostsOfStack(name: string): Promise<string[]> {
  const hosts = endpointsIn(JSON.parse(await outputsOf(name))).map(hostOf);
  if (hosts.length === 0) throw new Error(`stack ${name} has no output "endpoint"; export the one of each component`);
  return [...new Set(hosts)].map(checkedHost);
}

async function outputsOf(name: string): Promise<string> {
  try {
    return (await promisify(execFile)("pulumi", ["stack", "output", "--json", "--non-interactive", "--stack", name]))
      .stdout;
  } catch (error) {
    const said = error instanceof Error ? error.message : String(error);
    throw new Error(`the outputs of stack ${name} can't be read: ${said.trim().split("\n").at(-1)}`);
  }
}

/** Wherever they stand: alone, or within a component that was exported whole; also under a name such as `mx1Endpoint`. */
export function endpointsIn(outputs: unknown): string[] {
  if (typeof outputs !== "object" || outputs === null) return [];
  return Object.entries(outputs).flatMap(([name, value]) =>
    typeof value === "string" && /endpoint$/i.test(name) ? [value] : endpointsIn(value),
  );
}

/** `user@host:port` as ssh takes it. */
export function hostOf(endpoint: string): string {
  return /^[^[]*:22$/.test(endpoint) ? endpoint.slice(0, -3) : `ssh://${endpoint}`;
}
