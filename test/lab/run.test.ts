import { expect, test } from "vitest";
import { run } from "./run.ts";

test("a late command is ended though a child of its own keeps its output, and all processes of that moment are shown", async () => {
  const started = Date.now();
  await expect(run(["sh", "-c", "echo begun; sleep 20 & wait"], { timeoutMs: 500 })).rejects.toThrow(
    /^timed out: sh -c .*\nbegun\n[\s\S]* sleep 20\n/,
  );
  expect(Date.now() - started).toBeLessThan(15_000);
});
