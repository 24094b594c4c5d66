import { truncateSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { HOUR_MS, MINUTE_MS } from "../../src/core/time.ts";
import { makeBackup } from "../../src/store/backup.ts";
import { openForWriting } from "../../src/store/db.ts";
import { execute } from "../../src/store/inline-writer.ts";
import { restore } from "../../src/store/restore.ts";
import { readLedgers } from "../../src/store/tables/schedule-runs.ts";
import { temporaryFolder } from "../helpers/database.ts";
import { cutOffRestore } from "./cut-off-restore.ts";
import { keptHome, NOW } from "./kept-home.ts";

const JOB = "app:gate/open";
const BUILT_IN = "train";

/** A home whose app ran at these times, of which those before the backup are in it; restored from it an hour after the last, perhaps after restores that were cut off. */
async function restoredHome(
  beforeMs: readonly number[],
  afterMs: readonly number[],
  harm: (path: string) => void = () => undefined,
  cutOff = 0,
) {
  const folder = temporaryFolder();
  const db = keptHome(folder);
  const run = (job: string, dueAtMs: number): void => {
    execute(db, "beginRun", { job, dueAtMs, startedAtMs: dueAtMs });
    execute(db, "putReceipt", { job, dueAtMs, startedAtMs: dueAtMs, finishedAtMs: dueAtMs, status: "completed", rows: null, error: null });
  };
  for (const job of [JOB, BUILT_IN]) for (const atMs of beforeMs) run(job, atMs);
  const backup = join(folder, "snapshot.db");
  makeBackup({ dbPath: db.path, target: backup, scope: "all", nowMs: NOW });
  for (const job of [JOB, BUILT_IN]) for (const atMs of afterMs) run(job, atMs);
  db.close();
  harm(db.path);
  const restoredAtMs = Math.max(NOW, ...afterMs) + HOUR_MS;
  for (let round = 0; round < cutOff; round += 1) await cutOffRestore(db.path, backup, restoredAtMs - 10 + round);
  await restore({ dbPath: db.path, source: backup, nowMs: restoredAtMs, loss: null });
  const restored = openForWriting(db.path);
  const ledgers = readLedgers(restored, { jobs: [JOB, BUILT_IN], nowMs: restoredAtMs });
  const begun = [...beforeMs, ...afterMs].map((dueAtMs) => execute(restored, "beginRun", { job: JOB, dueAtMs, startedAtMs: restoredAtMs }));
  restored.close();
  return { restoredAtMs, ledgers, begun };
}

const minutes = (least: number, most: number) =>
  fc
    .uniqueArray(fc.integer({ min: least, max: most }), { maxLength: 6 })
    .map((list) => list.sort((a, b) => a - b).map((at) => NOW + at * MINUTE_MS));

// Broken once: the receipts were the backup's, so an app with `missed: "each"` did all that it had done since then a second time.
test("whatever an app did after the backup is not done again after a restore; what the app itself computes is", async () => {
  await fc.assert(
    fc.asyncProperty(minutes(-300, -1), minutes(1, 600), fc.nat(2), async (before, after, cutOff) => {
      const { ledgers, begun } = await restoredHome(before, after, undefined, cutOff);
      expect(begun).toEqual(begun.map(() => 0));
      expect(ledgers.get(JOB)?.settledToMs).toBe([...before, ...after].at(-1) ?? null);
      // Its models went with the database.
      expect(ledgers.get(BUILT_IN)?.settledToMs).toBe(before.at(-1) ?? null);
    }),
    { numRuns: 10 },
  );
});

test.each([
  ["is cut off", (path: string) => truncateSync(path, 5000), 0],
  ["has lost its receipts", loseReceipts, 0],
  ["has lost its receipts, and a restore of it was cut off before", loseReceipts, 1],
] as const)("where the lost file %s nothing that was due before is made up for", async (_, harm, cutOff) => {
  const { ledgers, restoredAtMs } = await restoredHome([NOW - HOUR_MS], [NOW + HOUR_MS], harm, cutOff);
  expect(ledgers.get(JOB)).toEqual({ settledToMs: restoredAtMs, cutOff: [] });
  expect(ledgers.get(BUILT_IN)?.settledToMs).toBe(NOW - HOUR_MS);
});

function loseReceipts(path: string): void {
  const db = openForWriting(path);
  db.exec("DROP VIEW vw_schedule_runs; DROP TABLE schedule_runs");
  db.close();
}
