import { isoMs } from "../core/time.ts";
import type { Db } from "./db.ts";
import { finishChangeRun, startChangeRun } from "./tables/changes.ts";
import { putEntityFacts, saveEntityStates } from "./tables/entities.ts";
import { insertEvents, markFetched, newestStored, noteStaleWindows } from "./tables/events.ts";
import { activateFeatureSet, clearStaleWindows, putFeatures } from "./tables/features.ts";
import { putGap } from "./tables/gaps.ts";
import { applyLabels, noteOpenLabel, notePairExclusions, putTargets, replacePairs } from "./tables/labels.ts";
import { clearDegraded, type MetadataKey, markDegraded, setHealth, setMetadata } from "./tables/metadata.ts";
import { closeAbandonedRuns, finishTrainingRun, noteReadiness, promote, putPredictions, startTrainingRun } from "./tables/models.ts";
import { checkpoint, trim } from "./tables/retention.ts";
import { putReceipt } from "./tables/schedule-runs.ts";

/** Every change that anyone may make to the database: name -> statement. Each runs as one short transaction of the one writer. */
export const WRITES = {
  insertEvents,
  newestStored: (db: Db, _input: null) => newestStored(db),
  putGap,
  markFetched,
  noteStaleWindows,
  putEntityFacts,
  saveEntityStates: (db: Db, _input: null) => saveEntityStates(db),
  activateFeatureSet,
  putFeatures,
  clearStaleWindows,
  putTargets,
  applyLabels,
  noteOpenLabel,
  replacePairs,
  notePairExclusions,
  startTrainingRun,
  finishTrainingRun,
  promote,
  putPredictions,
  noteReadiness,
  closeAbandonedRuns,
  startChangeRun,
  finishChangeRun,
  putReceipt,
  setMetadata: (db: Db, values: Partial<Record<MetadataKey, string>>) => setMetadata(db, values),
  setHealth: (db: Db, values: Readonly<Record<string, string | number>>) => setHealth(db, values),
  beat: (db: Db, input: { readonly nowMs: number }) => setMetadata(db, { heartbeat_at: isoMs(input.nowMs) }),
  markDegraded,
  clearDegraded: (db: Db, input: { readonly code: string }) => clearDegraded(db, input.code),
  trim,
  checkpoint,
} as const;

export type Writes = typeof WRITES;
