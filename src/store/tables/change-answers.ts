import type { Db } from "../db.ts";

export interface ChangeAnswer {
  /** Row of change_points. */
  readonly changeId: number;
  /** Null takes the answer back. */
  readonly answer: "confirmed" | "rejected" | null;
  readonly saidBy: string;
  readonly nowMs: number;
}

/** What a person says of a report. Returns how many reports have that number: 0 or 1. */
export function answerChange(db: Db, { changeId, answer, saidBy, nowMs }: ChangeAnswer): number {
  const report = db.get<{ streamName: string; detectedAtMs: number }>(
    "SELECT stream_name AS streamName, detected_at_ms AS detectedAtMs FROM change_points WHERE id = ?",
    changeId,
  );
  if (report === undefined) return 0;
  if (answer === null)
    db.run("DELETE FROM change_answers WHERE stream_name = ? AND detected_at_ms = ?", report.streamName, report.detectedAtMs);
  else {
    db.run(
      "INSERT OR REPLACE INTO change_answers (stream_name, detected_at_ms, answer, said_by, said_at_ms) VALUES (?, ?, ?, ?, ?)",
      report.streamName,
      report.detectedAtMs,
      answer,
      saidBy,
      nowMs,
    );
  }
  return 1;
}

export interface StreamMute {
  readonly stream: string;
  readonly isMuted: boolean;
  readonly saidBy: string;
  readonly nowMs: number;
}

/** Whether reports of a stream are told. Returns how many streams have that name: 0 or 1. */
export function muteStream(db: Db, { stream, isMuted, saidBy, nowMs }: StreamMute): number {
  if (!isMuted) db.run("DELETE FROM muted_streams WHERE stream_name = ?", stream);
  if (db.get("SELECT 1 FROM bocpd_model_state WHERE stream_name = ?", stream) === undefined) return 0;
  if (isMuted) db.run("INSERT OR IGNORE INTO muted_streams (stream_name, said_by, said_at_ms) VALUES (?, ?, ?)", stream, saidBy, nowMs);
  return 1;
}
