/** For tests under the real engine: a host, a stack and a program, all new for each test. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { type Engine, findEngine } from "../engine.ts";
import { type Program, writeProgram } from "../program.ts";
import type { Result } from "../run.ts";
import type { Stack } from "../stack.ts";
import { type SshHost, startSshHost } from "./sshHosts.ts";

export let host: SshHost;
export let program: Program;
export let stack: Stack;
/** A path on the host. */
export let events: string;
let engine: Engine;

beforeAll(async () => {
  engine = await findEngine();
  host = await startSshHost();
});

afterAll(async () => {
  await host?.stop();
});

beforeEach(async () => {
  events = join(host.directory, `events-${Math.random()}`);
  program = writeProgram("");
  // Plain JavaScript, which starts a second sooner.
  program.write(
    "Pulumi.yaml",
    "name: lab\nmain: index.js\nruntime:\n  name: nodejs\n  options:\n    typescript: false\n",
  );
  stack = await engine.stack({ program: program.dir });
});

afterEach(async () => {
  await stack?.remove();
  program?.remove();
});

/** What has run on the host since the last time, in order. */
export function ran(): string[] {
  if (!existsSync(events)) return [];
  const lines = readFileSync(events, "utf8").trim().split("\n");
  writeFileSync(events, "");
  return lines.filter((line) => line !== "");
}

export const mark = (event: string) => `echo ${event} >> ${events}; echo ${event}`;

export function connection(changes: Record<string, unknown> = {}): string {
  const { port, user, key: privateKey } = host;
  const hostKey = host.hostKeys.ed25519;
  return JSON.stringify({ host: "127.0.0.1", port, user, privateKey, hostKey, dialErrorLimit: 0, ...changes });
}

/** A program with one command; `args` and `opts` are source text. */
export function command(args: string, opts = "{}", where = connection()): void {
  program.write(
    "index.js",
    `const pulumi = require('@pulumi/pulumi');
const { remote } = require('@pulumi/command');
const command = new remote.Command('it', { connection: ${where}, addPreviousOutputInEnv: false, ${args} }, ${opts});
exports.stdout = command.stdout;
`,
  );
}

export async function up(): Promise<Result> {
  const result = await stack.up();
  expect(result.status, result.stdout + result.stderr).toBe(0);
  return result;
}

export interface State {
  deployment: { resources: { type: string; inputs: Record<string, unknown>; outputs: Record<string, unknown> }[] };
}

export async function state(
  args: string[] = [],
): Promise<{ text: string; resource: State["deployment"]["resources"][0] | undefined }> {
  const { stdout: text } = await stack.export(args);
  const resource = (JSON.parse(text) as State).deployment.resources.find(({ type }) =>
    type.startsWith("command:remote:"),
  );
  return { text, resource };
}
