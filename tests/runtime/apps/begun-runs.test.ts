import { expect, test } from "vitest";
import { followRuns } from "../../../src/runtime/apps/process/begun-runs.ts";
import { execute } from "../../../src/store/inline-writer.ts";
import { readLedgers } from "../../../src/store/tables/schedule-runs.ts";
import { temporaryDatabase } from "../../helpers/database.ts";

const RUN = { job: "app:tested/often", dueAtMs: 1000, startedAtMs: 1001 };
const COMPLETED = { ...RUN, finishedAtMs: 1002, status: "completed", rows: 0, error: null } as const;

/** The real statements behind a slow writer that does one after another, on a disk that the test fills. */
function scene() {
  const db = temporaryDatabase();
  let last: Promise<unknown> = Promise.resolve();
  let isFull = false;
  const write = <T>(work: () => T): Promise<T> => {
    const written = last.then(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      if (isFull) throw new Error("the disk is full");
      return work();
    });
    last = written.catch(() => undefined);
    return written;
  };
  const ledgerOf = async (job: string) => readLedgers(db, { jobs: [job], nowMs: 10_000 }).get(job)!;
  return {
    receipts: followRuns({
      beginRun: (run) => write(() => execute(db, "beginRun", run)),
      putReceipt: (receipt) => write(() => execute(db, "putReceipt", receipt)),
      noteRuns: (runs) => write(() => execute(db, "noteRuns", runs)),
      knownSinceMs: async (_job, nowMs) => nowMs,
      ledgerOf,
    }),
    fill(now: boolean) {
      isFull = now;
    },
    ledger: () => ledgerOf(RUN.job),
    rows: () => db.all("SELECT status, error, attempts FROM schedule_runs"),
  };
}

// Broken once: with a cut that does not wait for the writer (begun-runs.ts) and changes any row (schedule-runs.ts) the run is made a second time.
test("a run whose end is at the writer when its process dies has ended", async () => {
  const { receipts, rows, ledger } = scene();
  expect(await receipts.beginRun(RUN)).toBe(1);
  const ended = receipts.putReceipt(COMPLETED);
  await receipts.cutOff(1003, "it died");
  await ended;
  expect(rows()).toEqual([{ status: "completed", error: null, attempts: 1 }]);
  expect(await ledger()).toMatchObject({ settledToMs: 1000, cutOff: [] });
  expect(await receipts.beginRun({ ...RUN, startedAtMs: 2000 })).toBe(0);
});

// Broken once: noted only when the writer has answered (begun-runs.ts) it stays running, and nobody may begin it again.
test("a run whose beginning is at the writer when its process dies is cut off, and may be begun again", async () => {
  const { receipts, rows, ledger } = scene();
  const begun = receipts.beginRun(RUN);
  await receipts.cutOff(1003, "it died");
  expect(await begun).toBe(1);
  expect(rows()).toEqual([{ status: "interrupted", error: "it died", attempts: 1 }]);
  expect((await ledger()).cutOff).toEqual([{ dueAtMs: 1000, attempts: 1 }]);
  expect(await receipts.beginRun({ ...RUN, startedAtMs: 2000 })).toBe(2);
});

test("what was refused, could not be begun, or has an end is not cut off; an end that could not be written is", async () => {
  const { receipts, rows, fill } = scene();
  fill(true);
  await expect(receipts.beginRun(RUN)).rejects.toThrow("the disk is full");
  fill(false);
  await receipts.cutOff(1003, "it died");
  expect(rows()).toEqual([]);
  await receipts.beginRun(RUN);
  fill(true);
  const ended = receipts.putReceipt(COMPLETED);
  await expect(ended).rejects.toThrow("the disk is full");
  // The cut itself fails, too: the next one makes up for it.
  await expect(receipts.cutOff(1003, "it died")).rejects.toThrow("the disk is full");
  fill(false);
  await receipts.cutOff(1004, "it died again");
  expect(rows()).toEqual([{ status: "interrupted", error: "it died again", attempts: 1 }]);
  await receipts.beginRun(RUN);
  await receipts.putReceipt(COMPLETED);
  expect(await receipts.beginRun(RUN)).toBe(0);
  // Broken once: with an update of any row (schedule-runs.ts) this one is due again.
  await receipts.putReceipt({ ...COMPLETED, status: "interrupted" });
  await receipts.cutOff(1005, "it died");
  expect(rows()).toEqual([{ status: "completed", error: null, attempts: 2 }]);
});
