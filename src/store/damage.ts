import { closeSync, existsSync, openSync, readSync, statSync } from "node:fs";
import { reasonOf } from "../core/reason.ts";
import { APPLICATION_ID, isCorrupt, openForReading } from "./db.ts";

const HEADER_BYTES = 100;
const MAGIC = "SQLite format 3\u0000";
/** "MLDR" instead of the app's mark while a damaged file is being overwritten: cut off then, its pages do not belong together. */
export const RESTORING_ID = 0x4d4c4452;

/** The fields of SQLite's file header (fileformat2, section 1.3) that tell whose file it is and how long it must be. */
export interface Header {
  readonly isSqlite: boolean;
  readonly applicationId: number;
  readonly version: number;
  /** Bytes that the file must have; null where the header does not say. */
  readonly wantedBytes: number | null;
}

/** Reads the header with fs: never while this process has a connection to the file, for closing any descriptor drops SQLite's locks. */
export function readHeader(path: string): Header {
  const bytes = Buffer.alloc(HEADER_BYTES);
  const descriptor = openSync(path, "r");
  try {
    readSync(descriptor, bytes, 0, HEADER_BYTES, 0);
  } finally {
    closeSync(descriptor);
  }
  const pageSize = bytes.readUInt16BE(16) === 1 ? 65_536 : bytes.readUInt16BE(16);
  const isCountValid = bytes.readUInt32BE(24) === bytes.readUInt32BE(92);
  return {
    isSqlite: bytes.toString("latin1", 0, 16) === MAGIC,
    applicationId: bytes.readUInt32BE(68),
    version: bytes.readUInt32BE(60),
    wantedBytes: isCountValid ? bytes.readUInt32BE(28) * pageSize : null,
  };
}

export type Loss = { readonly kind: "missing" | "damaged"; readonly words: string };

/**
 * What a quick look (no connection, the header only) finds wrong with the app's file; null = nothing. A file of another program is not
 * damaged: it is none of ours.
 */
export function lossOf(path: string): Loss | null {
  if (!existsSync(path)) return { kind: "missing", words: "the file is missing" };
  const bytes = statSync(path).size;
  if (bytes === 0) return { kind: "missing", words: "the file is empty" };
  const header = readHeader(path);
  if (!header.isSqlite) return { kind: "damaged", words: "its first bytes are not those of an SQLite database" };
  if (header.applicationId === RESTORING_ID) return { kind: "damaged", words: "a restore of it was cut off" };
  if (header.applicationId !== APPLICATION_ID) return null;
  // With a log beside it, the file may be longer than it looks: SQLite itself knows.
  const hasLog = existsSync(`${path}-wal`) && statSync(`${path}-wal`).size > 0;
  if (!hasLog && header.wantedBytes !== null && bytes < header.wantedBytes) {
    return { kind: "damaged", words: `it was cut off: ${bytes} bytes are there, ${header.wantedBytes} should be` };
  }
  return null;
}

/**
 * SQLite's own check of the whole file by a connection of its own; empty = sound. Reads every page.
 * @throws SqliteError when the file cannot be read at all, which says nothing about its content.
 */
export function checkFile(path: string): readonly string[] {
  try {
    const db = openForReading(path);
    try {
      return quickCheck(db);
    } finally {
      db.close();
    }
  } catch (error) {
    if (isCorrupt(error)) return [reasonOf(error)];
    throw error;
  }
}

/** What SQLite's check finds over this connection; empty = sound. */
export function quickCheck(db: { all<T>(sql: string): T[] }): readonly string[] {
  try {
    const found = db.all<{ quick_check: string }>("PRAGMA quick_check(5)").map((row) => row.quick_check);
    return found.length === 1 && found[0] === "ok" ? [] : found;
  } catch (error) {
    // Some damage ends the check itself.
    if (isCorrupt(error)) return [reasonOf(error)];
    throw error;
  }
}
