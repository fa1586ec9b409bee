// sslyze against Mozilla's published levels, from a virtual environment in the cache.
import { join } from "node:path";
import type { Host } from "./host.ts";
import { ensureVenv } from "./venv.ts";

export async function ensureSslyze(): Promise<string> {
  return join(await ensureVenv("sslyze", ["sslyze==6.3.*"]), "bin", "python");
}

export interface SslyzeOptions {
  port?: number;
  mozilla?: "modern" | "intermediate" | "old";
}

export interface Verdict {
  compliant: boolean;
  /** What it finds wrong, as `name: text`. */
  complaints: string[];
  stdout: string;
}

/** A server that could not be scanned is an error: sslyze itself says so and exits 0. */
export async function sslyze(
  host: Host,
  { port = 25, mozilla = "intermediate" }: SslyzeOptions = {},
): Promise<Verdict> {
  const python = await ensureSslyze();
  const starttls = port === 465 ? [] : ["--starttls", "smtp"];
  const argv = [python, "-m", "sslyze", ...starttls, "--mozilla_config", mozilla, `${host.address}:${port}`];
  const { stdout, stderr } = await host.outside(argv);
  const verdict = /: (OK - Compliant|FAILED - Not compliant)/.exec(stdout)?.[1];
  if (verdict === undefined) throw new Error(`sslyze gave no verdict\n${stdout}${stderr}`);
  const complaints = [...stdout.matchAll(/^ +\* (\w+: .*)$/gm)].map((match) => match[1] as string);
  return { compliant: verdict.startsWith("OK"), complaints: verdict.startsWith("OK") ? [] : complaints, stdout };
}
