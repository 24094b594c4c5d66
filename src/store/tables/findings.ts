import type { Db } from "../db.ts";
import { getMetadata } from "./metadata.ts";
import { ON_OFF_INSTANTS } from "./models.ts";

/** What a target's model said last, whether it is old or not. */
export interface LatestPrediction {
  readonly targetName: string;
  readonly windowEndMs: number;
  readonly probability: number | null;
  readonly isOn: boolean | null;
  /** Of `isOn`: when it began, and the end of the window that told so; null where that is not known, or nothing is decided. */
  readonly sinceMs: number | null;
  readonly foundAtMs: number | null;
  readonly stage: string | null;
  readonly reason: string | null;
}

/** The newest prediction of each target up to an instant. */
export function readLatestPredictions(db: Db, { untilMs }: { readonly untilMs: number }): LatestPrediction[] {
  const gridMs = Number(getMetadata(db, "grid_ms") ?? 300_000);
  return db
    .all<Omit<LatestPrediction, "isOn"> & { isOn: number | null }>(
      `SELECT t.name AS targetName, p.window_no * @gridMs AS windowEndMs, p.probability, p.is_on AS isOn, p.stage, p.unavailable_reason AS reason,
              ${ON_OFF_INSTANTS}
       FROM targets AS t CROSS JOIN predictions AS p ON p.target_id = t.target_id
        AND p.window_no = (SELECT max(window_no) FROM predictions WHERE target_id = t.target_id AND window_no <= @newest)
       ORDER BY t.position, t.target_id`,
      { gridMs, newest: Math.floor(untilMs / gridMs) },
    )
    .map((row) => ({ ...row, isOn: row.isOn === null ? null : row.isOn === 1 }));
}

/** A change of habit that was reported. */
export interface ReportedChange {
  readonly streamName: string;
  readonly changeAtMs: number;
  readonly detectedAtMs: number;
  readonly probability: number;
  readonly words: string | null;
  readonly isWithdrawn: boolean;
  /** What a person says of it. */
  readonly answer: "confirmed" | "rejected" | null;
  /** Nobody wants to hear of this stream. */
  readonly isMuted: boolean;
}

/** Reports of one stream or (null) of all, detected in (sinceMs, untilMs], the newest first. */
export function readReportedChanges(
  db: Db,
  range: { readonly stream: string | null; readonly sinceMs: number; readonly untilMs: number; readonly limit: number },
): ReportedChange[] {
  return db
    .all<Omit<ReportedChange, "isWithdrawn" | "isMuted"> & { isWithdrawn: number; isMuted: number }>(
      `SELECT c.stream_name AS streamName, c.change_at_ms AS changeAtMs, c.detected_at_ms AS detectedAtMs, c.probability AS probability, c.words AS words,
              c.withdrawn_at_ms IS NOT NULL AND c.withdrawn_at_ms <= @untilMs AS isWithdrawn, a.answer AS answer, m.stream_name IS NOT NULL AS isMuted
       FROM change_points AS c LEFT JOIN change_answers AS a ON a.stream_name = c.stream_name AND a.detected_at_ms = c.detected_at_ms
        LEFT JOIN muted_streams AS m ON m.stream_name = c.stream_name
       WHERE c.detected_at_ms > @sinceMs AND c.detected_at_ms <= @untilMs AND (@stream IS NULL OR c.stream_name = @stream)
       ORDER BY c.detected_at_ms DESC, c.stream_name LIMIT @limit`,
      { ...range },
    )
    .map((row) => ({ ...row, isWithdrawn: row.isWithdrawn === 1, isMuted: row.isMuted === 1 }));
}
