import type { Db } from "../db.ts";

/** A stored model with what became of it. */
export interface StoredModel {
  readonly artifactId: number;
  readonly modelVersion: number;
  readonly stage: string;
  readonly featureSetVersion: string;
  readonly createdAtMs: number;
  readonly serves: 0 | 1;
  /** The newest word on whether it may serve. */
  readonly reason: string | null;
  readonly logLoss: number | null;
  readonly skillVsClock: number | null;
  readonly dayCount: number;
}

const COLUMNS = `a.id AS artifactId, a.model_version AS modelVersion, a.stage, s.version AS featureSetVersion, a.created_at_ms AS createdAtMs,
  c.artifact_id IS NOT NULL AS serves, (SELECT reason FROM promotions p WHERE p.artifact_id = a.id ORDER BY p.id DESC LIMIT 1) AS reason,
  r.report_json ->> '$.log_loss' AS logLoss, r.report_json ->> '$.skill_vs_clock' AS skillVsClock, r.day_count AS dayCount`;
const TABLES = `clr_model_artifacts a JOIN clr_training_runs r ON r.id = a.run_id JOIN feature_sets s ON s.set_id = a.set_id
  LEFT JOIN champions c ON c.target_id = a.target_id AND c.artifact_id = a.id`;

/** All models of a target, the newest first. */
export function readModels(db: Db, targetId: number): StoredModel[] {
  return db.all(`SELECT ${COLUMNS} FROM ${TABLES} WHERE a.target_id = ? ORDER BY a.model_version DESC`, targetId);
}

/** The report of the run that made a model, and the model itself, as stored. */
export function readModelTexts(db: Db, artifactId: number): { readonly reportJson: string; readonly artifactJson: string } {
  return db.get<{ reportJson: string; artifactJson: string }>(
    `SELECT r.report_json AS reportJson, a.artifact_json AS artifactJson FROM clr_model_artifacts a JOIN clr_training_runs r ON r.id = a.run_id
     WHERE a.id = ?`,
    artifactId,
  )!;
}

/**
 * The model that served before the one that serves now; null where none did. Going back twice goes back two: what served before a rollback is
 * what served before the model it went back to.
 */
export function servedBefore(db: Db, targetId: number): number | null {
  const history = db.all<{ artifactId: number }>(
    "SELECT artifact_id AS artifactId FROM promotions WHERE target_id = ? AND promoted = 1 ORDER BY id",
    targetId,
  );
  const line: number[] = [];
  for (const { artifactId } of history) {
    const at = line.indexOf(artifactId);
    if (at >= 0) line.length = at;
    line.push(artifactId);
  }
  return line.at(-2) ?? null;
}
