import { rmSync } from "node:fs";
import type { Config } from "../config/config.ts";
import type { Clock } from "../core/clock.ts";
import { isoMs } from "../core/time.ts";
import type { Log } from "../runtime/log.ts";
import { runFileWork, runReadingWork } from "../runtime/threads/file-work.ts";
import { unfinishedName } from "../store/backup.ts";
import { type BackupFacts, type BackupScope, backupPath, deleteLeftOver, deleteOlderBackups } from "../store/backup-files.ts";
import type { Restored } from "../store/restore.ts";
import type { Writer } from "../store/writer.ts";

export interface BackupParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
}

/** A backup by the options into the backup folder; older ones than the newest few go once the new one has been checked. */
export async function backUpByOptions({ config, clock, log }: BackupParts, writer: Writer, signal?: AbortSignal): Promise<BackupFacts> {
  const scope = config.options.backup_raw_events ? "all" : "part";
  const nowMs = clock.nowMs();
  const target = backupPath(config.backupFolder, config.dbPath, nowMs);
  deleteLeftOver(config.backupFolder, config.dbPath);
  const facts = await backUpInto({ config, clock, log }, writer, { target, scope }, signal);
  await writer.write("setMetadata", { last_backup_at: isoMs(nowMs) });
  await writer.write("setHealth", { backup_path: facts.path, backup_bytes: facts.bytes });
  const kept = { keep: config.options.backup_keep, restoredFrom: facts.restoredFrom };
  const deleted = deleteOlderBackups(config.backupFolder, config.dbPath, kept);
  log.info("a backup was made", { path: facts.path, bytes: facts.bytes, scope, deleted: deleted.length });
  return facts;
}

/** Into any file. It does not count as the last backup: where somebody took it, and whether it is there still, nobody knows, and nothing restores it by itself. */
export async function backUpInto(
  { config, clock }: BackupParts,
  writer: Writer,
  { target, scope }: { readonly target: string; readonly scope: BackupScope },
  signal?: AbortSignal,
): Promise<BackupFacts> {
  // A part keeps the newest event of each entity: which one that is stands in the entities' rows.
  await writer.write("saveEntityStates", null);
  const nowMs = clock.nowMs();
  return runReadingWork("backUp", { dbPath: config.dbPath, target, scope, nowMs }, signal).catch((error: unknown) => {
    // Whoever was killed could not tidy up.
    rmSync(unfinishedName(target), { force: true });
    throw error;
  });
}

/** Restores the newest backup that can be used into a file without connections. Null = there is none, and nothing was changed. */
export async function restoreNewest({ config, clock, log }: BackupParts, loss: string): Promise<Restored | null> {
  const { dbPath, backupFolder: folder } = config;
  const { usable, passedOver } = await runFileWork("newestUsable", { folder, dbPath });
  for (const words of passedOver) log.warn("a backup cannot be used", { reason: words });
  if (usable === null) return null;
  const restored = await runFileWork("restore", { dbPath, source: usable.path, nowMs: clock.nowMs(), loss });
  log.warn("the database was restored from a backup", { loss, backup: usable.path, madeAt: usable.madeAtUtc, keptAside: restored.asideAs });
  return restored;
}
