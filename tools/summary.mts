// The last line of a test run, in one fixed form that a script can read.
import type { Reporter, TestModule } from "vitest/node";

export default class Summary implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    let passed = 0;
    // A failed check, a file that could not run and an error outside any test are failures too.
    let failed = errors.length + Number(process.env.FAILED_CHECKS ?? 0);
    for (const module of modules) {
      failed += module.errors().length;
      for (const test of module.children.allTests()) {
        if (test.result().state === "passed") passed += 1;
        else failed += 1;
      }
    }
    // After vitest's own closing lines; its status knows nothing of the checks that ran before it.
    process.once("exit", () => {
      if (failed > 0) process.exitCode ||= 1;
      process.stdout.write(`${passed} passed, ${failed} failed\n`);
    });
  }
}
