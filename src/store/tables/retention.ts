import { DAY_MS, isoMs } from "../../core/time.ts";
import type { Db } from "../db.ts";
import { addHealth, getMetadata, setMetadata } from "./metadata.ts";
import { fetchedFromMs } from "./pasts.ts";

export interface RetentionLimits {
  readonly rawDays: number;
  readonly featureDays: number;
  readonly labelledDays: number;
}

/** Where a run of trimming has come to; null = that part is done. */
export interface TrimCursor {
  readonly eventUs: number | null;
  readonly windowNo: number | null;
}

export const TRIM_START: TrimCursor = { eventUs: 0, windowNo: 0 };

export interface TrimInput extends RetentionLimits {
  readonly gridMs: number;
  /** The same for all slices of a run. */
  readonly nowMs: number;
  readonly from: TrimCursor;
  /** A slice takes its next step while it is younger than this: with its commit it stays far below what events may wait. */
  readonly sliceMs?: number;
}

export interface Trimmed {
  readonly events: number;
  readonly features: number;
  readonly next: TrimCursor;
}

const SLICE_MS = 10;
const EVENTS_PER_STEP = 500;
const WINDOWS_PER_STEP = 100;

/**
 * Deletes one slice of what is older than its limit: raw events but the newest of each entity, then features but those of labelled
 * windows, with predictions of the same age. Rows that stay are looked at once a run: the next slice begins behind them.
 */
export function trim(db: Db, input: TrimInput): Trimmed {
  const untilMs = performance.now() + (input.sliceMs ?? SLICE_MS);
  let { eventUs, windowNo } = input.from;
  let events = 0;
  let features = 0;
  do {
    if (eventUs !== null) {
      const step = trimEvents(db, eventUs, Math.floor((input.nowMs - input.rawDays * DAY_MS) * 1000));
      events += step.deleted;
      eventUs = step.next;
    } else if (windowNo !== null) {
      const step = trimWindows(db, windowNo, input);
      features += step.deleted;
      windowNo = step.next;
    }
  } while ((eventUs !== null || windowNo !== null) && performance.now() < untilMs);
  addHealth(db, "features_total", -features);
  if (events > 0) setMetadata(db, { raw_kept_from: isoMs(input.nowMs - input.rawDays * DAY_MS) });
  if (eventUs === null && windowNo === null) setMetadata(db, { last_retention_at: isoMs(input.nowMs) });
  return { events, features, next: { eventUs, windowNo } };
}

interface Step {
  readonly deleted: number;
  readonly next: number | null;
}

function trimEvents(db: Db, fromUs: number, limitUs: number): Step {
  const boundary = db.get<{ us: number }>(
    "SELECT updated_us AS us FROM raw_events WHERE updated_us >= ? AND updated_us < ? ORDER BY updated_us LIMIT 1 OFFSET ?",
    fromUs,
    limitUs,
    EVENTS_PER_STEP,
  )?.us;
  // Events of one microsecond go together, however many they are.
  const toUs = boundary === undefined ? limitUs : Math.max(boundary, fromUs + 1);
  const deleted = db.run(
    `DELETE FROM raw_events WHERE updated_us >= ? AND updated_us < ?
     AND NOT EXISTS (SELECT 1 FROM entities e WHERE e.id = raw_events.entity_id AND e.state_updated_us = raw_events.updated_us)`,
    fromUs,
    toUs,
  );
  return { deleted, next: boundary === undefined ? null : toUs };
}

function trimWindows(db: Db, fromNo: number, input: TrimInput): Step {
  // The newest window stays however old it is: the snapshot always has one to show.
  const newest = db.get<{ no: number | null }>("SELECT MAX(window_no) AS no FROM features")?.no ?? 0;
  const limitNo = Math.min(newest, Math.floor((input.nowMs - input.featureDays * DAY_MS) / input.gridMs));
  const labelledNo = Math.floor((input.nowMs - input.labelledDays * DAY_MS) / input.gridMs);
  // By the small index: the rows of labelled windows, which stay, are wide.
  const boundary = db.get<{ no: number }>(
    `SELECT window_no AS no FROM features INDEXED BY features_by_window WHERE window_no >= ? AND window_no < ?
     ORDER BY window_no LIMIT 1 OFFSET ?`,
    fromNo,
    limitNo,
    WINDOWS_PER_STEP,
  )?.no;
  const toNo = boundary ?? limitNo;
  const deleted = db.run(
    `DELETE FROM features WHERE window_no IN (
       SELECT f.window_no FROM features f INDEXED BY features_by_window WHERE f.window_no >= ? AND f.window_no < ?
         AND (f.window_no < ? OR NOT EXISTS (SELECT 1 FROM pairs p WHERE p.window_no = f.window_no)))`,
    fromNo,
    toNo,
    labelledNo,
  );
  db.run(
    `DELETE FROM predictions WHERE target_id IN (SELECT target_id FROM targets) AND window_no >= ? AND window_no < ?
     AND window_no < (SELECT max(n.window_no) FROM predictions n WHERE n.target_id = predictions.target_id)`,
    fromNo,
    toNo,
  );
  return { deleted, next: boundary ?? null };
}

/** After a restore without raw events: back-fill has brought the recorder's past, so events are here from its beginning on. */
export function endRefetch(db: Db): boolean {
  if (getMetadata(db, "refetches_past") !== "yes") return false;
  const fromMs = fetchedFromMs(db);
  const keptFrom = getMetadata(db, "raw_kept_from");
  if (fromMs !== null && keptFrom !== null && fromMs < Date.parse(keptFrom)) setMetadata(db, { raw_kept_from: isoMs(fromMs) });
  db.run("DELETE FROM metadata WHERE key = 'refetches_past'");
  return true;
}
