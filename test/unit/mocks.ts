import * as pulumi from "@pulumi/pulumi";
import { afterEach, vi } from "vitest";
import type { PostfixHardeningArgs } from "../../src/postfixHardeningArgs.ts";
import { ed25519Key, privateKey } from "./keys.ts";
import { quietReceipt } from "./receipts.ts";

/** The build makes the program; these tests need only its place and its name. */
vi.mock("../../src/hostProgram.ts", async (original) => ({
  ...(await original<typeof import("../../src/hostProgram.ts")>()),
  hostProgram: () => ({
    file: import.meta.filename,
    hash: "0".repeat(32),
    upload: ".mailhost-000000000000-11111111.sh",
  }),
}));

/** A resource as the engine would have been asked for it. */
export interface Registered {
  type: string;
  name: string;
  inputs: Record<string, unknown>;
}

export const connection = { host: "mx1.example.com", privateKey, hostKey: ed25519Key };

afterEach(() => pulumi.runtime.disconnect());

/** Runs a program on a stand-in for the engine and gives back what it registered, and what its functions are still to give. */
export async function run<T>(
  program: () => T,
  stdout: string | ((name: string) => string) = JSON.stringify(quietReceipt),
): Promise<{ registered: Registered[]; result: T }> {
  const registered: Registered[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        registered.push({ type, name, inputs });
        return { id: name, state: { ...inputs, stdout: typeof stdout === "string" ? stdout : stdout(name) } };
      },
      call: () => ({}),
    },
    "project",
    "stack",
    false,
    "organization",
  );
  const result = program();
  await pulumi.runtime.disconnect();
  return { registered, result };
}

export async function harden(
  args: Partial<PostfixHardeningArgs> = {},
  opts?: pulumi.ComponentResourceOptions,
  answer: object | ((name: string) => object) = quietReceipt,
) {
  const { PostfixHardening } = await import("../../src/postfixHardening.ts");
  const { registered, result } = await run(
    () => new PostfixHardening("mx1", { connection, ...args }, opts),
    (name) => JSON.stringify(typeof answer === "function" ? answer(name) : answer),
  );
  const child = (name: string) => {
    const found = registered.find((resource) => resource.name === name);
    if (found === undefined) throw new Error(`${name} was not registered`);
    return found;
  };
  return { registered, component: result, child };
}

/** The rendered policy of a component with these arguments. */
export async function policyOf(
  args: Partial<PostfixHardeningArgs>,
  opts?: pulumi.ComponentResourceOptions,
): Promise<string> {
  const { child } = await harden(args, opts);
  return String(child("mx1-policy").inputs.stdin);
}

/** What an output comes to, or the error that it ends with. The SDK keeps `promise` out of its types, not out of its use. */
export async function settled(output: unknown): Promise<unknown> {
  if (!pulumi.Output.isInstance(output)) throw new Error("not an output");
  const promise: unknown = Reflect.get(output, "promise");
  if (typeof promise !== "function") throw new Error("the SDK's outputs have no promise any more");
  return Reflect.apply(promise, output, []);
}

/**
 * What a program that makes this input ends with. An output that fails has no other way to say so than an unhandled rejection, which
 * Pulumi's program host prints, once for one error; so this takes its place for a moment.
 */
export async function unhandled(make: () => unknown): Promise<unknown[]> {
  const others = process.listeners("unhandledRejection");
  const errors = new Set<unknown>();
  const collect = (error: unknown) => errors.add(error);
  process.removeAllListeners("unhandledRejection");
  process.on("unhandledRejection", collect);
  try {
    make();
    await new Promise((resolve) => setTimeout(resolve, 20));
  } finally {
    process.removeListener("unhandledRejection", collect);
    for (const listener of others) process.on("unhandledRejection", listener);
  }
  return [...errors];
}
