import { isoMs } from "../../core/time.ts";
import type { Db } from "../db.ts";
import { lastModelVersion } from "./last-numbers.ts";
import { addHealth, setHealth, setMetadata } from "./metadata.ts";
import { closeCutOffRuns } from "./schedule-runs.ts";

export type RunStatus = "running" | "completed" | "skipped" | "refused" | "failed";

/** Notes of runs that ended before they had an answer. */
export const CUT_OFF = {
  cancelled: "cancelled",
  stopped: "the app stopped while this run was going on",
  silent: "this run ended without a word: its thread died, or the disk was full",
} as const;

/** A training that was cut off so often in a row may be what ends the app: it waits for its time. */
const MOST_CUT_OFF = 3;

/** Whether the newest run of a configured target was cut off, so that it should be trained again without waiting for its time. */
export function hasCutOffTraining(db: Db): boolean {
  const targets = db.all<{ targetId: number }>("SELECT target_id AS targetId FROM targets WHERE retired_at_ms IS NULL");
  return targets.some(({ targetId }) => {
    const newest = db.all<{ status: string; notes: string | null }>(
      "SELECT status, notes FROM clr_training_runs WHERE target_id = ? ORDER BY id DESC LIMIT ?",
      targetId,
      MOST_CUT_OFF,
    );
    const ended = newest.findIndex((run) => !isCutOff(run));
    return ended > 0 || (ended < 0 && newest.length > 0 && newest.length < MOST_CUT_OFF);
  });
}

function isCutOff({ status, notes }: { readonly status: string; readonly notes: string | null }): boolean {
  return status === "failed" && Object.values<string | null>(CUT_OFF).includes(notes);
}

/** A target is trained by one run at a time, so one that still stands as running ended without a word: its thread died, or the disk was full. */
export function startTrainingRun(db: Db, input: { readonly targetId: number; readonly startedAtMs: number }): number {
  db.run(
    "UPDATE clr_training_runs SET status = 'failed', notes = ?, finished_at_ms = ? WHERE target_id = ? AND status = 'running'",
    CUT_OFF.silent,
    input.startedAtMs,
    input.targetId,
  );
  db.run("INSERT INTO clr_training_runs (target_id, status, started_at_ms) VALUES (?, 'running', ?)", input.targetId, input.startedAtMs);
  return db.get<{ id: number }>("SELECT last_insert_rowid() AS id")!.id;
}

export interface FinishedRun {
  readonly runId: number;
  readonly status: Exclude<RunStatus, "running">;
  readonly stage: string | null;
  readonly rowCount: number;
  readonly dayCount: number;
  readonly notes: string;
  readonly modelType: string | null;
  readonly setId: number | null;
  readonly exclusions: Readonly<Record<string, number>>;
  readonly report: unknown;
  readonly finishedAtMs: number;
  /** The model it made, with whether it serves from now on; null where none was made. */
  readonly artifact: {
    readonly targetId: number;
    readonly stage: string;
    readonly artifactJson: string;
    readonly checksum: string;
    readonly promoted: boolean;
    readonly reason: string;
  } | null;
}

