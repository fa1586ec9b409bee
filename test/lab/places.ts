// Where the checkout and the cache are.
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
