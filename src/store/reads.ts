import { checkContracts } from "./contracts.ts";
import type { Db } from "./db.ts";
import { startExport } from "./export.ts";
import { readActivity } from "./pages/activity.ts";
import { pageOfChanges, pageOfStreams } from "./pages/changes.ts";
import { readDiagnostics, readFileVersions } from "./pages/diagnostics.ts";
import { pageOfEntities } from "./pages/entities.ts";
import { pageOfEvents } from "./pages/events.ts";
import { pageOfFeatures, readFeatureSeries, unknownFeatures } from "./pages/features.ts";
import { pageOfLabelHistory, pageOfLabels, pageOfSuggestions } from "./pages/labels.ts";
import { pageOfChangeRuns, pageOfModels, pageOfTrainings, pageOfVerdicts, readModelCard } from "./pages/models.ts";
import { pageOfGaps, pageOfReceipts } from "./pages/operations.ts";
import { pageOfPredictions, readCurve } from "./pages/predictions.ts";
import { readPulse } from "./pages/pulse.ts";
import { readTimeline } from "./pages/timeline.ts";
import { readViewSample } from "./pages/views.ts";
import { appKeys, getAppValue, type StoredValue } from "./tables/app-store.ts";
import { currentNames, type KnownEntity, readEntities } from "./tables/entities.ts";
import { readLatestPredictions, readReportedChanges } from "./tables/findings.ts";
import { readGaps } from "./tables/gaps.ts";
import { readTargets } from "./tables/labels.ts";
import { getMetadata, type MetadataKey } from "./tables/metadata.ts";
import { hasCutOffTraining } from "./tables/models.ts";
import { readHealthReport, readOverview } from "./tables/overview.ts";
import type { OverviewRange } from "./tables/overview-targets.ts";
import { readPasts } from "./tables/pasts.ts";
import { readLongestQuiet } from "./tables/quiet.ts";
import { readLedgers } from "./tables/schedule-runs.ts";

/** Every question that the main thread asks of the database: name -> answer. A large file or a foreign lock may make one slow. */
export const READS = {
  healthReport: (db: Db, _input: null) => readHealthReport(db),
  overview: (db: Db, range: OverviewRange & { readonly timeZone: string }) => readOverview(db, range),
  metadata: (db: Db, key: MetadataKey) => getMetadata(db, key),
  contractProblems: (db: Db, _input: null) => checkContracts(db),
  hasCutOffTraining: (db: Db, _input: null) => hasCutOffTraining(db),
  ledgers: (db: Db, input: Parameters<typeof readLedgers>[1]) => readLedgers(db, input),
  openGaps: (db: Db, _input: null) => readGaps(db, ["open"]),
  longestQuiet: readLongestQuiet,
  pasts: (db: Db, _input: null) => readPasts(db),
  entities: (db: Db, _input: null): KnownEntity[] => readEntities(db),
  currentNames: (db: Db, formerIds: readonly string[]) => currentNames(db, formerIds),
  targets: (db: Db, _input: null) =>
    readTargets(db).map(({ targetId, name, retiredAtMs }) => ({ targetId, name, isRetired: retiredAtMs !== null })),
  pulse: (db: Db, _input: null) => readPulse(db),
  diagnostics: (db: Db, _input: null) => readDiagnostics(db),
  fileVersions: (db: Db, _input: null) => readFileVersions(db),
  helpers: (db: Db, _input: null) => readTargets(db).filter(({ retiredAtMs }) => retiredAtMs === null),
  pageOfEntities,
  pageOfEvents,
  timeline: readTimeline,
  activity: readActivity,
  pageOfFeatures,
  featureSeries: readFeatureSeries,
  unknownFeatures,
  pageOfLabels,
  pageOfLabelHistory,
  pageOfSuggestions,
  pageOfPredictions,
  curve: readCurve,
  pageOfModels,
  pageOfVerdicts,
  modelCard: readModelCard,
  pageOfTrainings,
  pageOfChangeRuns,
  pageOfChanges,
  pageOfStreams,
  pageOfGaps,
  pageOfReceipts,
  viewSample: readViewSample,
  exportStart: startExport,
  appValue: (db: Db, value: StoredValue) => getAppValue(db, value),
  appKeys: (db: Db, app: string) => appKeys(db, app),
  latestPredictions: readLatestPredictions,
  reportedChanges: readReportedChanges,
} as const;

type Reads = typeof READS;
export type ReadName = keyof Reads;
export type ReadInput<N extends ReadName> = Parameters<Reads[N]>[1];
export type ReadResult<N extends ReadName> = ReturnType<Reads[N]>;

/** Asks the database without waiting for it. */
export interface Reader {
  read<N extends ReadName>(name: N, input: ReadInput<N>): Promise<ReadResult<N>>;
}

/** A reader on this very thread: for tests and commands that run alone. */
export function inlineReader(db: Db): Reader {
  return { read: async (name, input) => READS[name](db, input as never) as never };
}
