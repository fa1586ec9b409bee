// Where the checkout and the cache are.
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, rmSync, statfsSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const labDir: string = dirname(fileURLToPath(import.meta.url));
export const checkout: string = join(labDir, "..", "..");
export const cache: string = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "mailhost");
export const labsDir: string = join(cache, "labs");

export const say = (text: string): void => {
  process.stderr.write(`lab: ${text}\n`);
};

const DAY_MS = 86_400_000;
const MEMORY = "/dev/shm";
const ENOUGH_BYTES = 4 * 2 ** 30;

/** A new directory for a stack or a program; those that a crash left there yesterday go. */
export function scratch(kind: "stacks" | "programs", name: string): string {
  // npm makes and removes thousands of files, for which an ext4 without a journal takes three times as long.
  const parent = join(kind === "programs" && hasMemory() ? join(MEMORY, "mailhost") : cache, kind);
  makeParent(parent);
  for (const old of readdirSync(parent)) {
    const path = join(parent, old);
    if ((statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) < Date.now() - DAY_MS) {
      rmSync(path, { recursive: true, force: true });
    }
  }
  return mkdtempSync(join(parent, `${name}-`));
}

/**
 * A directory whose entries come and go with many files. Marked as a top directory (chattr(1) T), for which ext4 gives each
 * entry another block group: in one where many files just went, making a file is a search that costs a host half of its boot.
 */
export function makeParent(dir: string): void {
  mkdirSync(dir, { recursive: true });
  // Elsewhere than on ext4 there is no such mark, nor the need of one.
  spawnSync("chattr", ["+T", dir]);
}

function hasMemory(): boolean {
  const { bavail = 0, bsize = 0 } = statSync(MEMORY, { throwIfNoEntry: false }) ? statfsSync(MEMORY) : {};
  return Math.min(bavail * bsize, process.availableMemory()) > ENOUGH_BYTES;
}
