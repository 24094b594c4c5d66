import { megabytes } from "../store/backup.ts";
import { BACKUP_OLD_MS, DISK_CRITICAL_BYTES, DISK_LOW_BYTES, LOG_LARGE_BYTES } from "../store/disk-limits.ts";
import type { DegradedMarker } from "../store/tables/metadata.ts";

/** What is known of the file, its log, its disk and its backups. */
export interface FileFacts {
  readonly folder: string;
  readonly backupFolder: string;
  readonly databaseBytes: number;
  readonly logBytes: number;
  readonly diskFreeBytes: number;
  /** Length at the limits of retention; null = not measured yet. */
  readonly forecastBytes: number | null;
  /** Null = none was made yet. */
  readonly lastBackupAtMs: number | null;
  readonly nowMs: number;
}

/** Every code that `judgeFile` knows. */
export const FILE_CODES = ["disk_nearly_full", "database_growth", "wal_large", "backup_old"] as const;

/** What is not as it should be; a code that is not among them is in order. */
export function judgeFile(facts: FileFacts): DegradedMarker[] {
  return [judgeDisk(facts), judgeGrowth(facts), judgeLog(facts), judgeBackup(facts)].filter((marker) => marker !== null);
}

function judgeDisk({ diskFreeBytes, folder }: FileFacts): DegradedMarker | null {
  if (diskFreeBytes >= DISK_LOW_BYTES) return null;
  return {
    code: "disk_nearly_full",
    cause: `The disk of ${folder} is nearly full.`,
    effect:
      diskFreeBytes < DISK_CRITICAL_BYTES
        ? "Events may not be stored any more; what cannot be written waits, or is fetched from the recorder later."
        : "When it is full, events wait, and backups fail.",
    remedy: "Free some space: files kept aside by a restore, old backups, other programs' data; or lower retention_days.",
  };
}

function judgeGrowth({ forecastBytes, databaseBytes, diskFreeBytes }: FileFacts): DegradedMarker | null {
  if (forecastBytes === null || forecastBytes - databaseBytes <= diskFreeBytes) return null;
  return {
    code: "database_growth",
    cause: `At the limits of retention the database will have about ${megabytes(forecastBytes)}, more than this disk has room for.`,
    effect: "The disk will be full before the oldest rows are due to go.",
    remedy: "Lower retention_days or feature_retention_days, exclude busy entities, or give the database a larger disk.",
  };
}

function judgeLog({ logBytes }: FileFacts): DegradedMarker | null {
  if (logBytes <= LOG_LARGE_BYTES) return null;
  return {
    code: "wal_large",
    cause: "The write-ahead log grows, because another program keeps a read transaction on the database open.",
    effect: "Nothing is lost, but the log takes room on the disk and reading gets slower.",
    remedy: "Close the program that reads the file, or have it end its transaction; the log then shrinks by itself.",
  };
}

function judgeBackup({ lastBackupAtMs, nowMs, backupFolder }: FileFacts): DegradedMarker | null {
  if (lastBackupAtMs === null || nowMs - lastBackupAtMs <= BACKUP_OLD_MS) return null;
  return {
    code: "backup_old",
    cause: `The last backup was made more than ${BACKUP_OLD_MS / 86_400_000} days ago.`,
    effect: "If the database is lost, what was labelled and learned since then is lost with it.",
    remedy: `See vw_schedule_runs for why the nightly ones fail, and make one by the command \`backup\`. Backups are kept in ${backupFolder}.`,
  };
}
