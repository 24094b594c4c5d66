import { existsSync, statSync } from "node:fs";
import type { Db } from "./db.ts";

/** What a checkpoint of the write-ahead log did. */
export interface Checkpoint {
  /** A reader or another writer kept it from being emptied. */
  readonly isHeld: boolean;
  /** Pages in the log, and how many of them stand in the file by now. */
  readonly logPages: number;
  readonly copiedPages: number;
}

const MODES = { look: "NOOP", passive: "PASSIVE", empty: "TRUNCATE" } as const;

/**
 * Moves pages from the log into the file. `passive` never waits and never hinders the writer; `empty` also sets the log back to no length,
 * and gives up at once where somebody still reads from it; `look` moves nothing.
 */
export function checkpointLog(db: Db, mode: keyof typeof MODES): Checkpoint {
  const waitsMs = Number(db.pragma("busy_timeout"));
  db.pragma("busy_timeout = 0");
  try {
    const row = db.get<{ busy: number; log: number; checkpointed: number }>(`PRAGMA wal_checkpoint(${MODES[mode]})`)!;
    return { isHeld: row.busy !== 0, logPages: row.log, copiedPages: row.checkpointed };
  } finally {
    db.pragma(`busy_timeout = ${waitsMs}`);
  }
}

/** Length of the write-ahead log; looked up without opening it. */
export function logBytes(dbPath: string): number {
  const path = `${dbPath}-wal`;
  return existsSync(path) ? statSync(path).size : 0;
}
