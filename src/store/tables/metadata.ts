import type { Db } from "../db.ts";

/** Keys of the metadata table; values are text, instants ISO-8601 UTC. */
export type MetadataKey =
  | "schema_version"
  | "contract_version"
  | "feature_set_version"
  | "active_set_id"
  | "grid_ms"
  | "time_zone"
  | "home_coordinates"
  | "anchor_hour"
  | "clock_offset_ms"
  | "lifecycle"
  | "app_version"
  | "heartbeat_at"
  | "migration_status"
  | "data_began_at"
  | "backfill_done_at"
  | "newest_saved_us"
  | "raw_kept_from"
  | "features_read_to"
  | "feature_choice"
  | "features_carried_to_set"
  | "last_ingest_at"
  | "last_feature_compute_at"
  | "last_label_capture_at"
  | "last_label_id"
  | "last_label_history_id"
  | "last_suggestion_id"
  | "last_model_version"
  | "last_clr_train_at"
  | "last_change_id"
  | "last_bocpd_train_at"
  | "last_retention_at"
  | "last_backup_at"
  | "restored_at"
  | "restored_from"
  | "refetches_past"
  | "heard_quiets"
  | "backup_made_at"
  | "backup_scope"
  | "mqtt_announced"
  | "mqtt_told";

export function setMetadata(db: Db, values: Partial<Record<MetadataKey, string>>): void {
  for (const [key, value] of Object.entries(values)) {
    db.run("INSERT INTO metadata (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, value);
  }
}

export function getMetadata(db: Db, key: MetadataKey | `last_model_version:${string}`): string | null {
  return db.get<{ value: string }>("SELECT value FROM metadata WHERE key = ?", key)?.value ?? null;
}

/** An instant kept in metadata, or null. */
export function metadataInstantMs(db: Db, key: MetadataKey): number | null {
  const text = getMetadata(db, key);
  return text === null ? null : Date.parse(text);
}

/** Facts and counters behind vw_health, maintained at each change so that reading them counts nothing. */
export function setHealth(db: Db, values: Readonly<Record<string, string | number>>): void {
  for (const [key, value] of Object.entries(values)) {
    db.run("INSERT INTO health (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value", key, String(value));
  }
}

export function addHealth(db: Db, key: string, by: number): void {
  if (by === 0) return;
  db.run(
    `INSERT INTO health (key, value) VALUES (@key, CAST(@by AS TEXT))
     ON CONFLICT (key) DO UPDATE SET value = CAST(CAST(value AS INTEGER) + @by AS TEXT)`,
    { key, by: BigInt(by) },
  );
}

export function getHealth(db: Db): Record<string, string> {
  return Object.fromEntries(db.all<{ key: string; value: string }>("SELECT key, value FROM health").map((row) => [row.key, row.value]));
}

export interface DegradedMarker {
  readonly code: string;
  readonly cause: string;
  readonly effect: string;
  readonly remedy: string;
}

/** Sets a marker; `since` stays the first time while it lasts. */
export function markDegraded(db: Db, marker: DegradedMarker & { readonly sinceMs: number }): void {
  db.run(
    `INSERT INTO degraded (code, since_ms, cause, effect, remedy) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (code) DO UPDATE SET cause = excluded.cause, effect = excluded.effect, remedy = excluded.remedy`,
    marker.code,
    marker.sinceMs,
    marker.cause,
    marker.effect,
    marker.remedy,
  );
}

/** @param code a marker's, or a pattern like `app_*` */
export function clearDegraded(db: Db, code: string): number {
  return db.run("DELETE FROM degraded WHERE code GLOB ?", code);
}
