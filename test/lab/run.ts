// Run a command the way a user's shell would: argument list in, status and text out.
import { spawn, spawnSync } from "node:child_process";

export interface Result {
  status: number;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  stdin?: string | Buffer;
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** After this time the process is killed and `run` fails, with all processes that there were. */
  timeoutMs?: number;
  /** Also called with each piece of output as it comes. */
  onOutput?: (text: string) => void;
}

const SIGNALLED = 128;

export function run(argv: readonly string[], options: RunOptions = {}): Promise<Result> {
  const [file, ...args] = argv;
  if (file === undefined) throw new Error("run: empty command");
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, { cwd: options.cwd, env: options.env ?? process.env });
    let stdout = "";
    let stderr = "";
    let late: string | undefined;
    const timer = setTimeout(() => {
      late = spawnSync("ps", ["-eo", "pid,ppid,etimes,stat,wchan:20,args", "--forest"], { encoding: "utf8" }).stdout;
      child.kill("SIGKILL");
      // What it started may outlive it and keep its output open.
      child.stdout.destroy();
      child.stderr.destroy();
    }, options.timeoutMs ?? 300_000);
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text;
      options.onOutput?.(text);
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text;
      options.onOutput?.(text);
    });
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.on("close", (code) => {
      clearTimeout(timer);
      if (late !== undefined) reject(new Error(`timed out: ${argv.join(" ")}\n${stdout}${stderr}\n${late}`));
      else resolve({ status: code ?? SIGNALLED, stdout, stderr });
    });
    // A command that ends without reading its input is no error of ours.
    child.stdin.on("error", () => {});
    child.stdin.end(options.stdin ?? "");
  });
}

/** Like `run`, for steps that must work: a failure throws with all that the command said. */
export async function must(argv: readonly string[], options: RunOptions = {}): Promise<Result> {
  const result = await run(argv, options);
  if (result.status !== 0) {
    throw new Error(`${argv.join(" ")}: status ${result.status}\n${result.stdout}${result.stderr}`);
  }
  return result;
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Try until it gives something, or fail with the last error. */
export async function until<T>(
  what: string,
  attempt: () => Promise<T | undefined>,
  { timeoutMs = 30_000, everyMs = 50 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  let last: unknown;
  while (Date.now() < deadline) {
    try {
      const value = await attempt();
      if (value !== undefined) return value;
    } catch (error) {
      last = error;
    }
    await sleep(everyMs);
  }
  throw new Error(`gave up after ${timeoutMs} ms: ${what}${last instanceof Error ? ` (${last.message})` : ""}`);
}
