import { basename, dirname } from "node:path";
import { isoMs } from "../core/time.ts";
import { listBackups } from "./backup-files.ts";
import type { Db } from "./db.ts";
import { contentOf, dropIntent, type RestoreIntent, type RestorePlan, type RestoreRequest, readIntent } from "./restore-intent.ts";
import { takeOverAppRuns } from "./tables/app-runs.ts";
import { goOnBehind } from "./tables/last-numbers.ts";
import { markDegraded, setHealth, setMetadata } from "./tables/metadata.ts";
import { settleBackupRun } from "./tables/schedule-runs.ts";

/** The last step of a restore: what the restored content must know of it, in one transaction. */
export function settleRestore(db: Db, { request, plan, lastNumbers, appRuns }: RestoreIntent): void {
  const { dbPath, source, nowMs } = request;
  const { madeAtUtc, bytes } = plan.source;
  db.transaction(() => {
    db.run("DELETE FROM metadata WHERE key IN ('backup_made_at', 'backup_scope')");
    db.run("DELETE FROM degraded WHERE code IN ('database_corrupt', 'database_damaged')");
    goOnBehind(db, lastNumbers);
    if (madeAtUtc !== null) settleBackupRun(db, Date.parse(madeAtUtc));
    takeOverAppRuns(db, appRuns, nowMs);
    // It was not made yet when its content was copied.
    if (madeAtUtc !== null && listBackups(dirname(source), dbPath).includes(source)) {
      setMetadata(db, { last_backup_at: madeAtUtc });
      setHealth(db, { backup_path: source, backup_bytes: bytes });
    }
    setMetadata(db, { restored_at: isoMs(nowMs), restored_from: basename(source) });
    markDegraded(db, { ...markerOf(request, plan), sinceMs: nowMs });
  });
  dropIntent(dbPath);
}

/** At each opening by the owner: a restore that was killed behind its overwriting is settled now. One that was killed before it never happened. */
export function settleCutOffRestore(db: Db): void {
  const intent = readIntent(db.path);
  if (intent !== null && contentOf(db) === intent.content) settleRestore(db, intent);
  else dropIntent(db.path);
}

function markerOf({ loss, source }: RestoreRequest, { source: facts, asideAs }: RestorePlan) {
  const made = facts.madeAtUtc === null ? "" : ` of ${facts.madeAtUtc}`;
  const kept = asideAs === null ? "" : ` What was there is kept as ${asideAs}.`;
  return {
    code: "restored_from_backup",
    cause: `${loss === null ? "Somebody asked for it" : `The database could not be used (${loss})`}, so it was restored from the backup ${source}${made}.${kept}`,
    effect:
      facts.scope === "all"
        ? "What came after that backup is fetched from Home Assistant's recorder as far as it reaches; the rest is in vw_gaps. Labels and trainings made after it are missing."
        : "The backup held no raw events: those of the recorder's days are fetched again, older ones are gone; models, labels and features of labelled windows are all there up to that backup. Labels and trainings made after it are missing.",
    remedy: "Look through the labels of the time since that backup and add what is missing. This message goes by itself after three days.",
  };
}
