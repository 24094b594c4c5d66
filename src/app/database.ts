import type { Config } from "../config/config.ts";
import { reasonOf } from "../core/reason.ts";
import { isoMs } from "../core/time.ts";
import { GRID_MS, targetOptions } from "../runtime/stage-options.ts";
import { createExports, type Exports } from "../runtime/threads/export-client.ts";
import { createReaderThread, type ReaderThread } from "../runtime/threads/reader-client.ts";
import { startWriterThread, type WriterClosing, type WriterNews, type WriterThread } from "../runtime/threads/writer-client.ts";
import { admitFile, admitFolder } from "../store/admission.ts";
import { listBackups } from "../store/backup-files.ts";
import { lossOf } from "../store/damage.ts";
import { isCorrupt } from "../store/db.ts";
import { newestVersion } from "../store/migrate.ts";
import { isLockThere, takeOwnership } from "../store/ownership.ts";
import { DatabaseRefused } from "../store/refusal.ts";
import { restoreNewest } from "./backups.ts";
import type { AppParts } from "./parts.ts";

export interface OpeningParts extends AppParts {
  readonly news: WriterNews;
  /** Ends the wait for a lock that another program holds. */
  readonly stopping: AbortSignal;
}

export interface OpenDatabase {
  readonly path: string;
  readonly writer: WriterThread;
  /** Answers questions without stopping this thread. */
  readonly reads: ReaderThread;
  readonly exports: Exports;
  /** Until when the run before this one listened; null in a new file. */
  readonly heardUntilMs: number | null;
  close(nowMs: number): Promise<WriterClosing>;
  /** Closes every connection and keeps the ownership, which `release` gives back. */
  setDown(nowMs: number): Promise<WriterClosing>;
  readonly release: () => void;
}

/** Refuses a file that `openDatabase` would refuse, before anything else is begun. @throws DatabaseRefused */
export function admitDatabase({ dbPath, backupFolder }: Config): void {
  admitFolder(dbPath);
  if (lossOf(dbPath) === null || listBackups(backupFolder, dbPath).length === 0) admitFile(dbPath, newestVersion());
  takeOwnership(dbPath)();
}

/**
 * Admits the file, owns it, starts its writer thread and brings it to this app's schema. A file that is missing or damaged is restored
 * first from the newest backup that can be used. `owned` gives back an ownership that was kept. @throws DatabaseRefused
 */
export async function openDatabase(parts: OpeningParts, owned?: () => void): Promise<OpenDatabase> {
  const path = parts.config.dbPath;
  admitFolder(path);
  const release = owned !== undefined && isLockThere(path) ? owned : takeAnew(path, owned);
  try {
    const loss = lossOf(path);
    if (loss !== null) await restoreOrRefuse(parts, loss.words);
    admitFile(path, newestVersion());
    try {
      return await openOwned(parts, release);
    } catch (error) {
      if (!isCorrupt(error)) throw error;
      if (!(await restoreOrRefuse(parts, reasonOf(error)))) throw damaged(parts.config, error);
      return await openOwned(parts, release);
    }
  } catch (error) {
    release();
    throw error;
  }
}

/** At the start, and after the folder was emptied: an ownership without its file keeps nobody out. */
function takeAnew(path: string, owned: (() => void) | undefined): () => void {
  owned?.();
  return takeOwnership(path);
}

async function openOwned(parts: OpeningParts, release: () => void): Promise<OpenDatabase> {
  const { config, clock, clockParameters, version, log } = parts;
  const path = config.dbPath;
  const writer = startWriterThread(path, parts.onFatal, parts.news);
  let reads: ReaderThread | null = null;
  try {
    const { from, to, copy } = await openUnlessStopped(writer, parts);
    if (from > 0 && from < to) log.info("the database was brought to a newer schema", { from, to, copy });
    const readsOf = createReaderThread(path);
    reads = readsOf;
    const heardUntilMs = instantOf(await readsOf.read("metadata", "heartbeat_at"));
    await writer.write("setMetadata", {
      lifecycle: "starting",
      heartbeat_at: isoMs(clock.nowMs()),
      app_version: version,
      clock_offset_ms: String(clockParameters.offsetMs),
      grid_ms: String(GRID_MS),
      anchor_hour: String(config.options.night_anchor_hour),
    });
    await writer.write("closeAbandonedRuns", { nowMs: clock.nowMs() });
    await writer.write("putTargets", { targets: targetOptions(config.options), nowMs: clock.nowMs() });
    const exports = createExports(path, readsOf);
    const setDown = async (nowMs: number): Promise<WriterClosing> => {
      await exports.close();
      const closing = await close(readsOf, writer, nowMs);
      tellOf(closing, parts);
      return closing;
    };
    return {
      path,
      writer,
      reads: readsOf,
      exports,
      heardUntilMs,
      async close(nowMs) {
        const closing = await setDown(nowMs);
        release();
        return closing;
      },
      setDown,
      release,
    };
  } catch (error) {
    await reads?.close();
    await writer.close(clock.nowMs()).catch(() => undefined);
    throw error;
  }
}

async function openUnlessStopped(writer: WriterThread, { clock, stopping }: OpeningParts): ReturnType<WriterThread["open"]> {
  const giveUp = (): void => void writer.close(clock.nowMs()).catch(() => undefined);
  stopping.throwIfAborted();
  stopping.addEventListener("abort", giveUp);
  try {
    return await writer.open(clock.nowMs());
  } finally {
    stopping.removeEventListener("abort", giveUp);
  }
}

async function close(reads: ReaderThread, writer: WriterThread, nowMs: number): Promise<WriterClosing> {
  await reads.close();
  await writer.write("setMetadata", { lifecycle: "stopped", heartbeat_at: isoMs(nowMs) }).catch(() => undefined);
  return writer.close(nowMs);
}

function tellOf({ writtenAs, lost }: WriterClosing, { log, config: { dbPath } }: AppParts): void {
  if (lost !== null)
    log.error("the database's file was gone, and what the app held of it could not be written anew", { path: dbPath, reason: lost });
  else if (writtenAs === dbPath)
    log.warn("the database's file was gone; it was written anew with all that the app held of it", { path: dbPath });
  else if (writtenAs !== null)
    log.warn("another file was put into the database's place; what the app held is kept beside it", { path: dbPath, keptAside: writtenAs });
}

const instantOf = (text: string | null): number | null => (text === null ? null : Date.parse(text));

/** False = there is no backup to restore. @throws DatabaseRefused when there is one and it could not be put in place */
async function restoreOrRefuse(parts: OpeningParts, loss: string): Promise<boolean> {
  try {
    return (await restoreNewest(parts, loss)) !== null;
  } catch (cause) {
    const { dbPath } = parts.config;
    throw new DatabaseRefused("damaged", `The database ${dbPath} cannot be used (${loss}), and its restore failed: ${reasonOf(cause)}`, {
      cause,
    });
  }
}

function damaged({ dbPath, backupFolder }: Config, cause: unknown): DatabaseRefused {
  return new DatabaseRefused(
    "damaged",
    `The database ${dbPath} is damaged (${reasonOf(cause)}), and ${backupFolder} holds no backup of it that can be restored. Put a good backup there, or move the file away to begin anew, then start again; it was left as it is.`,
    { cause },
  );
}
