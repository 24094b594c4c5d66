import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { createReaderThread } from "../../src/runtime/threads/reader-client.ts";
import { execute } from "../../src/store/inline-writer.ts";
import { temporaryDatabase } from "../helpers/database.ts";

function known(idleMs: number) {
  const db = temporaryDatabase();
  execute(db, "setMetadata", { time_zone: "Europe/Amsterdam" });
  return createReaderThread(db.path, idleMs);
}
const threads = (): number => readdirSync("/proc/self/task").length;
const until = async (isSo: () => boolean): Promise<void> => {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
};

test.skipIf(process.platform !== "linux")(
  "the thread of the questions ends when nobody asks, and the next question starts another",
  async () => {
    const reads = known(50);
    const before = threads();
    expect(await reads.read("metadata", "time_zone")).toBe("Europe/Amsterdam");
    expect(threads()).toBeGreaterThan(before);
    await until(() => threads() <= before);
    expect(await reads.read("metadata", "time_zone")).toBe("Europe/Amsterdam");
    await reads.close();
  },
);

test("questions that come while the thread ends are answered, and closing waits for every thread", async () => {
  const reads = known(0);
  for (let i = 0; i < 4; i += 1) {
    const answers = await Promise.all([reads.read("metadata", "time_zone"), reads.read("contractProblems", null)]);
    expect(answers[0]).toBe("Europe/Amsterdam");
    await new Promise((resolve) => setTimeout(resolve, i));
  }
  const last = reads.read("metadata", "time_zone");
  await reads.close();
  expect(await last).toBe("Europe/Amsterdam");
  await expect(reads.read("metadata", "time_zone")).rejects.toThrow("closed");
});
