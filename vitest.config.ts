import { defineConfig } from "vitest/config";
import LongestFirst from "./tests/helpers/longest-first.ts";

const longRuns = process.env["TEST_SUITE"];

export default defineConfig({
  test: {
    include: longRuns ? [`tests/${longRuns}/**/*.test.ts`] : ["tests/**/*.test.ts"],
    exclude: longRuns ? [] : ["tests/ha/**", "tests/soak/**", "tests/panel/**", "tests/package/image/**"],
    globalSetup: [
      "tests/helpers/built-panel.ts",
      "tests/helpers/compiled-program.ts",
      ...(longRuns === "panel" ? ["tests/panel/world.ts"] : []),
    ],
    // All of the panel's tests share one home, which they change.
    fileParallelism: longRuns !== "panel",
    reporters: ["default", "./tests/helpers/counts-reporter.ts"],
    // Much of a test with real processes is waiting: more run at once than there are cores for, on two of which one worker would be all.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    testTimeout: 90_000,
    hookTimeout: 120_000,
  },
});
