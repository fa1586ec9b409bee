// One stack, driven as a user drives it: each method is one `pulumi` command, answered with its status and text.
import { copyFileSync, existsSync, mkdirSync, renameSync, rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import type { Engine } from "./engine.ts";
import type { Lab } from "./lab.ts";
import { cache, scratch } from "./places.ts";
import { type Result, type RunOptions, run } from "./run.ts";

export interface StackOptions {
  /** The directory of a Pulumi program; nothing is written to it. */
  program: string;
  name?: string;
  /** Where hosts are to be reached: the engine and its plugins run inside this lab. */
  lab?: Lab;
  env?: Record<string, string>;
}

export interface OperationOptions {
  diff?: boolean;
  /** Further arguments, as on the command line. */
  args?: readonly string[];
  /** Also called with each piece of output as it comes. */
  onOutput?: RunOptions["onOutput"];
}

export class Stack {
  name: string;
  readonly program: string;
  /** State, configuration and PULUMI_HOME. */
  readonly dir: string;
  readonly env: NodeJS.ProcessEnv;
  readonly #lab: Lab | undefined;

  private constructor(engine: Engine, { program, name = "dev", lab, env }: StackOptions) {
    this.name = name;
    this.program = program;
    this.#lab = lab;
    this.dir = scratch("stacks", name);
    mkdirSync(join(this.dir, "state"));
    mkdirSync(join(this.dir, "home"));
    if (engine.plugins !== undefined) symlinkSync(engine.plugins, join(this.dir, "home", "plugins"));
    const inherited = Object.entries(process.env).filter(([key]) => !/^(PULUMI_|VITEST|NODE_OPTIONS$)/.test(key));
    this.env = {
      ...Object.fromEntries(inherited),
      PATH: engine.path,
      PULUMI_HOME: join(this.dir, "home"),
      PULUMI_BACKEND_URL: `file://${join(this.dir, "state")}`,
      PULUMI_CONFIG_PASSPHRASE: "lab",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // Programs and the stand-in load the same modules at every command.
      NODE_COMPILE_CACHE: join(cache, "compiled"),
      PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
      ...env,
    };
  }

  static async create(engine: Engine, options: StackOptions): Promise<Stack> {
    const stack = new Stack(engine, options);
    // From here and not from the program's directory, because it writes the stack's configuration file where it runs.
    copyFileSync(join(options.program, "Pulumi.yaml"), join(stack.dir, "Pulumi.yaml"));
    const result = await stack.pulumi(["--cwd", stack.dir, "stack", "init", stack.name]);
    if (result.status !== 0) throw new Error(`pulumi stack init: ${result.stdout}${result.stderr}`);
    return stack;
  }

  get #configFile(): string[] {
    return ["--config-file", join(this.dir, `Pulumi.${this.name}.yaml`)];
  }

  /** Any pulumi command, in the program's directory. */
  pulumi(args: readonly string[], stdin?: string, onOutput?: RunOptions["onOutput"]): Promise<Result> {
    const argv = ["pulumi", "--non-interactive", "--color", "never", ...args];
    const options = { cwd: this.program, env: this.env, timeoutMs: 600_000, stdin, onOutput };
    return this.#lab ? this.#lab.run(argv, options) : run(argv, options);
  }

  #operation(args: string[], { diff = false, args: more = [], onOutput }: OperationOptions = {}): Promise<Result> {
    const words = [...args, "--stack", this.name, ...this.#configFile, ...(diff ? ["--diff"] : []), ...more];
    return this.pulumi(words, undefined, onOutput);
  }

  async config(key: string, value: string, { secret = false, path = false } = {}): Promise<void> {
    const flags = [secret ? "--secret" : "--plaintext", ...(path ? ["--path"] : [])];
    // By standard input, so that a value may start with a dash or hold a newline.
    const result = await this.pulumi(
      ["config", "set", key, ...flags, "--stack", this.name, ...this.#configFile],
      value,
    );
    if (result.status !== 0) throw new Error(`pulumi config set ${key}: ${result.stdout}${result.stderr}`);
  }

  async rename(name: string): Promise<void> {
    const result = await this.pulumi(["stack", "rename", name, "--stack", this.name]);
    if (result.status !== 0) throw new Error(`pulumi stack rename: ${result.stdout}${result.stderr}`);
    const file = join(this.dir, `Pulumi.${this.name}.yaml`);
    this.name = name;
    if (existsSync(file)) renameSync(file, join(this.dir, `Pulumi.${name}.yaml`));
  }

  preview(options?: OperationOptions): Promise<Result> {
    return this.#operation(["preview"], options);
  }

  up(options?: OperationOptions): Promise<Result> {
    return this.#operation(["up", "--yes", "--skip-preview"], options);
  }

  refresh(options?: OperationOptions): Promise<Result> {
    return this.#operation(["refresh", "--yes", "--skip-preview"], options);
  }

  destroy(options?: OperationOptions): Promise<Result> {
    return this.#operation(["destroy", "--yes", "--skip-preview"], options);
  }

  /** The state as it is kept: secrets are encrypted, and what is plain in it is plain on disk. */
  export(args: readonly string[] = []): Promise<Result> {
    return this.pulumi(["stack", "export", "--stack", this.name, ...args]);
  }

  async outputs(): Promise<Record<string, unknown>> {
    const result = await this.pulumi(["stack", "output", "--json", "--show-secrets", "--stack", this.name]);
    if (result.status !== 0) throw new Error(`pulumi stack output: ${result.stdout}${result.stderr}`);
    return JSON.parse(result.stdout) as Record<string, unknown>;
  }

  /** Forget the stack; what it made stays. */
  async remove(): Promise<void> {
    rmSync(this.dir, { recursive: true, force: true });
  }
}
