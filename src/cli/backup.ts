import { existsSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { type Config, readConfig } from "../config/config.ts";
import { isoMs } from "../core/time.ts";
import { EXIT } from "../exit.ts";
import { createSystemClock } from "../runtime/clock.ts";
import { askRunningApp } from "../runtime/control.ts";
import { progressLine } from "../runtime/progress.ts";
import { runReadingWork } from "../runtime/threads/file-work.ts";
import { admitFile } from "../store/admission.ts";
import { megabytes, unfinishedName } from "../store/backup.ts";
import { type BackupFacts, type BackupScope, backupPath, deleteLeftOver, deleteOlderBackups } from "../store/backup-files.ts";
import { openForWriting } from "../store/db.ts";
import { execute } from "../store/inline-writer.ts";
import { migrate, newestVersion } from "../store/migrate.ts";
import { isOwned, takeOwnership } from "../store/ownership.ts";
import { settleCutOffRestore } from "../store/settle-restore.ts";
import { getMetadata } from "../store/tables/metadata.ts";
import { type Command, printJson, readWords } from "./command.ts";
import { openExisting } from "./database.ts";

const USAGE = "backup [FILE] [--without-events] [--json]";
const POLL_MS = 250;

export const backupCommand: Command = {
  name: "backup",
  usage: USAGE,
  summary: "Writes a consistent snapshot of the database, whether the app runs or not; without FILE into the backup folder, as each night.",
  details:
    "A backup that is there as FILE is replaced once the new one is whole and has been checked; any other file is refused. --without-events leaves raw events out (but the newest of\n" +
    "each entity) and keeps features of labelled windows only: labels, models and everything else are always there. Without FILE the options\n" +
    "backup_raw_events and backup_keep decide. A FILE is yours: it is neither restored by itself nor counted as the last backup.\n",
  async run(words, environment) {
    const { values, free } = readWords(words, { "without-events": { type: "boolean" }, json: { type: "boolean" } }, USAGE, 1);
    const config = readConfig(environment);
    openExisting(config.dbPath).close();
    const file = free[0] === undefined ? null : resolve(free[0]);
    const scope: BackupScope = (values["without-events"] ?? (file === null && !config.options.backup_raw_events)) ? "part" : "all";
    const facts = await withProgress(config, file, () =>
      isOwned(config.dbPath)
        ? (askRunningApp(config.dbPath, "backup", { file, scope }) as Promise<BackupFacts>)
        : backUpAlone(config, file, scope),
    );
    if (values.json) printJson(facts);
    else process.stdout.write(`${facts.path}: ${megabytes(facts.bytes)}, ${facts.scope === "all" ? "everything" : "without raw events"}\n`);
    return EXIT.success;
  },
};

/** As the app does it, by the owner of the file. */
async function backUpAlone({ dbPath, backupFolder, options }: Config, file: string | null, scope: BackupScope): Promise<BackupFacts> {
  admitFile(dbPath, newestVersion());
  const release = takeOwnership(dbPath);
  try {
    const systemMs = createSystemClock().nowMs();
    const db = openForWriting(dbPath);
    try {
      migrate(db, systemMs);
      settleCutOffRestore(db);
      // Backups are told apart and sorted by the home's clock, which a simulated home keeps for itself.
      const nowMs = systemMs + Number(getMetadata(db, "clock_offset_ms") ?? 0);
      execute(db, "saveEntityStates", null);
      if (file === null) deleteLeftOver(backupFolder, dbPath);
      const facts = await runReadingWork("backUp", { dbPath, target: file ?? backupPath(backupFolder, dbPath, nowMs), scope, nowMs });
      if (file !== null) return facts;
      deleteOlderBackups(backupFolder, dbPath, { keep: options.backup_keep, restoredFrom: facts.restoredFrom });
      execute(db, "setMetadata", { last_backup_at: isoMs(nowMs) });
      execute(db, "setHealth", { backup_path: facts.path, backup_bytes: facts.bytes });
      return facts;
    } finally {
      db.close();
    }
  } finally {
    release();
  }
}

/** How far it is shows in the length of the file that is being written. */
async function withProgress<T>({ dbPath }: Config, file: string | null, work: () => Promise<T>): Promise<T> {
  const clock = createSystemClock();
  const bar = progressLine(clock, "backing up");
  const wanted = statSync(dbPath).size;
  const stop = clock.timer(POLL_MS, () => {
    const path = file === null ? null : unfinishedName(file);
    if (path === null || !existsSync(path)) return;
    const rows = Math.round(statSync(path).size / 1e6);
    bar.show({ share: Math.min(0.99, (rows * 1e6) / wanted), rows, unit: "MB" });
  });
  try {
    return await work();
  } finally {
    stop();
    bar.end();
  }
}
