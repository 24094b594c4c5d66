import type { Reporter, TestModule } from "vitest/node";

/**
 * Names what failed once more, because a long output is often read from its end, and prints the one line that scripts read, last:
 * `N passed, N failed, N skipped`. A file that fails to load counts as one failure.
 */
export default class CountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    const failures: string[] = [];
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state, errors = [] } = test.result();
        counts[state === "passed" || state === "failed" ? state : "skipped"] += 1;
        if (state === "failed") failures.push(`${module.relativeModuleId} > ${test.fullName}: ${errors[0]?.message.split("\n")[0] ?? ""}`);
      }
      if (module.errors().length > 0) {
        counts.failed += 1;
        failures.push(`${module.relativeModuleId}: ${module.errors()[0]!.message.split("\n")[0]}`);
      }
    }
    for (const failure of failures) process.stdout.write(`\nfailed: ${failure}`);
    process.stdout.write(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
  }
}
