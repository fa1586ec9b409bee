// A witness on a host: what any process showed of itself, and which files held a text, while something went on.
import { beside } from "./beside.ts";
import type { Host } from "./host.ts";

export interface Witness {
  /** Command lines and environments with one of the texts. */
  processes: string[];
  /** Files that had one of the texts, as `PATH MODE OWNER:GROUP open`; `closed` where a directory above does not let everyone pass. */
  files: string[];
  /** Of all files that changed, those that had one at the end. */
  left: string[];
  /** How often it looked, and for how many seconds. */
  sweeps: number;
  seconds: number;
  /** Every command that it saw. */
  commands: string[];
}

/** `often` are directories whose files it reads each time; at the end it reads every file that changed meanwhile. */
export async function witness<T>(
  host: Host,
  texts: readonly string[],
  often: readonly string[],
  during: () => Promise<T>,
): Promise<[T, Witness]> {
  // By standard input, for on a command line it would find them itself.
  const stdin = `${texts.join("\n")}\n`;
  const [result, found] = await beside(host, { script: "watch.pl", args: often, stdin }, during);
  return [result, read(found)];
}

function read(output: string): Witness {
  const lines = output.split("\n").map((line) => line.split("\t"));
  const of = (...kinds: string[]) =>
    lines.filter(([kind = ""]) => kinds.includes(kind)).map(([, ...rest]) => rest.join(" "));
  const [sweeps = 0, seconds = 0] = (of("sweeps")[0] ?? "").split(" ").map(Number);
  return {
    processes: of("cmdline", "environ"),
    files: of("file"),
    left: of("left"),
    sweeps,
    seconds,
    commands: of("command"),
  };
}
