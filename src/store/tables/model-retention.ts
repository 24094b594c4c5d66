import { DAY_MS } from "../../core/time.ts";
import type { Db } from "../db.ts";
import { servedBefore } from "./model-list.ts";

/** A model that served stays for so long after it gave way, ... */
const SERVED_DAYS = 60;
/** ... and so many of the newest of each target in any case; beside them always the one that serves and the one that a rollback goes back to. */
const NEWEST_MODELS = 30;
/** The report of an older training keeps its head figures alone, unless its model stays. */
const WHOLE_REPORT_DAYS = 60;
/** Older trainings that made no model go, and older verdicts on models that went. */
const TRAINING_DAYS = 400;
/** A start looks at the newest trainings of a target to see which was cut off. */
const NEWEST_TRAININGS = 3;
/** There is a look for changes each hour. */
const CHANGE_RUN_DAYS = 90;
const ROWS_PER_STEP = 100;
const SLICE_MS = 10;

export interface ModelTrim {
  readonly nowMs: number;
  readonly sliceMs?: number;
}

/** Deletes one more part of what is too old; returns how many rows it changed, 0 = nothing is left to do. */
type Step = (db: Db, nowMs: number, kept: ReadonlySet<number>) => number;

const STEPS: readonly Step[] = [trimModel, trimReport, deleteTrainings, deleteVerdicts, deleteChangeRuns];

/** Deletes one slice of models, reports and runs that are too old; what is done with is marked, so the next slice finds the rest. */
export function trimModels(db: Db, { nowMs, sliceMs = SLICE_MS }: ModelTrim): { readonly trimmed: number; readonly isDone: boolean } {
  const untilMs = performance.now() + sliceMs;
  const kept = keptModels(db, nowMs);
  let trimmed = 0;
  for (const step of STEPS) {
    for (let changed = step(db, nowMs, kept); changed > 0; changed = step(db, nowMs, kept)) {
      trimmed += changed;
      if (performance.now() >= untilMs) return { trimmed, isDone: false };
    }
  }
  return { trimmed, isDone: true };
}

function keptModels(db: Db, nowMs: number): ReadonlySet<number> {
  const targets = db.all<{ targetId: number }>("SELECT target_id AS targetId FROM targets");
  return new Set(targets.flatMap(({ targetId }) => [...keptOf(db, targetId, nowMs - SERVED_DAYS * DAY_MS)]));
}

function* keptOf(db: Db, targetId: number, servedSinceMs: number): Generator<number> {
  const newest = db.all<{ id: number }>(
    `SELECT id FROM clr_model_artifacts WHERE target_id = ? AND trimmed_at_ms IS NULL ORDER BY model_version DESC LIMIT ${NEWEST_MODELS}`,
    targetId,
  );
  const served = db.all<{ id: number }>(
    `SELECT id FROM (SELECT artifact_id AS id, lead(at_ms) OVER (ORDER BY id) AS until_ms FROM promotions WHERE target_id = ? AND promoted = 1)
     WHERE until_ms IS NULL OR until_ms >= ?`,
    targetId,
    servedSinceMs,
  );
  const serving = db.all<{ id: number }>("SELECT artifact_id AS id FROM champions WHERE target_id = ?", targetId);
  for (const { id } of [...newest, ...served, ...serving]) yield id;
  const before = servedBefore(db, targetId);
  if (before !== null) yield before;
}

function trimModel(db: Db, nowMs: number, kept: ReadonlySet<number>): number {
  const whole = db.all<{ id: number }>("SELECT id FROM clr_model_artifacts WHERE trimmed_at_ms IS NULL ORDER BY target_id, model_version");
  const old = whole.find(({ id }) => !kept.has(id));
  return old === undefined ? 0 : db.run("UPDATE clr_model_artifacts SET artifact_json = '', trimmed_at_ms = ? WHERE id = ?", nowMs, old.id);
}

/** Figures and words stay, lists and tables go. */
function trimReport(db: Db, nowMs: number): number {
  return db.run(
    `UPDATE clr_training_runs SET trimmed_at_ms = @nowMs, report_json = CASE WHEN json_type(report_json) = 'object' THEN
       (SELECT json_group_object(key, value) FROM json_each(report_json) WHERE type NOT IN ('object', 'array')) ELSE report_json END
     WHERE id = (
       SELECT r.id FROM clr_training_runs AS r WHERE r.trimmed_at_ms IS NULL AND r.status <> 'running' AND r.started_at_ms < @beforeMs
         AND r.id < (SELECT max(id) FROM clr_training_runs WHERE target_id = r.target_id)
         AND NOT EXISTS (SELECT 1 FROM clr_model_artifacts AS a WHERE a.run_id = r.id AND a.trimmed_at_ms IS NULL) LIMIT 1)`,
    { nowMs, beforeMs: nowMs - WHOLE_REPORT_DAYS * DAY_MS },
  );
}

function deleteTrainings(db: Db, nowMs: number): number {
  return db.run(
    `DELETE FROM clr_training_runs WHERE id IN (
       SELECT r.id FROM clr_training_runs AS r WHERE r.started_at_ms < ? AND r.status <> 'running'
         AND NOT EXISTS (SELECT 1 FROM clr_model_artifacts AS a WHERE a.run_id = r.id)
         AND r.id NOT IN (SELECT id FROM clr_training_runs WHERE target_id = r.target_id ORDER BY id DESC LIMIT ${NEWEST_TRAININGS})
       LIMIT ${ROWS_PER_STEP})`,
    nowMs - TRAINING_DAYS * DAY_MS,
  );
}

function deleteVerdicts(db: Db, nowMs: number): number {
  return db.run(
    `DELETE FROM promotions WHERE id IN (
       SELECT p.id FROM promotions AS p JOIN clr_model_artifacts AS a ON a.id = p.artifact_id
       WHERE p.at_ms < ? AND a.trimmed_at_ms IS NOT NULL LIMIT ${ROWS_PER_STEP})`,
    nowMs - TRAINING_DAYS * DAY_MS,
  );
}

/** The newest look stays, and those that states of streams come from. */
function deleteChangeRuns(db: Db, nowMs: number): number {
  return db.run(
    `DELETE FROM bocpd_training_runs WHERE id IN (
       SELECT id FROM bocpd_training_runs WHERE started_at_ms < ? AND status <> 'running'
         AND id < (SELECT max(id) FROM bocpd_training_runs) AND id NOT IN (SELECT run_id FROM bocpd_model_state)
       ORDER BY id LIMIT ${ROWS_PER_STEP})`,
    nowMs - CHANGE_RUN_DAYS * DAY_MS,
  );
}
