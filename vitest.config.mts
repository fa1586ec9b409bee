import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

// Real hosts and engines take their time, more so beside others.
const real = { testTimeout: 300_000, hookTimeout: 300_000, pool: "forks" as const };
// A booted host is idle half of the time.
const maxWorkers = availableParallelism() + 1;

export default defineConfig({
  test: {
    allowOnly: false,
    maxWorkers,
    reporters: ["default", "./tools/summary.mts"],
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 30_000 } },
      { test: { name: "host", include: ["test/host/**/*.test.ts"], ...real } },
      { test: { name: "e2e", include: ["test/e2e/**/*.test.ts"], ...real } },
      { test: { name: "lab", include: ["test/lab/**/*.test.ts"], ...real } },
    ],
  },
});
