import { spawn, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const source = fileURLToPath(new URL("../../src/host/instance.sh", import.meta.url));
const TIMES = 1000;

describe("is_roots_process", () => {
  // Its state is a word of another length in each moment, ahead of what is read.
  it.each(["bash", "dash", "busybox"])("never takes a busy process for another's, in %s", (shell) => {
    const busy = spawn("sh", ["-c", "while :; do sleep 0; done"], { stdio: "ignore" });
    const count = `. ${source}; for _ in $(seq ${TIMES}); do is_roots_process /proc/${busy.pid} && echo; done | wc -l`;
    const { stdout } = spawnSync(shell, [...(shell === "busybox" ? ["sh"] : []), "-c", count], { encoding: "utf8" });
    busy.kill("SIGKILL");
    expect(Number(stdout)).toBe(process.getuid?.() === 0 ? TIMES : 0);
  });
});
