import type { Clock } from "../core/clock.ts";
import { habitChange } from "../runtime/apps/home/habit-change.ts";
import type { AppStore, Findings, Receipts } from "../runtime/apps/ports.ts";
import type { Reader } from "../store/reads.ts";
import type { OpenDatabase } from "./database.ts";

const MOST_CHANGES = 100;

/** The store of apps in the one database. */
export function storeOf({ reads, writer }: OpenDatabase, clock: Clock): AppStore {
  return {
    get: (app, key) => reads.read("appValue", { app, key }),
    async set(app, key, json) {
      const refusal = await writer.write("putAppValue", { app, key, json, nowMs: clock.nowMs() });
      if (refusal !== null) throw new Error(`store: ${refusal}.`);
    },
    async delete(app, key) {
      await writer.write("deleteAppValue", { app, key });
    },
    keys: (app) => reads.read("appKeys", app),
  };
}

/** Receipts of schedules with a name, beside those of the built-in jobs. */
export function receiptsOf({ reads, writer }: OpenDatabase, clock: Clock): Receipts {
  return {
    ledgerOf: async (job) => (await reads.read("ledgers", { jobs: [job], nowMs: clock.nowMs() })).get(job)!,
    knownSinceMs: (job, nowMs) => writer.write("noteKnown", { job, nowMs: Math.floor(nowMs) }),
    beginRun: (run) => writer.write("beginRun", run),
    noteRuns: (receipts) => writer.write("noteRuns", receipts),
    putReceipt: (receipt) => writer.write("putReceipt", receipt),
  };
}

/** What the models have found, as apps see it. */
export function findingsOf({ reads }: { readonly reads: Reader }, clock: Clock, targets: readonly string[]): Findings {
  return {
    targets,
    async probability(target) {
      const found = (await reads.read("latestPredictions", { untilMs: clock.nowMs() })).find((each) => each.targetName === target);
      if (found === undefined) return null;
      const { targetName, ...prediction } = found;
      return { target: targetName, ...prediction };
    },
    async changes(stream) {
      const reports = await reads.read("reportedChanges", { stream, sinceMs: 0, untilMs: clock.nowMs(), limit: MOST_CHANGES });
      return reports.map(habitChange);
    },
  };
}
