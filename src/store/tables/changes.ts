import { isoMs } from "../../core/time.ts";
import type { Db } from "../db.ts";
import { lastChangeId } from "./last-numbers.ts";
import { addHealth, setMetadata } from "./metadata.ts";

export interface StreamState {
  readonly streamName: string;
  /** Where it was derived again from this instant on: its reports since then give way to those of this run. */
  readonly derivedFromMs: number | null;
  readonly featureName: string;
  readonly model: string;
  readonly cursorMs: number;
  readonly hazardRate: number;
  readonly state: Uint8Array;
  readonly stateJson: string;
  readonly runLengthMap: number | null;
  readonly expectedRunLength: number | null;
  readonly changeProbability: number | null;
  readonly lastChangeMs: number | null;
}

export interface ChangeReport {
  readonly streamName: string;
  readonly changeAtMs: number;
  readonly startLowMs: number;
  readonly startHighMs: number;
  readonly probability: number;
  readonly beforeMean: number | null;
  readonly afterMean: number | null;
  readonly detectedAtMs: number;
  readonly withdrawnAtMs: number | null;
  /** When the data had borne it out. */
  readonly confirmedAtMs: number | null;
  /** Since when the stream has been silent, where it fell silent before that. */
  readonly cutOffAtMs: number | null;
  /** The part of the day that it is in; null: the whole day, or not known. */
  readonly part: { readonly name: string; readonly beforeMean: number; readonly afterMean: number } | null;
  /** The change as a sentence. */
  readonly words: string;
  /** Of a report that is withdrawn or cut off: what is added to the words it was given with; else empty. */
  readonly added: string;
}

export function startChangeRun(db: Db, input: { readonly startedAtMs: number }): number {
  db.run("INSERT INTO bocpd_training_runs (status, started_at_ms) VALUES ('running', ?)", input.startedAtMs);
  return db.get<{ id: number }>("SELECT last_insert_rowid() AS id")!.id;
}

export interface FinishedChangeRun {
  readonly runId: number;
  readonly status: "completed" | "skipped" | "failed";
  readonly finishedAtMs: number;
  readonly stepCount: number;
  readonly notes: string;
  readonly streams: readonly StreamState[];
  readonly reports: readonly ChangeReport[];
}

/** States, cursors and reports of one run in one transaction, so that a restart goes on exactly where this one ended. */
export function finishChangeRun(db: Db, run: FinishedChangeRun): number {
  // Asked before anything goes.
  const lastId = lastChangeId(db);
  let removed = 0;
  for (const stream of run.streams) {
    if (stream.derivedFromMs !== null) {
      removed += db.run("DELETE FROM change_points WHERE stream_name = ? AND detected_at_ms >= ?", stream.streamName, stream.derivedFromMs);
    }
    db.run(
      `INSERT INTO bocpd_model_state (stream_name, feature_name, model, run_id, cursor_ms, hazard_rate, state, state_json, run_length_map, expected_run_length,
                                      change_probability, last_change_ms, updated_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (stream_name) DO UPDATE SET feature_name = excluded.feature_name, model = excluded.model, run_id = excluded.run_id, cursor_ms = excluded.cursor_ms,
         hazard_rate = excluded.hazard_rate, state = excluded.state, state_json = excluded.state_json, run_length_map = excluded.run_length_map,
         expected_run_length = excluded.expected_run_length, change_probability = excluded.change_probability, last_change_ms = excluded.last_change_ms,
         updated_at_ms = excluded.updated_at_ms`,
      stream.streamName,
      stream.featureName,
      stream.model,
      run.runId,
      stream.cursorMs,
      stream.hazardRate,
      Buffer.from(stream.state),
      stream.stateJson,
      stream.runLengthMap,
      stream.expectedRunLength,
      stream.changeProbability,
      stream.lastChangeMs,
      run.finishedAtMs,
    );
  }
  let added = 0;
  for (const report of run.reports) {
    const isNew =
      db.get("SELECT 1 FROM change_points WHERE stream_name = ? AND detected_at_ms = ?", report.streamName, report.detectedAtMs) ===
      undefined;
    added += Number(isNew);
    // What is taken back or cut off stays as it was said; the posterior by now favours something else.
    if (!isNew && (report.withdrawnAtMs !== null || report.cutOffAtMs !== null)) {
      db.run(
        "UPDATE change_points SET withdrawn_at_ms = ?, cut_off_at_ms = ?, words = words || ? WHERE stream_name = ? AND detected_at_ms = ?",
        wholeMs(report.withdrawnAtMs),
        wholeMs(report.cutOffAtMs),
        report.added,
        report.streamName,
        report.detectedAtMs,
      );
      continue;
    }
    db.run(
      `INSERT INTO change_points (id, stream_name, change_at_ms, start_low_ms, start_high_ms, probability, before_mean, after_mean, detected_at_ms, withdrawn_at_ms,
                                  confirmed_at_ms, cut_off_at_ms, words, day_part, part_before_mean, part_after_mean)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (stream_name, detected_at_ms) DO UPDATE SET change_at_ms = excluded.change_at_ms, start_low_ms = excluded.start_low_ms,
         start_high_ms = excluded.start_high_ms, probability = excluded.probability, before_mean = excluded.before_mean, after_mean = excluded.after_mean,
         withdrawn_at_ms = excluded.withdrawn_at_ms, confirmed_at_ms = excluded.confirmed_at_ms, cut_off_at_ms = excluded.cut_off_at_ms,
         words = excluded.words, day_part = excluded.day_part, part_before_mean = excluded.part_before_mean, part_after_mean = excluded.part_after_mean`,
      isNew ? lastId + added : null,
      report.streamName,
      Math.round(report.changeAtMs),
      Math.round(report.startLowMs),
      Math.round(report.startHighMs),
      report.probability,
      report.beforeMean,
      report.afterMean,
      Math.round(report.detectedAtMs),
      wholeMs(report.withdrawnAtMs),
      wholeMs(report.confirmedAtMs),
      wholeMs(report.cutOffAtMs),
      report.words,
      report.part?.name ?? null,
      report.part?.beforeMean ?? null,
      report.part?.afterMean ?? null,
    );
  }
  addHealth(db, "changes_total", added - removed);
  if (added + removed > 0) setMetadata(db, { last_change_id: String(lastId + added) });
  db.run(
    "UPDATE bocpd_training_runs SET status = ?, finished_at_ms = ?, stream_count = ?, step_count = ?, change_count = ?, notes = ? WHERE id = ?",
    run.status,
    run.finishedAtMs,
    run.streams.length,
    run.stepCount,
    added,
    run.notes,
    run.runId,
  );
  if (run.status === "completed") setMetadata(db, { last_bocpd_train_at: isoMs(run.finishedAtMs) });
  return added;
}

