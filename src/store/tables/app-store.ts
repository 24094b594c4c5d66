import type { Db } from "../db.ts";

const MOST_KEYS = 1000;
const MOST_VALUE_BYTES = 64 * 1024;
const MOST_BYTES = 1024 * 1024;

export interface StoredValue {
  readonly app: string;
  readonly key: string;
}

/** Keeps one value of an app. Returns null, or why it is too much; then nothing was changed. */
export function putAppValue(db: Db, value: StoredValue & { readonly json: string; readonly nowMs: number }): string | null {
  const bytes = Buffer.byteLength(value.json);
  if (bytes > MOST_VALUE_BYTES) return `the value of ${value.key} takes ${bytes} bytes; at most ${MOST_VALUE_BYTES} are kept`;
  const others = db.get<{ keys: number; bytes: number | null }>(
    "SELECT count(*) AS keys, sum(length(CAST(value_json AS BLOB))) AS bytes FROM app_store WHERE app = ? AND key <> ?",
    value.app,
    value.key,
  )!;
  if (others.keys >= MOST_KEYS) return `there are ${MOST_KEYS} keys already; delete some first`;
  if ((others.bytes ?? 0) + bytes > MOST_BYTES) return `all values together would take more than ${MOST_BYTES} bytes; delete some first`;
  db.run(
    `INSERT INTO app_store (app, key, value_json, updated_at_ms) VALUES (?, ?, ?, ?)
     ON CONFLICT (app, key) DO UPDATE SET value_json = excluded.value_json, updated_at_ms = excluded.updated_at_ms`,
    value.app,
    value.key,
    value.json,
    value.nowMs,
  );
  return null;
}

export function deleteAppValue(db: Db, { app, key }: StoredValue): number {
  return db.run("DELETE FROM app_store WHERE app = ? AND key = ?", app, key);
}

export function getAppValue(db: Db, { app, key }: StoredValue): string | null {
  return db.get<{ json: string }>("SELECT value_json AS json FROM app_store WHERE app = ? AND key = ?", app, key)?.json ?? null;
}

export function appKeys(db: Db, app: string): string[] {
  return db.all<{ key: string }>("SELECT key FROM app_store WHERE app = ? ORDER BY key", app).map((row) => row.key);
}
