// The Pulumi engine: the one on PATH, else one built from its Go modules. Always driven by its own command line.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { cache, checkout, labDir, say } from "./places.ts";
import { must } from "./run.ts";
import { Stack, type StackOptions } from "./stack.ts";

let found: Promise<Engine> | undefined;

/** Found or built once a process; says which engine and which command provider it is. */
export function findEngine(): Promise<Engine> {
  found ??= Engine.find();
  return found;
}

export class Engine {
  /** What PATH has to be for `pulumi` to find itself, its language host and its plugins. */
  readonly path: string;
  readonly version: string;
  readonly provider: "real" | "stand-in";
  /** The user's plugins, where the real provider is among them. */
  readonly plugins: string | undefined;

  private constructor(path: string, version: string, provider: "real" | "stand-in", plugins: string | undefined) {
    this.path = path;
    this.version = version;
    this.provider = provider;
    this.plugins = plugins;
  }

  static async find(): Promise<Engine> {
    const dirs = [join(checkout, "node_modules", ".bin")];
    const installed = onPath("pulumi");
    if (installed === undefined) dirs.push(await ensureBuilt());
    const plugins = userPlugins();
    const real = plugins ?? onPath("pulumi-resource-command");
    if (real === undefined) dirs.push(standIn());
    const path = [...dirs, process.env.PATH].join(delimiter);
    const version = (await must(["pulumi", "version"], { env: { ...process.env, PATH: path } })).stdout.trim();
    say(`engine ${version} ${installed ? `from ${installed}` : "built from Go modules"}`);
    say(`command provider: ${real ? `the real one, in ${real}` : "the stand-in of these tests"}`);
    return new Engine(path, version, real ? "real" : "stand-in", plugins);
  }

  /** A stack of its own: file backend, PULUMI_HOME and configuration in a new directory. */
  stack(options: StackOptions): Promise<Stack> {
    return Stack.create(this, options);
  }
}

function onPath(name: string): string | undefined {
  return (process.env.PATH ?? "").split(delimiter).find((dir) => dir !== "" && existsSync(join(dir, name)));
}

function userPlugins(): string | undefined {
  const dir = join(process.env.PULUMI_HOME || join(homedir(), ".pulumi"), "plugins");
  const real = existsSync(dir) && readdirSync(dir).some((name) => /^resource-command-v[^.]+(\.\d+)*$/.test(name));
  return real ? dir : undefined;
}

function standIn(): string {
  const dir = join(labDir, "commandProvider");
  return existsSync(join(dir, "bin")) ? join(dir, "bin") : dir;
}

async function ensureBuilt(): Promise<string> {
  const script = join(labDir, "buildEngine.sh");
  const recipe = createHash("sha256").update(readFileSync(script)).digest("hex").slice(0, 12);
  const target = join(cache, `engine-${recipe}`);
  if (!existsSync(target)) {
    mkdirSync(cache, { recursive: true });
    await must(["flock", join(cache, "engine.lock"), "sh", script, target], {
      timeoutMs: 3_600_000,
      onOutput: (text) => process.stderr.write(text),
    });
  }
  return target;
}
