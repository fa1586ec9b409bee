// One component a host, for 10, 100 and 1,000 hosts that answer at once: what engine and program take, and what helps where the engine is the limit.
import { mkdirSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";
import { join } from "node:path";
import { findEngine } from "../test/lab/engine.ts";
import { Moto } from "../test/lab/moto.ts";
import { scratch } from "../test/lab/places.ts";
import type { Stack } from "../test/lab/stack.ts";
import { Hosts } from "./growth/hosts.ts";
import { peaksDuring } from "./growth/memory.ts";
import { growingProgram } from "./growth/program.ts";
import { upAll } from "./growth/stacks.ts";
import { columns } from "./measure.ts";
import { worked } from "./subject.ts";

const [sizes = "10,100,1000"] = process.argv.slice(2);
if (!/^[1-9]\d*(,[1-9]\d*)*$/.test(sizes)) {
  process.stderr.write("usage: node bench/growth.ts [HOSTS,HOSTS…]\n");
  process.exit(2);
}

interface Row {
  what: string;
  hosts: number;
  firstMs: number;
  againMs?: number;
  engineKB: number;
  programKB: number;
  stateBytes: number;
}

const engine = await findEngine();
// The Automation API looks for `pulumi` here.
process.env.PATH = engine.path;
const hosts = new Hosts();
const endpoints = await hosts.open(Math.max(...sizes.split(",").map(Number)));
const program = growingProgram(endpoints);
/** Each step writes the whole state, so that time grows with the square of the hosts: beyond this it takes half an hour. */
const checkpointed = 200;
const writtenOnce = { PULUMI_SKIP_CHECKPOINTS: "true" };
const transpile = { PULUMI_NODEJS_TRANSPILE_ONLY: "true" };
const rows: Row[] = [];
try {
  const all = sizes.split(",").map(Number);
  const some = all.filter((size) => size <= checkpointed);
  for (const size of some) rows.push(await inOneStack("one stack", size));
  for (const size of all) rows.push(await inOneStack("one stack, state written once", size, writtenOnce));
  for (const size of some.slice(-1)) rows.push(await withObjectStore(size));
  await slowHosts(Math.min(endpoints.length, 20));
  rows.push(await inManyStacks(endpoints.length, 100));
} finally {
  program.remove();
  hosts.close();
}

const seconds = (ms: number | undefined): string => (ms === undefined ? "" : (ms / 1000).toFixed(1));
const cells = rows.map(({ what, hosts: count, firstMs, againMs, engineKB, programKB, stateBytes }) => [
  what,
  String(count),
  seconds(firstMs),
  seconds(againMs),
  (engineKB / 1024).toFixed(0),
  (programKB / 1024).toFixed(0),
  (stateBytes / Math.max(count, 1)).toFixed(0),
]);
const head = ["", "hosts", "first s", "again s", "engine MB", "program MB", "state bytes a host"];
process.stdout.write(`${columns([head, ...cells])}\n`);
const about = { engine: engine.version, provider: engine.provider, node: process.version };
process.stdout.write(
  `${JSON.stringify({ ...about, processors: availableParallelism(), load: loadavg()[0], figures: rows })}\n`,
);

async function configured(count: number, env: Record<string, string> = {}): Promise<Stack> {
  const stack = await engine.stack({ program: program.dir, env: { ...transpile, ...env } });
  for (const [key, value] of Object.entries({ hostKey: hosts.hostKey, from: "0", count: String(count) }))
    await stack.config(key, value);
  await stack.config("privateKey", hosts.clientKey, { secret: true });
  return stack;
}

async function up(stack: Stack, parallel = 32): Promise<number> {
  const started = performance.now();
  await worked("up", stack.up({ args: ["--parallel", String(parallel)] }));
  return performance.now() - started;
}

/** A second `up` must not log in anywhere. */
async function inOneStack(what: string, count: number, env?: Record<string, string>): Promise<Row> {
  process.stderr.write(`bench: ${count} hosts, ${what}\n`);
  const stack = await configured(count, env);
  const { result, peaks } = await peaksDuring(async () => {
    const firstMs = await up(stack);
    hosts.logins = 0;
    const againMs = await up(stack);
    if (hosts.logins > 0) throw new Error(`the second up logged in ${hosts.logins} times`);
    return { firstMs, againMs };
  });
  const state = JSON.stringify(JSON.parse((await worked("export", stack.export())).stdout));
  await stack.remove();
  return {
    what,
    hosts: count,
    ...result,
    engineKB: peaks.engine,
    programKB: peaks.program,
    stateBytes: Buffer.byteLength(state),
  };
}

/** Hosts have work to do as well, and `--parallel` is how many do it at a time. */
async function slowHosts(count: number): Promise<void> {
  hosts.answerAfterMs = 1_000;
  for (const parallel of [1, 32]) {
    const stack = await configured(count);
    const { result, peaks } = await peaksDuring(() => up(stack, parallel));
    await stack.remove();
    const what = `one stack, hosts that take a second, --parallel ${parallel}`;
    rows.push({ what, hosts: count, firstMs: result, engineKB: peaks.engine, programKB: peaks.program, stateBytes: 0 });
  }
  hosts.answerAfterMs = 0;
}

/** A checkpoint holds all of its stack, and each step writes one. */
async function inManyStacks(count: number, each: number): Promise<Row> {
  const stacks = Math.max(Math.ceil(count / each), 2);
  process.stderr.write(`bench: ${count} hosts in ${stacks} stacks\n`);
  const dir = scratch("stacks", "many");
  for (const name of ["state", "home"]) mkdirSync(join(dir, name));
  const env = {
    ...transpile,
    PATH: engine.path,
    PULUMI_HOME: join(dir, "home"),
    PULUMI_BACKEND_URL: `file://${join(dir, "state")}`,
    PULUMI_CONFIG_PASSPHRASE: "lab",
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
  };
  const size = Math.ceil(count / stacks);
  const parts = Array.from({ length: stacks }, (_, at) => ({
    name: `part${at}`,
    config: { hostKey: hosts.hostKey, from: String(at * size), count: String(size) },
  }));
  const sideBySide = availableParallelism();
  const all = { parts, workDir: program.dir, env, privateKey: hosts.clientKey, sideBySide };
  const time = async (): Promise<number> => {
    const started = performance.now();
    states = await upAll(all);
    return performance.now() - started;
  };
  let states: string[] = [];
  const { result, peaks } = await peaksDuring(async () => ({ firstMs: await time(), againMs: await time() }));
  const stateBytes = states.reduce((sum, state) => sum + Buffer.byteLength(state), 0);
  const what = `${stacks} stacks by the Automation API, ${sideBySide} at a time`;
  return { what, hosts: count, ...result, engineKB: peaks.engine, programKB: peaks.program, stateBytes };
}

async function withObjectStore(count: number): Promise<Row> {
  const moto = await Moto.start();
  try {
    return await inOneStack("one stack, state in an object store", count, {
      ...moto.env,
      PULUMI_BACKEND_URL: await moto.createBucket("state"),
    });
  } finally {
    await moto.stop();
  }
}
