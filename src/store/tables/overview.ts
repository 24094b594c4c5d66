import { z } from "zod";
import { degradedDocument } from "../../core/contracts/documents.ts";
import { createZone, isoMs } from "../../core/time.ts";
import type { Db, Row, Value } from "../db.ts";
import { utc } from "../pages/page.ts";
import { getHealth } from "./metadata.ts";
import { parseReadiness, type TargetReadiness } from "./overview-readiness.ts";
import { type JobOverview, type RunOverview, readJobs, readLastRuns } from "./overview-runs.ts";
import { type OverviewRange, readTargetOverviews, type TargetOverview } from "./overview-targets.ts";

const MOST_CHANGES = 20;
const MOST_GAPS = 10;

const backfillSchema = z.object({
  fetchedDays: z.number(),
  totalDays: z.number(),
  rows: z.number(),
  leftMs: z.number().nullable(),
  /** Events first, then the hourly means from before them. */
  phase: z.enum(["events", "statistics"]).default("events"),
});

/** The row of vw_health with camelCase names, without what training noted. */
export const healthSchema = z.looseObject({
  status: z.enum(["ok", "degraded", "starting", "down"]),
  degradedReasons: degradedDocument,
  eventsTotal: z.number(),
  entitiesTotal: z.number(),
  labelsTotal: z.number(),
  featuresTotal: z.number(),
  predictionsTotal: z.number(),
  changesTotal: z.number(),
  gapsOpen: z.number(),
  lastEventAtUtc: z.string().nullable(),
  connection: z.string().nullable(),
  connectedSinceUtc: z.string().nullable(),
  heartbeatAtUtc: z.string().nullable(),
  lastFeatureAtUtc: z.string().nullable(),
  lastTrainAtUtc: z.string().nullable(),
  lastChangeStepAtUtc: z.string().nullable(),
  databaseBytes: z.number().nullable(),
  logBytes: z.number().nullable(),
  unusedBytes: z.number().nullable(),
  bytesPerEvent: z.number().nullable(),
  growthBytesPerDay: z.number().nullable(),
  forecastBytes: z.number().nullable(),
  diskFreeBytes: z.number().nullable(),
  writtenBytesPerDay: z.number().nullable(),
  lastBackupAtUtc: z.string().nullable(),
  lastBackupBytes: z.number().nullable(),
});

export type BackfillProgress = z.infer<typeof backfillSchema>;
/** The row of vw_health with camelCase names; columns that are not named here are carried over too. */
export type HealthReport = z.infer<typeof healthSchema> & {
  /** Empty: no training has looked yet. Null: what is stored cannot be read. */
  readonly readiness: readonly TargetReadiness[] | null;
  readonly jobs: readonly JobOverview[];
};

/** @throws ZodError when the view's row is not what its contract promises. */
export function readHealthReport(db: Db): HealthReport {
  const row = db.get<Row>("SELECT * FROM vw_health") ?? {};
  const named = Object.fromEntries(Object.entries(row).map(([name, value]) => [camelCase(name), value]));
  const report = healthSchema.parse({ ...named, degradedReasons: parseJson(row["degraded_reasons"]) });
  // A plan that nobody keeps any more is none.
  const plan = report.status === "down" ? null : parseJson(getHealth(db)["next_runs"]);
  return { ...report, readiness: parseReadiness(parseJson(row["readiness"])), jobs: readJobs(db, plan) };
}

/** The heartbeat lives in the file, so where that cannot be written the app counts as down. It runs, and says what is wrong. */
export function thoughNotWritten(report: HealthReport, marker: HealthReport["degradedReasons"][number]): HealthReport {
  return { ...report, status: "degraded", degradedReasons: [marker, ...report.degradedReasons] };
}

export interface ChangeOverview {
  readonly streamName: string;
  /** Name and unit of the entity that the stream is about, where it is about one. */
  readonly entityName: string | null;
  readonly unit: string | null;
  /** The stream's observation model: means of a `poisson` one are counts an hour. */
  readonly model: string | null;
  readonly changeAtUtc: string;
  readonly startLowUtc: string;
  readonly startHighUtc: string;
  readonly probability: number;
  readonly beforeMean: number | null;
  readonly afterMean: number | null;
  readonly detectedAtUtc: string;
  readonly isWithdrawn: boolean;
}

