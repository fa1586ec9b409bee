// A script of ours at work on a host, beside what a test does there.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Host } from "./host.ts";
import { labDir } from "./places.ts";
import { until } from "./run.ts";

export interface Beside {
  /** All that the script printed until now. */
  said(): string;
  /** Tells it to end; so does the end of `during`. */
  end(): Promise<void>;
}

/**
 * Runs a Perl script of this directory with the path of a file that tells it to end, and `args`. It prints `ready` when it is; then comes
 * `during`. Gives what that gave, and all that the script printed.
 */
export async function beside<T>(
  host: Host,
  { script, args, stdin }: { script: string; args: readonly string[]; stdin?: string },
  during: (beside: Beside) => Promise<T>,
): Promise<[T, string]> {
  const path = `/run/${script}`;
  const stop = `${path}.stop`;
  await host.write(path, readFileSync(join(labDir, script), "utf8"));
  await host.must(`rm -f ${stop}`);
  let output = "";
  const running = host.must(`exec perl ${path} ${stop} ${args.join(" ")}`, {
    stdin,
    onOutput: (text) => {
      output += text;
    },
  });
  running.catch(() => undefined);
  const end = async (): Promise<void> => {
    await host.must(`touch ${stop}`);
  };
  let result: T;
  try {
    await until(script, async () => output.startsWith("ready\n") || undefined);
    result = await during({ said: () => output, end });
  } finally {
    await end();
  }
  return [result, await running];
}
