import { existsSync, readdirSync, rmSync, statfsSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { reasonOf } from "../core/reason.ts";
import { isoMs } from "../core/time.ts";
import { checkFile, readHeader } from "./damage.ts";
import { APPLICATION_ID, openForReading } from "./db.ts";
import { newestVersion } from "./migrate.ts";
import { getMetadata } from "./tables/metadata.ts";

/** `all` holds everything; `part` holds no raw events but the newest of each entity, and features of labelled windows only. */
export const BACKUP_SCOPES = ["all", "part"] as const;
export type BackupScope = (typeof BACKUP_SCOPES)[number];

export interface BackupFacts {
  readonly path: string;
  readonly bytes: number;
  /** When it was made; null for a file that is not a backup but another copy of a database. */
  readonly madeAtUtc: string | null;
  readonly scope: BackupScope;
  readonly schemaVersion: number;
  /** The name of the file that its content was restored from last; null where it never was. */
  readonly restoredFrom: string | null;
}

/** The file cannot be restored from; the message says why. */
export class BackupUnusable extends Error {
  constructor(path: string, why: string) {
    super(`${path} cannot be restored: ${why}`);
    this.name = "BackupUnusable";
  }
}

const SUFFIX = ".backup.db";

/** The scheduled backup's name: the database's, and the instant in UTC. Names sort by time. */
export function backupPath(folder: string, dbPath: string, nowMs: number): string {
  return join(folder, `${prefixOf(dbPath)}${fileInstant(nowMs)}${SUFFIX}`);
}

/** An instant as part of a file's name. */
export function fileInstant(nowMs: number): string {
  return isoMs(nowMs).replaceAll(":", "-");
}

/** This database's backups in the folder, newest first. */
export function listBackups(folder: string, dbPath: string): readonly string[] {
  if (!existsSync(folder)) return [];
  const prefix = prefixOf(dbPath);
  const instant = /^\d{4}-\d{2}-\d{2}T[\d-]+\.\d+Z$/;
  return readdirSync(folder)
    .filter((name) => name.startsWith(prefix) && name.endsWith(SUFFIX) && instant.test(name.slice(prefix.length, -SUFFIX.length)))
    .sort()
    .reverse()
    .map((name) => join(folder, name));
}

export interface KeptBackups {
  readonly keep: number;
  /** Kept beside the newest, however old it is: somebody went back to it, and may want to once more. */
  readonly restoredFrom: string | null;
}

/** Deletes what a backup that was cut off left behind: before the next one, which may need that room. */
export function deleteLeftOver(folder: string, dbPath: string): void {
  if (!existsSync(folder)) return;
  const leftOver = readdirSync(folder).filter((name) => name.startsWith(prefixOf(dbPath)) && /\.backup\.db\.tmp(-journal)?$/.test(name));
  for (const name of leftOver) rmSync(join(folder, name), { force: true });
}

/** Deletes all but the newest. Returns the backups deleted. */
export function deleteOlderBackups(folder: string, dbPath: string, { keep, restoredFrom }: KeptBackups): readonly string[] {
  const older = listBackups(folder, dbPath)
    .slice(Math.max(1, keep))
    .filter((path) => basename(path) !== restoredFrom);
  for (const path of older) rmSync(path);
  return older;
}

/** Opens and checks a file as a source of a restore. @throws BackupUnusable */
export function inspectBackup(path: string): BackupFacts {
  if (!existsSync(path)) throw new BackupUnusable(path, "there is no such file.");
  if (!statSync(path).isFile()) throw new BackupUnusable(path, "it is not a file.");
  const header = readHeader(path);
  if (!header.isSqlite) throw new BackupUnusable(path, "it is not an SQLite database.");
  if (header.applicationId !== APPLICATION_ID) throw new BackupUnusable(path, "it is a database of another program.");
  const findings = checkFile(path);
  if (findings.length > 0) throw new BackupUnusable(path, `it is damaged: ${findings.join("; ")}.`);
  const db = openForReading(path);
  try {
    // Asked of the connection: a copy with a log beside it has its newest version there.
    const schemaVersion = Number(db.pragma("user_version"));
    if (schemaVersion === 0) throw new BackupUnusable(path, "it holds no tables yet.");
    if (schemaVersion > newestVersion()) {
      throw new BackupUnusable(
        path,
        `it was written by a newer version of this app (schema ${schemaVersion}, this app knows up to ${newestVersion()}). Update the app first.`,
      );
    }
    const scope = getMetadata(db, "backup_scope") === "part" ? "part" : "all";
    const [madeAtUtc, restoredFrom] = [getMetadata(db, "backup_made_at"), getMetadata(db, "restored_from")];
    return { path, bytes: statSync(path).size, madeAtUtc, scope, schemaVersion, restoredFrom };
  } finally {
    db.close();
  }
}

/** The newest backup that can be restored, and why newer ones cannot. */
export function newestUsable(
  folder: string,
  dbPath: string,
): { readonly usable: BackupFacts | null; readonly passedOver: readonly string[] } {
  const passedOver: string[] = [];
  for (const path of listBackups(folder, dbPath)) {
    try {
      return { usable: inspectBackup(path), passedOver };
    } catch (error) {
      passedOver.push(reasonOf(error));
    }
  }
  return { usable: null, passedOver };
}

/** Bytes that a folder's disk has left for this user; the folder need not exist yet. */
export function freeBytes(folder: string): number {
  const nearest = existsSync(folder) ? folder : dirname(folder);
  if (nearest !== folder && !existsSync(nearest)) return freeBytes(nearest);
  const { bavail, bsize } = statfsSync(nearest);
  return bavail * bsize;
}

function prefixOf(dbPath: string): string {
  return `${basename(dbPath).replace(/\.db$/, "")}-`;
}
