// Ctrl-C, and kill -9, for a `pulumi` that runs in a stack.
import { readdirSync, readFileSync } from "node:fs";
import { sleep } from "../lab/run.ts";
import type { Stack } from "../lab/stack.ts";

/** Twice, as a user does whose first one is not heard: the engine waits for the provider then. */
export async function interrupt(stack: Stack): Promise<void> {
  for (let count = 0; count < 2; count += 1) {
    for (const pid of engines(stack)) process.kill(pid, "SIGINT");
    await sleep(1_000);
  }
}

/** As the kernel does when memory ends: the engine has no time to tell anybody. */
export function kill(stack: Stack): void {
  for (const pid of engines(stack)) process.kill(pid, "SIGKILL");
}

function engines(stack: Stack): number[] {
  const home = `PULUMI_HOME=${stack.env.PULUMI_HOME}`;
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && read(pid, "comm") === "pulumi\n" && read(pid, "environ").split("\0").includes(home));
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
