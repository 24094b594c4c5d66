import type { Db } from "../db.ts";
import { readTargets } from "../tables/labels.ts";
import { getMetadata } from "../tables/metadata.ts";
import { type HealthReport, readHealthReport } from "../tables/overview.ts";
import { type GapItem, newestReceipts, pageOfGaps, type ReceiptItem } from "./operations.ts";

/** What helps to find out what is wrong, without a name of anything in the home: entities are counted, and texts that may name one are left out. */
export interface Diagnostics extends FileVersions {
  readonly health: Omit<HealthReport, "degradedReasons"> & {
    readonly degraded: readonly { readonly code: string; readonly since: string }[];
  };
  readonly targets: number;
  readonly entitiesByKind: readonly {
    readonly domain: string;
    readonly kind: string | null;
    readonly count: number;
    readonly events: number;
  }[];
  readonly receipts: readonly Omit<ReceiptItem, "error">[];
  readonly gaps: readonly Omit<GapItem, "entityId">[];
  readonly trainings: readonly {
    readonly status: string;
    readonly stage: string | null;
    readonly rows: number | null;
    readonly days: number | null;
  }[];
  readonly tables: readonly { readonly name: string; readonly newestId: number | null }[];
}

const RECEIPTS = 200;
const GAPS = 100;
const TRAININGS = 30;
const COUNTED_TABLES = ["labels", "label_history", "gaps", "change_points", "clr_training_runs", "clr_model_artifacts", "schedule_runs"];

export interface FileVersions {
  readonly schemaVersion: number;
  readonly sqliteVersion: string;
  readonly contractVersion: string | null;
}

/** Of the file, and of what reads it. */
export function readFileVersions(db: Db): FileVersions {
  return {
    schemaVersion: Number(db.pragma("user_version")),
    sqliteVersion: db.get<{ version: string }>("SELECT sqlite_version() AS version")!.version,
    contractVersion: getMetadata(db, "contract_version"),
  };
}

export function readDiagnostics(db: Db): Diagnostics {
  const { degradedReasons, jobs, ...health } = readHealthReport(db);
  return {
    health: {
      ...health,
      readiness: null,
      // By target.
      pairExclusions: Object.values(JSON.parse(String(health["pairExclusions"] ?? "{}")) as object),
      jobs: jobs.map(({ job, lastRun, ...next }) => ({ job: plainJob(job), ...next, lastRun: lastRun && plainRun(lastRun) })),
      degraded: degradedReasons.map(({ code, since }) => ({ code: code.replace(/^(app_[a-z]+)_.*/s, "$1"), since })),
    },
    ...readFileVersions(db),
    targets: readTargets(db).length,
    entitiesByKind: db.all(
      "SELECT domain, kind, count(*) AS count, sum(event_count) AS events FROM entities GROUP BY domain, kind ORDER BY domain, kind",
    ),
    receipts: newestReceipts(db, RECEIPTS).map(plainRun),
    gaps: pageOfGaps(db, { limit: GAPS, offset: 0 }).items.map(({ entityId: _, ...gap }) => gap),
    trainings: db.all(
      "SELECT status, stage, row_count AS rows, day_count AS days FROM clr_training_runs ORDER BY id DESC LIMIT ?",
      TRAININGS,
    ),
    tables: COUNTED_TABLES.map((name) => ({ name, newestId: db.get<{ id: number | null }>(`SELECT max(id) AS id FROM ${name}`)!.id })),
  };
}

/** A user may call an app and its schedules by the name of anything. */
function plainJob(job: string): string {
  return job.startsWith("app:") ? "app" : job;
}

/** Without what its error says, which may name anything. */
function plainRun<R extends { readonly job: string; readonly error: unknown }>(run: R) {
  const { error: _, ...others } = run;
  return { ...others, job: plainJob(run.job) };
}
