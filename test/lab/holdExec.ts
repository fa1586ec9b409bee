// A process that was just made and is not yet the program that it will be: for a moment it looks like its parent.
import { beside } from "./beside.ts";
import type { Host } from "./host.ts";
import { until } from "./run.ts";

/**
 * Runs `during` while the next process that executes `file` stands before its exec; `cause` makes one, and may wait for it.
 * `letGo` ends the hold before `during` does.
 */
export async function whileHeld<T>(
  host: Host,
  file: string,
  cause: () => Promise<unknown>,
  during: (process: string, letGo: () => void) => Promise<T>,
): Promise<T> {
  let caused: Promise<unknown> | undefined;
  const [result] = await beside(host, { script: "holdExec.pl", args: [file] }, async ({ said, end }) => {
    caused = cause();
    caused.catch(() => undefined);
    return during(await until("a process", async () => /^(\d+)\n/m.exec(said())?.[1]), end);
  });
  await caused;
  return result;
}
