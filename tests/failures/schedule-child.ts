import { appendFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { createSystemClock } from "../../src/runtime/clock.ts";
import { createScheduler } from "../../src/runtime/schedule/scheduler.ts";
import { wakeWhenDue } from "../../src/runtime/schedule/wake.ts";
import { startWriterThread } from "../../src/runtime/threads/writer-client.ts";
import { openForReading } from "../../src/store/db.ts";
import { readLedgers } from "../../src/store/tables/schedule-runs.ts";

/** The app's own writer thread, scheduler and wake with one job that is due every second. Says in a file when a run begins and has its receipt. */

const [path, diary] = process.argv.slice(2) as [string, string];
const LONGEST_RUN_MS = 600;
const clock = createSystemClock();
const writer = startWriterThread(path, (error) => {
  throw error;
});
await writer.open(Math.floor(clock.nowMs()));
await writer.write("closeAbandonedRuns", { nowMs: Math.floor(clock.nowMs()) });
const reader = openForReading(path);
const ledgers = readLedgers(reader, { jobs: ["each"], nowMs: clock.nowMs() });
reader.close();

const scheduler = createScheduler({
  clock,
  place: { timeZone: "UTC" },
  ledgers,
  jobs: [
    {
      name: "each",
      schedule: { kind: "every", everyMs: 1000 },
      overlap: "queue",
      missed: "each",
      limitMs: 60_000,
      async run(dueAtMs) {
        appendFileSync(diary, `begun ${dueAtMs}\n`);
        await pause(Math.random() * LONGEST_RUN_MS);
        return 1;
      },
    },
  ],
  receipts: {
    beginRun: (run) => writer.write("beginRun", run),
    noteRuns: (receipts) => writer.write("noteRuns", receipts),
    async putReceipt(receipt) {
      await writer.write("putReceipt", receipt);
      appendFileSync(diary, `receipt ${receipt.dueAtMs}\n`);
    },
  },
  onFailure: (_job, error) => appendFileSync(diary, `failure ${String(error)}\n`),
});
const wake = wakeWhenDue({
  parameters: { kind: "system", offsetMs: 0 },
  clock,
  tick: () => scheduler.tick(),
  nextDueMs: () => scheduler.nextDueMs(),
});
scheduler.tick();
wake.again();
process.stdout.write("ready\n");
