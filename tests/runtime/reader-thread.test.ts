import { readdirSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { createReaderThread, type ReaderChanges } from "../../src/runtime/threads/reader-client.ts";
import { execute } from "../../src/store/inline-writer.ts";
import { temporaryDatabase } from "../helpers/database.ts";

function known(idleMs: number) {
  const db = temporaryDatabase();
  execute(db, "setMetadata", { time_zone: "Europe/Amsterdam" });
  return createReaderThread(db.path, { idleMs, graceMs: 60_000 });
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

const RANGE = { fromMs: 0, toMs: 1, columns: 10 };

/** Questions to a thread that is busy for ever with `activity`, and for a while with `timeline`. */
function slow(changes: ReaderChanges) {
  const reads = createReaderThread("", {
    limitMs: 60_000,
    graceMs: 60_000,
    ...changes,
    threadFile: new URL("./threads/slow-reader-thread.ts", import.meta.url),
  });
  onTestFinished(() => reads.close());
  return reads;
}

/** How long something took, and what became of it. */
async function timed(work: Promise<unknown>): Promise<{ readonly tookMs: number; readonly words: string }> {
  const beganAt = performance.now();
  const words = await work.then(String, (error: Error & { code?: string }) => `${error.code}: ${error.message}`);
  return { tookMs: performance.now() - beganAt, words };
}

test("a question that takes too long is given up as busy, and what waited behind it is answered by the next thread", async () => {
  const reads = slow({ limitMs: 400, graceMs: 100 });
  const asked = [reads.readSoon("activity", RANGE), reads.readSoon("activity", RANGE)];
  const behind = [reads.read("metadata", "time_zone"), reads.readSoon("pulse", null)];
  // Broken once: without the limit none of the four was ever answered.
  for (const each of asked) expect((await timed(each)).words).toMatch(/^busy: .* 0\.4 seconds, so this was given up/);
  // Broken once: with a question's time counted from when it was asked, the last of them was given up with the first.
  expect(await Promise.all(behind)).toEqual(["metadata", "pulse"]);
});

test("what the app itself asks takes as long as it takes", async () => {
  const reads = slow({ limitMs: 100 });
  expect(await reads.read("timeline", { ...RANGE, nowMs: RANGE.toMs, entities: [], areas: [] })).toBe("timeline");
});

test("closing waits for no question longer than its grace", async () => {
  const reads = slow({ graceMs: 300 });
  const [endless, behind] = [timed(reads.read("activity", RANGE)), timed(reads.readSoon("pulse", null))];
  const { tookMs } = await timed(reads.close());
  // Broken once: without a grace the stop waited for ever, and what watches over it killed the app.
  expect(tookMs).toBeLessThan(3000);
  expect((await endless).words).toMatch(/^not_ready: The database is closed/);
  expect((await behind).words).toMatch(/^not_ready/);
});

test("an app that lets go gives up the questions of people; its own are answered until it closes", async () => {
  const reads = slow({ graceMs: 300 });
  const [endless, own] = [timed(reads.readSoon("activity", RANGE)), timed(reads.read("pulse", null))];
  reads.hurry();
  const later = timed(reads.read("metadata", "time_zone"));
  expect((await endless).words).toMatch(/^not_ready/);
  expect([(await own).words, (await later).words]).toEqual(["pulse", "metadata"]);
});
