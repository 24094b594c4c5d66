import type { Config } from "../../config/config.ts";
import { createSystemClock } from "../../runtime/clock.ts";
import { runFileWork } from "../../runtime/threads/file-work.ts";
import { megabytes } from "../../store/backup.ts";
import { listBackups } from "../../store/backup-files.ts";
import { BACKUP_OLD_MS } from "../../store/disk-limits.ts";
import { type Check, ok, warn } from "./check.ts";

const MAKE_ONE = "Make one by the command `backup`; the app makes one each night.";

/** Whether there is a backup that could be restored, and how old it is. */
export async function checkBackups({ dbPath, backupFolder: folder }: Config): Promise<Check[]> {
  const count = listBackups(folder, dbPath).length;
  if (count === 0) return [warn("backups", `there is no backup in ${folder}`, MAKE_ONE)];
  const { usable, passedOver } = await runFileWork("newestUsable", { folder, dbPath });
  const bad = passedOver.map((words) => warn("backups", words, "Look at the disk it lies on, then make a new one."));
  if (usable === null) return [...bad, warn("backups", `no backup in ${folder} can be restored`, MAKE_ONE)];
  const words = `the newest of ${count} in ${folder} is of ${usable.madeAtUtc}, ${megabytes(usable.bytes)}, ${usable.scope === "all" ? "with everything" : "without raw events"}, and can be restored`;
  const ageMs = createSystemClock().nowMs() - Date.parse(usable.madeAtUtc ?? "");
  return [
    ...bad,
    ageMs > BACKUP_OLD_MS
      ? warn("backups", words, `It is old. ${MAKE_ONE} vw_schedule_runs says why the nightly ones failed.`)
      : ok("backups", words),
  ];
}
