import { defineConfig } from "vitest/config";
import LongestFirst from "./tests/helpers/longest-first.ts";

const longRuns = process.env["TEST_SUITE"];

export default defineConfig({
  test: {
    include: longRuns ? [`tests/${longRuns}/**/*.test.ts`] : ["tests/**/*.test.ts"],
    exclude: longRuns ? [] : ["tests/ha/**", "tests/soak/**", "tests/panel/**", "tests/package/image/**"],
    globalSetup: ["tests/helpers/built.ts", "tests/helpers/compiled-apps.ts", ...(longRuns === "panel" ? ["tests/panel/world.ts"] : [])],
    // All of the panel's tests share one home, which they change.
    fileParallelism: longRuns !== "panel",
    reporters: ["default", "./tests/helpers/counts-reporter.ts"],
    // Much of a test with real processes is waiting: both cores are used although two cores would mean one worker.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    testTimeout: 90_000,
    hookTimeout: 120_000,
  },
});
