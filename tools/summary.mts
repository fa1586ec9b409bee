// The last line of a test run, in one fixed form that a script can read.
import type { Reporter, TestModule } from "vitest/node";

export default class Summary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const count = { passed: 0, skipped: 0, failed: 0, pending: 0 };
    // A failed check, a file that could not run and an error outside any test are failures too.
    count.failed += errors.length + Number(process.env.FAILED_CHECKS ?? 0);
    for (const module of modules) {
      count.failed += module.errors().length;
      // A hook that fails skips the tests of its group, so the group counts as a failure.
      for (const suite of module.children.allSuites()) count.failed += suite.errors().length;
      for (const test of module.children.allTests()) count[test.result().state] += 1;
    }
    // What never came to an end is no success.
    const failed = count.failed + count.pending;
    // After vitest's own closing lines; its status knows nothing of the checks that ran before it.
    process.once("exit", () => {
      if (failed > 0) process.exitCode ||= 1;
      // Left out by `-t` or by `.skip`: told, but neither passed nor failed.
      if (count.skipped > 0) process.stdout.write(`${count.skipped} skipped\n`);
      process.stdout.write(`${count.passed} passed, ${failed} failed\n`);
    });
  }
}
