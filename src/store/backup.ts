import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DAY_MS, isoMs } from "../core/time.ts";
import { type BackupFacts, type BackupScope, freeBytes, inspectBackup } from "./backup-files.ts";
import { admitTarget } from "./backup-target.ts";
import { type Db, openForReading, openUnshared } from "./db.ts";
import { makeWritable } from "./folder-fault.ts";
import { setMetadata } from "./tables/metadata.ts";

export interface BackupRequest {
  readonly dbPath: string;
  /** The file to write; a backup that is there is replaced once the new one is whole, anything else is refused. */
  readonly target: string;
  readonly scope: BackupScope;
  readonly nowMs: number;
}

/** While it is written a backup bears this name; the app's own backup leaves such files out. */
export function unfinishedName(target: string): string {
  return `${target}.tmp`;
}

/**
 * Writes a consistent snapshot of the database as it is at this moment, while the writer goes on: to a temporary name, checked, and only then
 * renamed. @throws Error that says what to do; what was there before stays.
 */
export function makeBackup({ dbPath, target, scope, nowMs }: BackupRequest): BackupFacts {
  admitTarget(target, dbPath);
  const folder = dirname(target);
  makeWritable(folder);
  const temporary = unfinishedName(target);
  rmSync(temporary, { force: true });
  try {
    if (scope === "all") copyAll(dbPath, temporary);
    else copyPart(dbPath, temporary, nowMs);
    const db = openUnshared(temporary);
    try {
      setMetadata(db, { backup_made_at: isoMs(nowMs), backup_scope: scope });
    } finally {
      db.close();
    }
    const facts = inspectBackup(temporary);
    flush(temporary);
    renameSync(temporary, target);
    flush(folder);
    return { ...facts, path: target };
  } finally {
    rmSync(temporary, { force: true });
  }
}

function copyAll(dbPath: string, temporary: string): void {
  const wanted = statSync(dbPath).size;
  const free = freeBytes(dirname(temporary));
  if (free < wanted) {
    throw new Error(
      `A backup of ${dbPath} with all its events may need ${megabytes(wanted)}, and ${dirname(temporary)} has ${megabytes(free)} left. Free some space, or leave the raw events out (option backup_raw_events, or --without-events).`,
    );
  }
  const reader = openForReading(dbPath);
  try {
    reader.copyTo(temporary);
  } finally {
    reader.close();
  }
}

/** Predictions that a part keeps: what the page shows, and enough to compare a model with its last weeks. */
const PREDICTION_DAYS = 30;

/** Rows of a table that a part holds; every other table is copied whole. `@oldestMs` bounds the predictions. */
const PART: Readonly<Record<string, string>> = {
  raw_events: `SELECT r.* FROM live.entities e CROSS JOIN live.raw_events r ON r.updated_us = e.state_updated_us AND r.entity_id = e.id`,
  features: `SELECT f.* FROM live.features f WHERE f.window_no IN (SELECT window_no FROM live.pairs)
             OR f.window_no = (SELECT max(window_no) FROM live.features)`,
  predictions: "SELECT p.* FROM live.predictions p WHERE p.predicted_at_ms >= @oldestMs",
  // What was fetched is not there any more: back-fill begins anew, and completes what the recorder still has.
  entity_pasts: "SELECT * FROM live.entity_pasts WHERE 0",
  stale_windows: "SELECT * FROM live.stale_windows WHERE 0",
};

/** The database as it would be if all its raw events had just gone beyond their limit. */
function copyPart(dbPath: string, temporary: string, nowMs: number): void {
  // SQLite attaches to write only. Whoever is the last to leave a file then writes the log into it, also one of another file that had its name, and
  // a file that is gone is made: so a reader is there before, which makes none, and leaves after.
  const reader = openForReading(dbPath);
  const db = openUnshared(temporary);
  try {
    reader.get("SELECT 1 FROM sqlite_schema");
    db.pragma("foreign_keys = OFF");
    db.run("ATTACH ? AS live", dbPath);
    // One transaction reads one snapshot, whatever is written meanwhile.
    db.transaction(() => {
      const objects = db.all<{ type: string; name: string; sql: string }>(
        "SELECT type, name, sql FROM live.sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite~_%' ESCAPE '~'",
      );
      const tables = objects.filter(({ type }) => type === "table");
      for (const { sql } of tables) db.exec(sql);
      for (const { name } of tables) {
        const rows = PART[name] ?? `SELECT * FROM live."${name}"`;
        const insert = `INSERT INTO main."${name}" ${rows}`;
        if (rows.includes("@oldestMs")) db.run(insert, { oldestMs: nowMs - PREDICTION_DAYS * DAY_MS });
        else db.run(insert);
      }
      countAnew(db);
      for (const { type, sql } of objects) if (type !== "table") db.exec(sql);
      for (const name of ["application_id", "user_version"]) db.pragma(`main.${name} = ${Number(db.pragma(`live.${name}`))}`);
      db.run("DELETE FROM main.metadata WHERE key IN ('backfill_done_at', 'features_read_to')");
      setMetadata(db, { raw_kept_from: isoMs(nowMs), refetches_past: "yes" });
    });
    db.run("DETACH live");
  } finally {
    db.close();
    reader.close();
  }
}

/** Counters hold what is there, so that events which are fetched once more are not counted twice. */
function countAnew(db: Db): void {
  const left = (schema: string): number =>
    db.get<{ n: number }>(`SELECT count(*) AS n FROM ${schema}.raw_events WHERE source NOT IN (2, 4)`)!.n;
  const set = "UPDATE main.health SET value = CAST(? AS TEXT) WHERE key = ?";
  const total = Number(db.get<{ value: string }>("SELECT value FROM live.health WHERE key = 'events_total'")?.value ?? 0);
  db.run(set, BigInt(Math.max(0, total - left("live") + left("main"))), "events_total");
  db.run(set, BigInt(db.get<{ n: number }>("SELECT count(*) AS n FROM main.features")!.n), "features_total");
}

/** Waits until the disk itself has it. */
export function flush(path: string): void {
  const descriptor = openSync(path, "r");
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(bytes < 1e7 ? 1 : 0)} MB`;
}
