import { existsSync } from "node:fs";
import { z } from "zod";
import { errorOf, reasonOf } from "../core/reason.ts";
import { runFileWork, runReadingWork } from "../runtime/threads/file-work.ts";
import { BACKUP_SCOPES, type BackupFacts } from "../store/backup-files.ts";
import { lossOf } from "../store/damage.ts";
import type { Restored } from "../store/restore.ts";
import { backUpByOptions, backUpInto, restoreNewest } from "./backups.ts";
import type { OpenDatabase } from "./database.ts";
import type { Markers } from "./markers.ts";
import type { AppParts } from "./parts.ts";

export interface FileCareParts extends AppParts {
  readonly database: () => OpenDatabase | null;
  readonly markers: () => Pick<Markers, "mark"> | null;
  /** Lets go of the file, has the work done on it, and takes it up again. */
  readonly withoutConnections: <T>(work: () => Promise<T>) => Promise<T>;
}

/** What happens to the whole file while the app runs. */
export interface FileCare {
  backUp(signal: AbortSignal): Promise<BackupFacts>;
  /** The commands `backup` and `restore`; null = another command. */
  answer(command: string, input: unknown): Promise<unknown> | null;
  /** Something said that the file is damaged or gone: it is checked, and restored if that is so. */
  suspect(words: string): void;
  /** Waits for a restore that is going on; a backup may be cut off, its half-written file is deleted by the next one. */
  settled(): Promise<void>;
}

const backupRequest = z.object({ file: z.string().nullable(), scope: z.enum(BACKUP_SCOPES) });
const restoreRequest = z.object({ file: z.string() });

export function createFileCare(parts: FileCareParts): FileCare {
  const { config, clock, log } = parts;
  let busy: Promise<unknown> | null = null;
  let isRestoring = false;
  let isSuspected = false;
  /** A damaged file without a backup is not checked again and again. */
  let isBeyondRepair = false;

  function opened(): OpenDatabase {
    const database = parts.database();
    if (database === null) throw new Error("The database is not open at the moment; try again when the app has taken it up.");
    return database;
  }

  /** One work on the file at a time. */
  function alone<T>(work: () => Promise<T>): Promise<T> {
    if (busy !== null)
      return Promise.reject(new Error("The app is busy with a backup or a restore of its database; try again when it is done."));
    const done = work().finally(() => {
      busy = null;
    });
    busy = done;
    return done;
  }

  async function exchange<T>(work: () => Promise<T>): Promise<T> {
    isRestoring = true;
    try {
      return await parts.withoutConnections(work);
    } finally {
      isRestoring = false;
    }
  }

  async function restoreFrom(source: string): Promise<Restored> {
    const request = { dbPath: config.dbPath, source, nowMs: clock.nowMs(), loss: null };
    // What would be refused is refused before anything is stopped.
    await runFileWork("planRestore", request);
    const restored = await exchange(() => runFileWork("restore", request));
    // Another content: damage of it is looked into again.
    isBeyondRepair = false;
    log.warn("the database was restored, because somebody asked for it", { source, keptAside: restored.asideAs });
    return restored;
  }

  async function mend(words: string): Promise<void> {
    log.error("the database may be damaged; it is checked", { reason: words });
    let findings: readonly string[] = [];
    let isMissing = false;
    const restored = await exchange(async () => {
      const loss = lossOf(config.dbPath);
      isMissing = loss?.kind === "missing";
      findings = loss === null ? await runReadingWork("check", { dbPath: config.dbPath }) : [loss.words];
      return findings.length === 0 ? null : restoreNewest(parts, findings.join("; "));
    });
    if (findings.length === 0) return log.info("the database is sound", { reason: words });
    if (restored !== null) return;
    if (isMissing)
      return log.error("the database was begun anew: its file is missing, and there is no backup of it", { backups: config.backupFolder });
    isBeyondRepair = true;
    await parts.markers()?.mark({
      code: "database_corrupt",
      cause: `SQLite's check of the file found: ${findings.join("; ")}. There is no backup in ${config.backupFolder} that could be restored.`,
      effect: "Some stored rows may be unreadable; everything else goes on.",
      remedy:
        "Keep a copy of the file, then restore a backup of your own by the command `restore FILE`, or stop the app and move the file away to begin anew.",
    });
  }

  return {
    backUp: (signal) => alone(() => backUpByOptions(parts, opened().writer, signal)),
    answer(command, input) {
      if (command === "backup") {
        const { file, scope } = backupRequest.parse(input);
        return alone(() =>
          file === null ? backUpByOptions(parts, opened().writer) : backUpInto(parts, opened().writer, { target: file, scope }),
        );
      }
      if (command === "restore") return alone(() => restoreFrom(restoreRequest.parse(input).file));
      return null;
    },
    suspect(words) {
      if (isSuspected || (isBeyondRepair && existsSync(config.dbPath))) return;
      isSuspected = true;
      // Behind the backup that may be going on: it reads the file.
      const turn = busy ?? Promise.resolve();
      void turn
        .catch(() => undefined)
        .then(() => alone(() => mend(words)))
        .finally(() => {
          isSuspected = false;
        })
        .catch((error: unknown) => {
          log.error("the database could not be mended", { reason: reasonOf(error) });
          parts.onFatal(errorOf(error));
        });
    },
    async settled() {
      if (isRestoring) await busy?.catch(() => undefined);
    },
  };
}
