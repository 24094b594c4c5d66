import { statSync } from "node:fs";
import { dirname } from "node:path";
import type { Config } from "../config.ts";
import type { Clock } from "../core/clock.ts";
import { HOUR_MS, MINUTE_MS } from "../core/time.ts";
import type { Log } from "../runtime/log.ts";
import { megabytes } from "../store/backup.ts";
import { freeBytes } from "../store/backup-files.ts";
import { BACKUP_OLD_MS, DISK_CRITICAL_BYTES, DISK_LOW_BYTES, LOG_LARGE_BYTES } from "../store/disk-limits.ts";
import { getHealth, metadataInstantMs } from "../store/tables/metadata.ts";
import type { OpenDatabase } from "./database.ts";
import type { Markers } from "./markers.ts";

export interface FileWatchParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Log;
  readonly database: OpenDatabase;
  readonly markers: Markers;
}

const BLOCK_BYTES = 512;
const DAY_MS = 24 * HOUR_MS;
/** What was written in less time says nothing about a day. */
const SHORTEST_MS = 10 * MINUTE_MS;

/** Looks at the file, its log and its disk every minute, and says what is not as it should be. Returns the function that ends it. */
export function watchFile({ config, clock, log, database, markers }: FileWatchParts): () => void {
  const { path, reader, writer } = database;
  const written = createDayMeter(clock.nowMs());

  async function look(): Promise<void> {
    const nowMs = clock.nowMs();
    const free = freeBytes(dirname(path));
    const figures = await database.checkpoints.figures();
    const perDay = written.at(nowMs, process.resourceUsage().fsWrite * BLOCK_BYTES);
    await writer.write("setHealth", {
      database_bytes: statSync(path).size,
      log_bytes: figures.logBytes,
      unused_bytes: Number(reader.pragma("freelist_count")) * Number(reader.pragma("page_size")),
      disk_free_bytes: free,
      ...(perDay === null ? {} : { written_bytes_per_day: Math.round(perDay) }),
    });
    await judgeDisk(free);
    await judgeLog(figures.logBytes);
    await judgeBackups(nowMs);
  }

  async function judgeDisk(free: number): Promise<void> {
    const forecast = Number(getHealth(reader)["size_forecast"] ?? 0);
    const growth = Math.max(0, forecast - statSync(path).size);
    if (free < DISK_LOW_BYTES) {
      await markers.mark({
        code: "disk_nearly_full",
        cause: `The disk of ${dirname(path)} is nearly full.`,
        effect:
          free < DISK_CRITICAL_BYTES
            ? "Events may not be stored any more; what cannot be written waits, and is fetched from the recorder later."
            : "When it is full, events wait in memory and on disk, and backups fail.",
        remedy: "Free some space: files kept aside by a restore, old backups, other programs' data; or lower retention_days.",
      });
    } else await markers.clear("disk_nearly_full");
    if (free < growth) {
      await markers.mark({
        code: "database_growth",
        cause: `At the limits of retention the database will have about ${megabytes(forecast)}, more than this disk has room for.`,
        effect: "The disk will be full before the oldest rows are due to go.",
        remedy: "Lower retention_days or feature_retention_days, exclude busy entities, or give the database a larger disk.",
      });
    } else await markers.clear("database_growth");
  }

  async function judgeLog(bytes: number): Promise<void> {
    if (bytes <= LOG_LARGE_BYTES) return markers.clear("wal_large");
    await markers.mark({
      code: "wal_large",
      cause: "The write-ahead log grows, because another program keeps a read transaction on the database open.",
      effect: "Nothing is lost, but the log takes room on the disk and reading gets slower.",
      remedy: "Close the program that reads the file, or have it end its transaction; the log then shrinks by itself.",
    });
  }

  async function judgeBackups(nowMs: number): Promise<void> {
    const lastMs = metadataInstantMs(reader, "last_backup_at");
    if (lastMs === null || nowMs - lastMs <= BACKUP_OLD_MS) return markers.clear("backup_old");
    await markers.mark({
      code: "backup_old",
      cause: `The last backup was made more than ${BACKUP_OLD_MS / DAY_MS} days ago.`,
      effect: "If the database is lost, what was labelled and learned since then is lost with it.",
      remedy: `See vw_schedule_runs for why the nightly ones fail, and make one by the command \`backup\`. Backups are kept in ${config.backupFolder}.`,
    });
  }

  const report = (error: unknown): void =>
    log.error("looking at the file failed", { reason: error instanceof Error ? error.message : String(error) });
  void look().catch(report);
  return clock.timer(MINUTE_MS, () => void look().catch(report));
}

/** Bytes a day by what a counter that only grows showed over the last day; null while that is too short a time. */
export function createDayMeter(startMs: number): { at(nowMs: number, total: number): number | null } {
  const shown: { readonly atMs: number; readonly total: number }[] = [];
  return {
    at(nowMs, total) {
      if (shown.length === 0 && nowMs >= startMs) shown.push({ atMs: nowMs, total });
      while (shown.length > 1 && shown[1]!.atMs <= nowMs - DAY_MS) shown.shift();
      const first = shown[0]!;
      if (nowMs - shown.at(-1)!.atMs >= SHORTEST_MS) shown.push({ atMs: nowMs, total });
      const spanMs = nowMs - first.atMs;
      return spanMs < SHORTEST_MS ? null : ((total - first.total) * DAY_MS) / spanMs;
    },
  };
}
