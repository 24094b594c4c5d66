import { DAY_MS, isoMs } from "../../core/time.ts";
import type { Db } from "../db.ts";
import { addHealth, setMetadata } from "./metadata.ts";

export interface RetentionLimits {
  readonly rawDays: number;
  readonly featureDays: number;
  readonly labelledDays: number;
  readonly gridMs: number;
  readonly nowMs: number;
  /** Rows deleted at the most in this transaction. */
  readonly maxRows: number;
}

/**
 * Deletes one slice of what is older than its limit: raw events but the newest of each entity, then features but those of labelled
 * windows. Returns the number of rows deleted; fewer than `maxRows` means that nothing is left to trim.
 */
export function trim(db: Db, limits: RetentionLimits): number {
  const events = db.run(
    `DELETE FROM raw_events WHERE (updated_us, entity_id) IN (
       SELECT r.updated_us, r.entity_id FROM raw_events r JOIN entities e ON e.id = r.entity_id
       WHERE r.updated_us < ? AND r.updated_us <> e.state_updated_us ORDER BY r.updated_us LIMIT ?)`,
    Math.floor((limits.nowMs - limits.rawDays * DAY_MS) * 1000),
    limits.maxRows,
  );
  // The newest window stays however old it is: the snapshot always has one to show.
  const newest = db.get<{ no: number | null }>("SELECT MAX(window_no) AS no FROM features")?.no ?? 0;
  const oldest = Math.min(newest, Math.floor((limits.nowMs - limits.featureDays * DAY_MS) / limits.gridMs));
  const oldestLabelled = Math.floor((limits.nowMs - limits.labelledDays * DAY_MS) / limits.gridMs);
  const features = db.run(
    `DELETE FROM features WHERE window_no IN (
       SELECT window_no FROM features f WHERE window_no < ?
         AND (window_no < ? OR NOT EXISTS (SELECT 1 FROM pairs p WHERE p.window_no = f.window_no)) ORDER BY window_no LIMIT ?)`,
    oldest,
    oldestLabelled,
    limits.maxRows - events,
  );
  addHealth(db, "features_total", -features);
  if (events > 0) setMetadata(db, { raw_kept_from: isoMs(limits.nowMs - limits.rawDays * DAY_MS) });
  if (events + features < limits.maxRows) setMetadata(db, { last_retention_at: isoMs(limits.nowMs) });
  return events + features;
}

/** Gives free pages back and empties the write-ahead log. Runs outside a transaction. */
export function checkpoint(db: Db, _input: null): void {
  db.pragma("incremental_vacuum(2000)");
  db.pragma("wal_checkpoint(TRUNCATE)");
}
