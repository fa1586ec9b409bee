import { defineConfig } from "vitest/config";

// A booted host is mostly idle, an engine is not: two files at a time keep two cores busy and no timeout near.
const real = {
  fileParallelism: true,
  maxWorkers: 2,
  testTimeout: 300_000,
  hookTimeout: 300_000,
  pool: "forks" as const,
};

export default defineConfig({
  test: {
    allowOnly: false,
    reporters: ["default", "./tools/summary.mts"],
    projects: [
      { test: { name: "unit", include: ["test/unit/**/*.test.ts"], testTimeout: 30_000 } },
      { test: { name: "host", include: ["test/host/**/*.test.ts"], ...real } },
      { test: { name: "e2e", include: ["test/e2e/**/*.test.ts"], ...real } },
      { test: { name: "lab", include: ["test/lab/**/*.test.ts"], ...real } },
    ],
  },
});
