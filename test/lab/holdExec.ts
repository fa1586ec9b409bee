// A process that was just made and is not yet the program that it will be: for a moment it looks like its parent.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Host } from "./host.ts";
import { labDir } from "./places.ts";
import { until } from "./run.ts";

/** Runs `during` while the next process that executes `file` stands before its exec; `cause` makes one, and may wait for it.
 *  `letGo` ends the hold before `during` does. */
export async function whileHeld<T>(
  host: Host,
  file: string,
  cause: () => Promise<unknown>,
  during: (process: string, letGo: () => void) => Promise<T>,
): Promise<T> {
  const stop = "/run/stop-holding";
  await host.write("/run/holdExec.pl", readFileSync(join(labDir, "holdExec.pl"), "utf8"));
  await host.must(`rm -f ${stop}`);
  let output = "";
  const holding = host.must(`exec perl /run/holdExec.pl ${file} ${stop}`, {
    onOutput: (text) => {
      output += text;
    },
  });
  holding.catch(() => undefined);
  const letGo = () => host.must(`touch ${stop}`);
  let caused: Promise<unknown> | undefined;
  try {
    await until("fanotify", async () => output.startsWith("ready") || undefined);
    caused = cause();
    caused.catch(() => undefined);
    return await during(await until("a process", async () => /^(\d+)$/m.exec(output)?.[1]), letGo);
  } finally {
    await letGo();
    await holding;
    await caused;
  }
}
