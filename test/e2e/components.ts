// The program `components`: a test says which components it has, and reads what the stack then knows.
import { readFileSync } from "node:fs";
import type { PostfixHardeningArgs } from "../../src/index.ts";
import type { Host } from "../lab/host.ts";
import type { Program } from "../lab/program.ts";
import type { Result } from "../lab/run.ts";
import type { OperationOptions, Stack } from "../lab/stack.ts";

type Args = Omit<PostfixHardeningArgs, "connection"> & { connection?: Partial<PostfixHardeningArgs["connection"]> };

export interface Wanted {
  /** Default: mx. */
  name?: string;
  /** The connection's host and host key are the test host's where it names none; its key is root's, in plain. */
  args?: Args;
  /** An alias. */
  formerName?: string;
  /** The name of a component that this one depends on. */
  after?: string;
  protect?: boolean;
  retainOnDelete?: boolean;
}

/** A resource as the state keeps it. */
export interface Kept {
  urn: string;
  type: string;
  id?: string;
  inputs?: Record<string, unknown>;
  outputs?: Record<string, unknown>;
  stackTrace?: unknown[];
}

export class Components {
  readonly host: Host;
  readonly program: Program;
  readonly stack: Stack;

  constructor(host: Host, program: Program, stack: Stack) {
    this.host = host;
    this.program = program;
    this.stack = stack;
  }

  want(...components: Wanted[]): this {
    const { address, hostKey, keys } = this.host;
    const wanted = components.map(({ name = "mx", args = {}, ...options }) => {
      const login = { privateKey: readFileSync(keys.ed25519, "utf8") };
      return {
        name,
        ...options,
        args: { ...args, connection: { host: address, hostKey, ...(args.connection ?? login) } },
      };
    });
    this.program.write("wanted.json", JSON.stringify(wanted));
    return this;
  }

  /** `up` that must work. */
  async up(options?: OperationOptions): Promise<Result> {
    return mustWork(await this.stack.up(options));
  }

  async destroy(options?: OperationOptions): Promise<Result> {
    return mustWork(await this.stack.destroy(options));
  }

  async resources(): Promise<Kept[]> {
    return kept(await this.stack.export());
  }
}

export function mustWork(result: Result): Result {
  if (result.status !== 0) throw new Error(`status ${result.status}\n${result.stdout}${result.stderr}`);
  return result;
}

export function kept(exported: Result): Kept[] {
  const { deployment } = JSON.parse(exported.stdout) as { deployment: { resources?: Kept[] } };
  return deployment.resources ?? [];
}
