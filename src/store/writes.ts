import { isoMs } from "../core/time.ts";
import type { Db } from "./db.ts";
import { checkpointLog } from "./log-file.ts";
import { deleteAppValue, putAppValue } from "./tables/app-store.ts";
import { answerChange, muteStream } from "./tables/change-answers.ts";
import { finishChangeRun, startChangeRun } from "./tables/changes.ts";
import { putEntityFacts } from "./tables/entities.ts";
import { saveEntityStates } from "./tables/entity-index.ts";
import { insertEvents, newestStored } from "./tables/events.ts";
import { activateFeatureSet, dropWindowsAfter, noteFrequentStates, putFeatures } from "./tables/features.ts";
import { vacuumSlice } from "./tables/free-pages.ts";
import { noteGap, settleGap } from "./tables/gaps.ts";
import { noteStarts } from "./tables/home-starts.ts";
import { applyLabels, noteOpenLabel, notePairExclusions, putTargets, replacePairs } from "./tables/labels.ts";
import { addHealth, clearDegraded, type MetadataKey, markDegraded, setHealth, setMetadata } from "./tables/metadata.ts";
import { trimModels } from "./tables/model-retention.ts";
import { closeAbandonedRuns, finishTrainingRun, noteReadiness, promote, putPredictions, startTrainingRun } from "./tables/models.ts";
import { noteChosen, putPast, putStatistics } from "./tables/pasts.ts";
import { trimReceipts } from "./tables/receipt-retention.ts";
import { endRefetch, trim } from "./tables/retention.ts";
import { beginRun, noteKnown, noteRuns, putReceipt } from "./tables/schedule-runs.ts";
import { clearStaleWindows, noteHearing, noteStaleWindows } from "./tables/stale.ts";
import { putSuggestions } from "./tables/suggestions.ts";

/** Every change that anyone may make to the database: name -> statement. Each runs as one short transaction of the one writer. */
export const WRITES = {
  insertEvents,
  newestStored: (db: Db, input: { readonly nowMs: number }) => newestStored(db, input.nowMs),
  noteGap,
  settleGap,
  putPast,
  putStatistics,
  noteChosen,
  noteStaleWindows,
  noteHearing,
  putEntityFacts,
  saveEntityStates: (db: Db, _input: null) => saveEntityStates(db),
  activateFeatureSet,
  noteFrequentStates,
  putFeatures,
  dropWindowsAfter,
  clearStaleWindows,
  putTargets,
  applyLabels,
  noteOpenLabel,
  noteStarts,
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
  putSuggestions,
  answerChange,
  muteStream,
  beginRun,
  putReceipt,
  noteRuns,
  noteKnown,
  putAppValue,
  deleteAppValue,
  setMetadata: (db: Db, values: Partial<Record<MetadataKey, string>>) => setMetadata(db, values),
  setHealth: (db: Db, values: Readonly<Record<string, string | number>>) => setHealth(db, values),
  addHealth: (db: Db, counts: Readonly<Record<string, number>>) => {
    for (const [key, by] of Object.entries(counts)) addHealth(db, key, by);
  },
  beat: (db: Db, input: { readonly nowMs: number }) => setMetadata(db, { heartbeat_at: isoMs(input.nowMs) }),
  markDegraded,
  clearDegraded: (db: Db, input: { readonly code: string }) => clearDegraded(db, input.code),
  trim,
  trimReceipts,
  trimModels,
  endRefetch: (db: Db, _input: null) => endRefetch(db),
  vacuumSlice,
  /** Empties the write-ahead log, unless somebody reads from it. */
  checkpoint: (db: Db, _input: null) => checkpointLog(db, "empty"),
} as const;

export type Writes = typeof WRITES;
