// Where the checkout and the cache are.

import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
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

/** A new directory in the cache; those that a crash left there yesterday go. */
export function scratch(kind: "stacks" | "programs", name: string): string {
  const parent = join(cache, kind);
  mkdirSync(parent, { recursive: true });
  for (const old of readdirSync(parent)) {
    const path = join(parent, old);
    if ((statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) < Date.now() - DAY_MS) {
      rmSync(path, { recursive: true, force: true });
    }
  }
  return mkdtempSync(join(parent, `${name}-`));
}
