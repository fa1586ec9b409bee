// The most memory that an engine and its program took, as the kernel counts it.
import { readdirSync, readFileSync } from "node:fs";

export interface Peaks {
  engine: number;
  program: number;
}

/** While `work` runs, in kB. */
export async function peaksDuring<T>(work: () => Promise<T>): Promise<{ result: T; peaks: Peaks }> {
  const peaks: Peaks = { engine: 0, program: 0 };
  const timer = setInterval(() => {
    for (const { command, kB } of descendants()) {
      if (/\bpulumi\0/.test(command)) peaks.engine = Math.max(peaks.engine, kB);
      if (/cmd\/run\/?(index\.js)?\0/.test(command)) peaks.program = Math.max(peaks.program, kB);
    }
  }, 200);
  try {
    return { result: await work(), peaks };
  } finally {
    clearInterval(timer);
  }
}

function descendants(): { command: string; kB: number }[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync("/proc")) {
    const stat = /^\d+$/.test(entry) ? read(`/proc/${entry}/stat`) : "";
    const parent = /\) \S (\d+)/.exec(stat)?.[1];
    if (parent !== undefined) parents.set(Number(entry), Number(parent));
  }
  const ours = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent !== undefined && (parent === process.pid || ours(parent));
  };
  return [...parents.keys()].filter(ours).map((pid) => ({
    command: read(`/proc/${pid}/cmdline`),
    kB: Number(/VmHWM:\s+(\d+)/.exec(read(`/proc/${pid}/status`))?.[1] ?? 0),
  }));
}

/** A process may end meanwhile. */
function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