function wholeMs(atMs: number | null): number | null {
  return atMs === null ? null : Math.round(atMs);
}

export function readStreamStates(db: Db): { streamName: string; cursorMs: number; state: Uint8Array }[] {
  return db.all("SELECT stream_name AS streamName, cursor_ms AS cursorMs, state FROM bocpd_model_state ORDER BY stream_name");
}

/** Up to where a stream has consumed; null where none of this name is watched. */
export function readStreamCursor(db: Db, streamName: string): number | null {
  return (
    db.get<{ cursorMs: number }>("SELECT cursor_ms AS cursorMs FROM bocpd_model_state WHERE stream_name = ?", streamName)?.cursorMs ?? null
  );
}

export interface ReportedChange {
  readonly streamName: string;
  readonly startMs: number;
  readonly startLowMs: number;
  readonly startHighMs: number;
  readonly detectedAtMs: number;
  readonly probability: number;
  readonly isWithdrawn: boolean;
  /** Borne out by the data; what a person says of it is another matter. */
  readonly isConfirmed: boolean;
  /** The stream fell silent before it could be. */
  readonly isCutOff: boolean;
  /** The name of the stream where the change was reported before there were words. */
  readonly words: string;
}

/** Every report, the oldest change first. */
export function readChangeReports(db: Db): ReportedChange[] {
  const rows = db.all<
    Omit<ReportedChange, "isWithdrawn" | "isConfirmed" | "isCutOff"> & {
      readonly withdrawn: number;
      readonly confirmed: number;
      readonly cutOff: number;
    }
  >(
    `SELECT stream_name AS streamName, change_at_ms AS startMs, start_low_ms AS startLowMs, start_high_ms AS startHighMs,
            detected_at_ms AS detectedAtMs, probability, withdrawn_at_ms IS NOT NULL AS withdrawn, confirmed_at_ms IS NOT NULL AS confirmed,
            cut_off_at_ms IS NOT NULL AS cutOff, coalesce(words, stream_name) AS words
     FROM change_points ORDER BY change_at_ms, stream_name, detected_at_ms`,
  );
  return rows.map(({ withdrawn, confirmed, cutOff, ...row }) => ({
    ...row,
    isWithdrawn: withdrawn === 1,
    isConfirmed: confirmed === 1,
    isCutOff: cutOff === 1,
  }));
}
