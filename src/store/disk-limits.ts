/** Below this the disk counts as nearly full: a day of a large home, its log and a backup still fit. */
export const DISK_LOW_BYTES = 1_000_000_000;
/** Below this a commit may fail soon. */
export const DISK_CRITICAL_BYTES = 100_000_000;
/** A log larger than this is not being emptied: some reader holds a transaction open. */
export const LOG_LARGE_BYTES = 128 * 1024 * 1024;
/** A backup older than this is none of last night. */
export const BACKUP_OLD_MS = 3 * 86_400_000;
