// Tools from PyPI, each in a virtual environment in the cache.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { cache, labDir } from "./places.ts";
import { must } from "./run.ts";

/** Gives the environment's directory, made once. */
export async function ensureVenv(name: string, packages: readonly string[]): Promise<string> {
  const venv = join(cache, name);
  if (!existsSync(join(venv, "ready"))) {
    mkdirSync(cache, { recursive: true });
    await must(["flock", join(cache, `${name}.lock`), "sh", join(labDir, "buildVenv.sh"), venv, ...packages], {
      timeoutMs: 1_200_000,
      onOutput: (text) => process.stderr.write(text),
    });
  }
  return venv;
}
