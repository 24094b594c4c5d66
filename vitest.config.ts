import { defineConfig } from "vitest/config";

const longRuns = process.env["TEST_SUITE"];

export default defineConfig({
  test: {
    include: longRuns ? [`tests/${longRuns}/**/*.test.ts`] : ["tests/**/*.test.ts"],
    exclude: longRuns ? [] : ["tests/ha/**", "tests/soak/**", "tests/panel/**"],
    reporters: ["default", "./tests/helpers/counts-reporter.ts"],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
