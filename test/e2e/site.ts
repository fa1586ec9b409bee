// One host and the stacks that reach it: what every test here begins with.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Engine, findEngine } from "../lab/engine.ts";
import type { Host, HostOptions } from "../lab/host.ts";
import { Lab } from "../lab/lab.ts";
import { checkout } from "../lab/places.ts";
import { copyProgram, type Program } from "../lab/program.ts";
import type { Result } from "../lab/run.ts";
import type { Stack } from "../lab/stack.ts";
import { Components } from "./components.ts";

// A TypeScript program costs seconds a command to type-check, and `tsc` has done that.
const fast = { PULUMI_NODEJS_TRANSPILE_ONLY: "true" };

export class Site {
  readonly lab: Lab;
  readonly host: Host;
  readonly engine: Engine;
  readonly #remove: (() => void | Promise<void>)[] = [];

  private constructor(lab: Lab, host: Host, engine: Engine) {
    this.lab = lab;
    this.host = host;
    this.engine = engine;
  }

  static async open(options: HostOptions = {}): Promise<Site> {
    const lab = await Lab.open();
    return new Site(lab, await lab.boot(options), await findEngine());
  }

  /** The example of the README, through the Pulumi.yaml at the root, with what a user must configure. */
  async example(): Promise<Stack> {
    const stack = await this.#stack(checkout);
    await stack.config("host", this.host.address);
    await stack.config("hostKey", this.host.hostKey);
    await stack.config("privateKey", this.key(), { secret: true });
    return stack;
  }

  /** A program whose components a test describes. */
  async components(): Promise<Components> {
    const program = this.program("components");
    return new Components(this.host, program, await this.#stack(program.dir));
  }

  /** A copy of one of the projects in `programs`. */
  program(name: string): Program {
    const program = copyProgram(join(import.meta.dirname, "programs", name));
    this.#remove.push(() => program.remove());
    return program;
  }

  /** A copy of one of the `examples`. */
  exampleProgram(name: string): Program {
    const program = copyProgram(join(checkout, "examples", name));
    this.#remove.push(() => program.remove());
    return program;
  }

  async stackOf(program: Program): Promise<Stack> {
    return this.#stack(program.dir);
  }

  async #stack(program: string): Promise<Stack> {
    const stack = await this.engine.stack({ program, lab: this.lab, env: fast });
    this.#remove.push(() => stack.remove());
    return stack;
  }

  key(kind: "ed25519" | "rsa" = "ed25519"): string {
    return readFileSync(this.host.keys[kind], "utf8");
  }

  async close(): Promise<void> {
    for (const remove of this.#remove) await remove();
    await this.lab.close();
  }
}

/** All that a command said, for whoever reads both. */
export const said = ({ stdout, stderr }: Result): string => stdout + stderr;
