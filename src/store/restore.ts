import { closeSync, constants, copyFileSync, existsSync, openSync, readSync, statSync, writeSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { megabytes } from "./backup.ts";
import { BackupUnusable, fileInstant, freeBytes, inspectBackup } from "./backup-files.ts";
import { RESTORING_ID } from "./damage.ts";
import { isCorrupt, openForReading, openForWriting, overwriteWith } from "./db.ts";
import { checkpointLog } from "./log-file.ts";
import { migrate } from "./migrate.ts";
import { realPath } from "./real-path.ts";
import { contentOf, noteIntent, type RestoreIntent, type RestorePlan, type RestoreRequest, readIntent } from "./restore-intent.ts";
import { settleRestore } from "./settle-restore.ts";
import { appRunsOf, joinedRuns } from "./tables/app-runs.ts";
import { lastNumbersOf } from "./tables/last-numbers.ts";

export interface Restored extends RestorePlan {
  readonly schemaVersion: number;
}

/** How long another process may hold SQLite's lock before a restore gives up; nothing is changed then. */
const LOCK_LIMIT_MS = 120_000;
const LOCK_PAUSE_MS = 200;

/** What a restore would do. @throws BackupUnusable, or Error when the disk has no room */
export function planRestore({ dbPath, source, nowMs, loss }: RestoreRequest): RestorePlan {
  if (realPath(source) === realPath(dbPath)) throw new BackupUnusable(source, "it is the database itself.");
  const facts = inspectBackup(source);
  const presentBytes = sizeOf(dbPath) + sizeOf(`${dbPath}-wal`);
  const asideAs = presentBytes === 0 ? null : `${dbPath}.${loss === null ? "before-restore" : "damaged"}-${fileInstant(nowMs)}`;
  // The new content goes through the log once before it stands in the file.
  const neededBytes = presentBytes + facts.bytes + Math.max(0, facts.bytes - sizeOf(dbPath));
  const free = freeBytes(dirname(dbPath));
  if (free < neededBytes) {
    throw new Error(
      `Restoring ${source} needs ${megabytes(neededBytes)} in ${dirname(dbPath)} (the present file is kept beside it), and ${megabytes(free)} are left. Free some space, then try again; nothing was changed.`,
    );
  }
  return { source: facts, asideAs, neededBytes, freeBytes: free };
}

/**
 * Puts a backup's content into the live file: the file stays the same inode, so readers that have it open go on and see the new content.
 * What was there is copied beside it first. The caller owns the database and has no connection to it.
 * @throws BackupUnusable, or Error; before the last step nothing was changed.
 */
export async function restore(request: RestoreRequest, onShare: (share: number) => void = () => undefined): Promise<Restored> {
  const { dbPath, source, nowMs } = request;
  const plan = planRestore(request);
  if (plan.asideAs !== null) keepAside(dbPath, plan.asideAs);
  const intent = { request, plan, ...knownBefore(dbPath, plan.source.madeAtUtc, nowMs), content: contentIn(source) };
  noteIntent(intent);
  try {
    await overwrite(source, dbPath, onShare);
  } catch (error) {
    if (!isCorrupt(error)) throw error;
    // The backup API asks for a first page that can be read; the damaged one is beside it already.
    replaceFirstPage(source, dbPath);
    await overwrite(source, dbPath, onShare);
  }
  const db = openForWriting(dbPath);
  try {
    const { to } = migrate(db, nowMs);
    settleRestore(db, intent);
    checkpointLog(db, "empty");
    return { ...plan, schemaVersion: to };
  } finally {
    db.close();
  }
}

/** What the content that goes knows and the backup does not: with what a restore which was cut off took from the file before. */
function knownBefore(dbPath: string, backupUtc: string | null, nowMs: number): Pick<RestoreIntent, "lastNumbers" | "appRuns"> {
  const cutOff = readIntent(dbPath);
  const appRuns = appRunsOf(dbPath, backupUtc === null ? null : Date.parse(backupUtc));
  const lastNumbers = { ...cutOff?.lastNumbers };
  for (const [key, number] of Object.entries(lastNumbersOf(dbPath, nowMs))) lastNumbers[key] = Math.max(number, lastNumbers[key] ?? 0);
  return { lastNumbers, appRuns: cutOff === null ? appRuns : joinedRuns(appRuns, cutOff.appRuns) };
}

function contentIn(path: string): string {
  const db = openForReading(path);
  try {
    return contentOf(db);
  } finally {
    db.close();
  }
}

async function overwrite(source: string, dbPath: string, onShare: (share: number) => void): Promise<void> {
  for (let waitedMs = 0; ; waitedMs += LOCK_PAUSE_MS) {
    if ((await overwriteWith(source, dbPath, onShare)) > 0) return;
    if (waitedMs >= LOCK_LIMIT_MS) {
      throw new Error(`Another program has held the lock of ${dbPath} for two minutes, so nothing was restored. End it, then try again.`);
    }
    await pause(LOCK_PAUSE_MS);
  }
}

function keepAside(dbPath: string, asideAs: string): void {
  for (const suffix of ["", "-wal"]) {
    if (sizeOf(`${dbPath}${suffix}`) > 0) {
      copyFileSync(`${dbPath}${suffix}`, `${asideAs}${suffix}`, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
    }
  }
}

/** Bytes of the header: file and log format (2 = write-ahead log), change counter, and the counter for which the page count holds. */
const FORMATS_AT = 18;
const CHANGE_COUNTER_AT = 24;
const COUNT_VALID_FOR_AT = 92;
const APPLICATION_ID_AT = 68;

/** Writes the backup's first page over the file's, saying that its page count is not to be believed. */
function replaceFirstPage(source: string, dbPath: string): void {
  const header = Buffer.alloc(100);
  const from = openSync(source, "r");
  try {
    readSync(from, header, 0, 100, 0);
    const size = header.readUInt16BE(16);
    const page = Buffer.alloc(size === 1 ? 65_536 : size);
    readSync(from, page, 0, page.length, 0);
    page.fill(2, FORMATS_AT, FORMATS_AT + 2);
    page.writeUInt32BE(RESTORING_ID, APPLICATION_ID_AT);
    page.writeUInt32BE((page.readUInt32BE(CHANGE_COUNTER_AT) + 1) >>> 0, COUNT_VALID_FOR_AT);
    const to = openSync(dbPath, "r+");
    try {
      writeSync(to, page, 0, page.length, 0);
    } finally {
      closeSync(to);
    }
  } finally {
    closeSync(from);
  }
}

function sizeOf(path: string): number {
  return existsSync(path) ? statSync(path).size : 0;
}
