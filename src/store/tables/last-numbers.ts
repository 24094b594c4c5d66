import { existsSync } from "node:fs";
import { type Db, openForReading } from "../db.ts";
import { getMetadata, type MetadataKey } from "./metadata.ts";

/**
 * The highest numbers that were ever given: a page that shows what is gone must never mean another. They are kept beside the rows, because what was
 * turned down leaves none, and a restore takes rows back.
 */
export type LastNumbers = Readonly<Record<string, number>>;

type LastNumberKey = Extract<MetadataKey, `last_${string}_id` | "last_model_version"> | `last_model_version:${string}`;

export function lastLabelId(db: Db): number {
  return highest(db, "SELECT (SELECT max(id) FROM labels) AS here, (SELECT max(label_id) FROM label_history) AS gone", "last_label_id");
}

/** Of an entry of the history of labels, by which a change is undone. */
export function lastHistoryId(db: Db): number {
  return highest(db, "SELECT max(id) AS here, NULL AS gone FROM label_history", "last_label_history_id");
}

export function lastSuggestionId(db: Db): number {
  return highest(db, "SELECT max(id) AS here, NULL AS gone FROM label_suggestions", "last_suggestion_id");
}

export function lastChangeId(db: Db): number {
  return highest(db, "SELECT max(id) AS here, NULL AS gone FROM change_points", "last_change_id");
}

/** Each target counts its own models; 0 when it has none. */
export function lastModelVersion(db: Db, targetId: number): number {
  const { name, newest } = db.get<{ name: string | null; newest: number | null }>(
    `SELECT (SELECT name FROM targets WHERE target_id = @targetId) AS name,
            (SELECT max(model_version) FROM clr_model_artifacts WHERE target_id = @targetId) AS newest`,
    { targetId },
  )!;
  return Math.max(newest ?? 0, kept(db, `last_model_version:${name}`), kept(db, OF_ANY_TARGET));
}

/** Known where the models of a file that was lost are not. */
const OF_ANY_TARGET = "last_model_version";

function highest(db: Db, sql: string, key: LastNumberKey): number {
  const { here, gone } = db.get<{ here: number | null; gone: number | null }>(sql)!;
  return Math.max(here ?? 0, gone ?? 0, kept(db, key));
}

function kept(db: Db, key: LastNumberKey): number {
  return Number(getMetadata(db, key) ?? 0);
}

function lastNumbers(db: Db): LastNumbers {
  // Also of targets that are not in this file: those that a restore before this one took back.
  const ofModels = db.all<{ key: string; value: string }>(`SELECT key, value FROM metadata WHERE key GLOB '${OF_ANY_TARGET}*'`);
  const targets = db.all<{ id: number; name: string }>("SELECT target_id AS id, name FROM targets");
  return {
    ...Object.fromEntries(ofModels.map(({ key, value }) => [key, Number(value)])),
    ...Object.fromEntries(targets.map(({ id, name }) => [`${OF_ANY_TARGET}:${name}`, lastModelVersion(db, id)])),
    last_label_id: lastLabelId(db),
    last_label_history_id: lastHistoryId(db),
    last_suggestion_id: lastSuggestionId(db),
    last_change_id: lastChangeId(db),
  };
}

/** Of a file that is about to be overwritten by an older one; none where there is no file. Where it cannot be read, the clock gives numbers that none can have had. */
export function lastNumbersOf(path: string, nowMs: number): LastNumbers {
  if (!existsSync(path)) return {};
  try {
    const db = openForReading(path);
    try {
      const found = lastNumbers(db);
      if (Object.values(found).every(Number.isSafeInteger)) return found;
    } finally {
      db.close();
    }
  } catch {
    // Why it cannot be read is told by whoever found it damaged.
  }
  const now = Math.ceil(nowMs);
  return { last_label_id: now, last_label_history_id: now, last_suggestion_id: now, last_change_id: now, last_model_version: now };
}

/** Numbers go on behind these, and behind those of the file itself. */
export function goOnBehind(db: Db, numbers: LastNumbers): void {
  for (const [key, number] of Object.entries(numbers)) {
    db.run(
      `INSERT INTO metadata (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value
       WHERE CAST(excluded.value AS INTEGER) > CAST(value AS INTEGER)`,
      key,
      String(number),
    );
  }
}
