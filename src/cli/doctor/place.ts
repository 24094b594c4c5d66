import { existsSync } from "node:fs";
import { dirname } from "node:path";
import type { Config } from "../../config/config.ts";
import { examineFolder } from "../../store/admission.ts";
import { megabytes } from "../../store/backup.ts";
import { freeBytes } from "../../store/backup-files.ts";
import { DISK_CRITICAL_BYTES, DISK_LOW_BYTES } from "../../store/disk-limits.ts";
import { DatabaseRefused } from "../../store/refusal.ts";
import { type Check, fail, ok, warn } from "./check.ts";

/** Where the database lies: this user's, on a disk of this machine, with room left. */
export function checkPlace({ dbPath }: Config): Check[] {
  const folder = dirname(dbPath);
  try {
    examineFolder(dbPath);
  } catch (error) {
    if (!(error instanceof DatabaseRefused)) throw error;
    return [fail("folder", error.message, "The message says what to do.")];
  }
  const free = freeBytes(folder);
  const words = `${megabytes(free)} are free in ${folder}`;
  const remedy = "Free some space: old backups and files kept aside by a restore, or lower retention_days.";
  return [
    ok("folder", `${folder} ${existsSync(folder) ? "can be written" : "is made by the first start"} and lies on a disk of this machine`),
    free < DISK_CRITICAL_BYTES ? fail("disk", words, remedy) : free < DISK_LOW_BYTES ? warn("disk", words, remedy) : ok("disk", words),
  ];
}