/** Run row, artifact and champion change together: a kill in the middle leaves no half model. Returns the artifact's id and version. */
export function finishTrainingRun(db: Db, run: FinishedRun): { artifactId: number | null; modelVersion: number | null } {
  db.run(
    `UPDATE clr_training_runs SET status = ?, stage = ?, row_count = ?, day_count = ?, notes = ?, finished_at_ms = ?, model_type = ?, set_id = ?,
            exclusions_json = ?, report_json = ? WHERE id = ?`,
    run.status,
    run.stage,
    run.rowCount,
    run.dayCount,
    run.notes,
    run.finishedAtMs,
    run.modelType,
    run.setId,
    JSON.stringify(run.exclusions),
    JSON.stringify(run.report),
    run.runId,
  );
  if (run.status !== "failed") setMetadata(db, { last_clr_train_at: isoMs(run.finishedAtMs) });
  if (run.artifact === null || run.setId === null) return { artifactId: null, modelVersion: null };
  const { targetId } = run.artifact;
  const modelVersion = lastModelVersion(db, targetId) + 1;
  db.run(
    `INSERT INTO clr_model_artifacts (run_id, target_id, model_version, stage, set_id, model_type, artifact_json, checksum, created_at_ms, promoted_at_ms)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    run.runId,
    targetId,
    modelVersion,
    run.artifact.stage,
    run.setId,
    run.modelType ?? "",
    run.artifact.artifactJson,
    run.artifact.checksum,
    run.finishedAtMs,
    run.artifact.promoted ? run.finishedAtMs : null,
  );
  const artifactId = db.get<{ id: number }>("SELECT last_insert_rowid() AS id")!.id;
  const { promoted, reason } = run.artifact;
  if (promoted) promote(db, { targetId, artifactId, reason, nowMs: run.finishedAtMs });
  else notePromotion(db, { targetId, artifactId, reason, nowMs: run.finishedAtMs }, false);
  return { artifactId, modelVersion };
}

export interface Promotion {
  readonly targetId: number;
  readonly artifactId: number;
  readonly reason: string;
  readonly nowMs: number;
}

function notePromotion(db: Db, { targetId, artifactId, nowMs, reason }: Promotion, promoted: boolean): void {
  const sql = "INSERT INTO promotions (target_id, artifact_id, at_ms, promoted, reason) VALUES (?, ?, ?, ?, ?)";
  db.run(sql, targetId, artifactId, nowMs, Number(promoted), reason);
}

/** Lets an artifact serve its target. Used by training, promotion and rollback alike. */
export function promote(db: Db, input: Promotion): number {
  notePromotion(db, input, true);
  return db.run(
    `INSERT INTO champions (target_id, artifact_id, promoted_at_ms, reason) VALUES (?, ?, ?, ?)
     ON CONFLICT (target_id) DO UPDATE SET artifact_id = excluded.artifact_id, promoted_at_ms = excluded.promoted_at_ms, reason = excluded.reason`,
    input.targetId,
    input.artifactId,
    input.nowMs,
    input.reason,
  );
}

/** Runs that a crash left `running` are closed at start. */
export function closeAbandonedRuns(db: Db, input: { readonly nowMs: number }): number {
  const note = CUT_OFF.stopped;
  return (
    db.run("UPDATE clr_training_runs SET status = 'failed', notes = ?, finished_at_ms = ? WHERE status = 'running'", note, input.nowMs) +
    db.run("UPDATE bocpd_training_runs SET status = 'failed', notes = ?, finished_at_ms = ? WHERE status = 'running'", note, input.nowMs) +
    closeCutOffRuns(db, input.nowMs)
  );
}

export interface Champion {
  readonly artifactId: number;
  readonly targetId: number;
  readonly modelVersion: number;
  readonly stage: string;
  readonly setId: number;
  readonly artifactJson: string;
}

export function readChampions(db: Db): Champion[] {
  return db.all(
    `SELECT a.id AS artifactId, a.target_id AS targetId, a.model_version AS modelVersion, a.stage, a.set_id AS setId, a.artifact_json AS artifactJson
     FROM champions c JOIN clr_model_artifacts a ON a.id = c.artifact_id ORDER BY a.target_id`,
  );
}

export interface PredictionRow {
  readonly targetId: number;
  readonly windowNo: number;
  readonly probability: number | null;
  readonly isOn: boolean | null;
  readonly threshold: number;
  readonly stage: string;
  readonly artifactId: number | null;
  readonly coverage: number;
  readonly unavailableReason: string | null;
  readonly vectorJson: string;
  /** What moved it most: [[feature, logits], ...]. */
  readonly contributionsJson?: string | null;
  /** `OnOff` of the window; null where there is no answer. */
  readonly onOffJson?: string | null;
}

/** The newest window that a model has scored. */
export function lastScoredNo(db: Db, targetId: number): number | null {
  const sql = "SELECT window_no AS no FROM predictions WHERE target_id = ? AND artifact_id IS NOT NULL ORDER BY window_no DESC LIMIT 1";
  return db.get<{ no: number }>(sql, targetId)?.no ?? null;
}

/** Columns of a row `p` of predictions: since when it is on or off, and when that was found, where `is_on` is told at all. */
export const ON_OFF_INSTANTS = `iif(p.is_on IS NULL, NULL, p.on_off_json ->> '$.sinceMs') AS sinceMs,
  iif(p.is_on IS NULL, NULL, p.on_off_json ->> '$.foundAtMs') AS foundAtMs`;

/** Whether it was on at the newest answered window of fromNo..toNo. */
export function readOnOff(db: Db, targetId: number, fromNo: number, toNo: number): string | null {
  const sql = `SELECT on_off_json AS json FROM predictions WHERE target_id = ? AND window_no BETWEEN ? AND ? AND on_off_json IS NOT NULL
               ORDER BY window_no DESC LIMIT 1`;
  return db.get<{ json: string }>(sql, targetId, fromNo, toNo)?.json ?? null;
}

/** A prediction is what was known then: one that a model made stays; only "no model yet" gives way. */
export function putPredictions(db: Db, input: { readonly rows: readonly PredictionRow[]; readonly nowMs: number }): number {
  const has = db.prepare("SELECT 1 FROM predictions WHERE target_id = ? AND window_no = ?");
  let added = 0;
  let written = 0;
  for (const row of input.rows) {
    if (has.get(row.targetId, row.windowNo) === undefined) added += 1;
    written += db.run(
      `INSERT INTO predictions (target_id, window_no, probability, is_on, threshold, stage, artifact_id, coverage, unavailable_reason, vector_json,
                                          predicted_at_ms, contributions_json, on_off_json) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (target_id, window_no) DO UPDATE SET probability = excluded.probability, is_on = excluded.is_on, threshold = excluded.threshold,
         stage = excluded.stage, artifact_id = excluded.artifact_id, coverage = excluded.coverage, unavailable_reason = excluded.unavailable_reason,
         vector_json = excluded.vector_json, predicted_at_ms = excluded.predicted_at_ms, contributions_json = excluded.contributions_json,
         on_off_json = excluded.on_off_json
       WHERE artifact_id IS NULL AND (excluded.artifact_id IS NOT NULL OR unavailable_reason IS NOT excluded.unavailable_reason)`,
      row.targetId,
      row.windowNo,
      row.probability,
      row.isOn === null ? null : Number(row.isOn),
      row.threshold,
      row.stage,
      row.artifactId,
      row.coverage,
      row.unavailableReason,
      row.vectorJson,
      input.nowMs,
      row.contributionsJson ?? null,
      row.onOffJson ?? null,
    );
  }
  addHealth(db, "predictions_total", added);
  return written;
}

/** Readiness of every target against each gate, as vw_health and the page show it. */
export function noteReadiness(db: Db, input: { readonly readiness: unknown }): void {
  setHealth(db, { readiness: JSON.stringify(input.readiness) });
}