export interface GapOverview {
  readonly entityId: string | null;
  readonly fromUtc: string;
  readonly toUtc: string;
  readonly reason: string;
  readonly outcome: string;
  /** Why it could not be filled; null where it could. */
  readonly why: string | null;
  readonly entitiesUnfilled: number;
}

/** What the status page shows. */
export interface Overview {
  readonly nowUtc: string;
  readonly sinceUtc: string;
  readonly timeZone: string;
  /** `today` counts from local midnight. */
  readonly events: { readonly today: number; readonly total: number; readonly lastAtUtc: string | null };
  readonly entities: { readonly total: number; readonly withEvents: number };
  readonly targets: readonly TargetOverview[];
  readonly changes: readonly ChangeOverview[];
  /** The newest run of each job. */
  readonly lastRuns: readonly RunOverview[];
  readonly gaps: readonly GapOverview[];
  /** Null when no history is being fetched. */
  readonly backfill: BackfillProgress | null;
}

/** How far a fetch of history is; null when there is none. */
export function readBackfill(db: Db): BackfillProgress | null {
  return backfillOf(getHealth(db));
}

function backfillOf(facts: Readonly<Record<string, string>>): BackfillProgress | null {
  return backfillSchema.safeParse(parseJson(facts["backfill"] ?? null)).data ?? null;
}

export function readOverview(db: Db, { timeZone, ...range }: OverviewRange & { readonly timeZone: string }): Overview {
  const health = readHealthReport(db);
  const facts = getHealth(db);
  const zone = createZone(timeZone);
  const midnightMs = zone.dayStartMs(zone.dayAt(range.nowMs, 0), 0);
  const today = db.get<{ count: number }>(
    "SELECT count(*) AS count FROM raw_events WHERE updated_us >= ? AND source NOT IN (2, 4)",
    midnightMs * 1000,
  )!.count;
  const entities = db.get<{ total: number; withEvents: number }>(
    "SELECT count(*) AS total, count(*) FILTER (WHERE event_count > 0) AS withEvents FROM entities WHERE removed_at_ms IS NULL",
  )!;
  return {
    nowUtc: isoMs(range.nowMs),
    sinceUtc: isoMs(range.sinceMs),
    timeZone,
    events: { today, total: health.eventsTotal, lastAtUtc: health.lastEventAtUtc },
    entities,
    targets: readTargetOverviews(db, range, health.readiness ?? [], facts),
    changes: readChanges(db),
    lastRuns: readLastRuns(db),
    gaps: db.all<GapOverview>(
      `SELECT entity_id AS entityId, from_utc AS fromUtc, to_utc AS toUtc, reason, outcome, why, entities_unfilled AS entitiesUnfilled FROM vw_gaps ORDER BY to_utc DESC LIMIT ${MOST_GAPS}`,
    ),
    backfill: backfillOf(facts),
  };
}

function readChanges(db: Db): ChangeOverview[] {
  return db
    .all<ChangeOverview>(
      // An entity id is the part before the first colon; areas and the home have none and find no row.
      `SELECT c.stream_name AS streamName, e.name AS entityName, e.unit AS unit, s.model AS model, c.change_at_utc AS changeAtUtc, c.start_low_utc AS startLowUtc,
              c.start_high_utc AS startHighUtc, c.probability AS probability, c.before_mean AS beforeMean, c.after_mean AS afterMean,
              c.detected_at_utc AS detectedAtUtc, c.withdrawn AS isWithdrawn
       FROM (SELECT * FROM vw_bocpd_changes WHERE stream_name NOT IN (SELECT stream_name FROM muted_streams) AND (stream_name, detected_at_utc) NOT IN (
         SELECT stream_name, ${utc("detected_at_ms")} FROM change_answers WHERE answer = 'rejected') LIMIT ${MOST_CHANGES}) AS c
       LEFT JOIN bocpd_model_state AS s ON s.stream_name = c.stream_name
       LEFT JOIN entities AS e ON e.entity_id = substr(c.stream_name, 1, instr(c.stream_name || ':', ':') - 1)
       ORDER BY c.detected_at_utc DESC, c.stream_name`,
    )
    .map((change) => ({ ...change, isWithdrawn: Boolean(change.isWithdrawn) }));
}

function parseJson(text: Value | undefined): unknown {
  if (typeof text !== "string") return null;
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
