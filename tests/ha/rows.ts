import { rowsOf } from "../e2e/program.ts";
import { microsOfSeconds } from "../protocol/with-client.ts";

/** `entity state µs` of what the recorder's own file holds: states that began with their row. */
export function recordedRows(recorder: string, like: string): string[] {
  return rowsOf<{ entity_id: string; state: string | null; seconds: number }>(
    recorder,
    `SELECT m.entity_id, s.state, s.last_updated_ts AS seconds FROM states s JOIN states_meta m ON m.metadata_id = s.metadata_id
     WHERE m.entity_id LIKE ? AND (s.last_changed_ts IS NULL OR s.last_changed_ts = s.last_updated_ts)`,
    like,
  ).map((row) => `${row.entity_id} ${row.state ?? ""} ${microsOfSeconds(row.seconds)}`);
}

/** The same of what the app holds; what it found at the start of a fetched range is no row. */
export function storedRows(database: string, like: string): string[] {
  return rowsOf<{ text: string }>(
    database,
    `SELECT e.entity_id || ' ' || r.state || ' ' || r.updated_us AS text FROM raw_events r JOIN entities e ON e.id = r.entity_id
     WHERE e.entity_id LIKE ? AND r.source NOT IN (2, 4)`,
    like,
  ).map((row) => row.text);
}

/** Some of those that are in the first and not in the second. */
export function missing(wanted: readonly string[], found: readonly string[]): string[] {
  const set = new Set(found);
  return wanted.filter((row) => !set.has(row)).slice(0, 10);
}
