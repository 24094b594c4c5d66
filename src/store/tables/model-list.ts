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

/** Old models are taken away for their age; nothing of them can be shown or serve. */
const OF_TARGET = "a.target_id = ? AND a.trimmed_at_ms IS NULL";
const ALL = { limit: -1, offset: 0 };

/** The models of a target that are kept, the newest first; without a part, all. */
export function readModels(db: Db, targetId: number, { limit, offset }: typeof ALL = ALL): StoredModel[] {
  const order = "ORDER BY a.model_version DESC LIMIT ? OFFSET ?";
  return db.all(`SELECT ${COLUMNS} FROM ${TABLES} WHERE ${OF_TARGET} ${order}`, targetId, limit, offset);
}

export function countModels(db: Db, targetId: number): number {
  return db.get<{ n: number }>(`SELECT count(*) AS n FROM clr_model_artifacts AS a WHERE ${OF_TARGET}`, targetId)!.n;
}

/** One model of a target that is kept, by its number, by its id, or the one that serves; null where there is none. */
export function readModel(
  db: Db,
  targetId: number,
  which: "serving" | { readonly version: number } | { readonly artifactId: number },
): StoredModel | null {
  const one = (condition: string, ...values: number[]): StoredModel | undefined =>
    db.get(`SELECT ${COLUMNS} FROM ${TABLES} WHERE ${OF_TARGET} AND ${condition}`, targetId, ...values);
  if (which === "serving") return one("c.artifact_id IS NOT NULL") ?? null;
  return ("version" in which ? one("a.model_version = ?", which.version) : one("a.id = ?", which.artifactId)) ?? null;
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
 * The model that served before the one that serves now and is kept; null where there is none. Going back twice goes back two: what served before a rollback is
 * what served before the model it went back to.
 */
export function servedBefore(db: Db, targetId: number): number | null {
  const history = db.all<{ artifactId: number; isKept: 0 | 1 }>(
    `SELECT p.artifact_id AS artifactId, a.trimmed_at_ms IS NULL AS isKept FROM promotions AS p JOIN clr_model_artifacts AS a ON a.id = p.artifact_id
     WHERE p.target_id = ? AND p.promoted = 1 ORDER BY p.id`,
    targetId,
  );
  const kept = new Set(history.flatMap(({ artifactId, isKept }) => (isKept === 1 ? [artifactId] : [])));
  const line: number[] = [];
  for (const { artifactId } of history) {
    const at = line.indexOf(artifactId);
    if (at >= 0) line.length = at;
    line.push(artifactId);
  }
  return line.filter((artifactId) => kept.has(artifactId)).at(-2) ?? null;
}
