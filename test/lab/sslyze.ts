// sslyze against Mozilla's published levels, from a virtual environment in the cache.
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { Host } from "./host.ts";
import { cache, labDir } from "./places.ts";
import { must, type Result } from "./run.ts";

export async function ensureSslyze(): Promise<string> {
  const venv = join(cache, "sslyze");
  if (!existsSync(join(venv, "ready"))) {
    mkdirSync(cache, { recursive: true });
    await must(["flock", join(cache, "sslyze.lock"), "sh", join(labDir, "buildSslyze.sh"), venv], {
      timeoutMs: 1_200_000,
      onOutput: (text) => process.stderr.write(text),
    });
  }
  return join(venv, "bin", "python");
}

export interface SslyzeOptions {
  port?: number;
  mozilla?: "modern" | "intermediate" | "old";
}

/** Status 0 means compliant. */
export async function sslyze(host: Host, { port = 25, mozilla = "intermediate" }: SslyzeOptions = {}): Promise<Result> {
  const python = await ensureSslyze();
  const starttls = port === 465 ? [] : ["--starttls", "smtp"];
  return host.outside([python, "-m", "sslyze", ...starttls, "--mozilla_config", mozilla, `${host.address}:${port}`]);
}
