import { accessSync, constants, existsSync } from "node:fs";
import { dirname } from "node:path";
import type { Config } from "../../config/config.ts";
import { describeContractProblem } from "../../core/contracts/contract.ts";
import { runFileWork, runReadingWork } from "../../runtime/threads/file-work.ts";
import { notThisUsers, notWritable } from "../../store/admission.ts";
import { megabytes } from "../../store/backup.ts";
import { listBackups } from "../../store/backup-files.ts";
import { checkContracts } from "../../store/contracts.ts";
import { lossOf } from "../../store/damage.ts";
import { type Db, isForbidden, openForReading } from "../../store/db.ts";
import { LOG_LARGE_BYTES } from "../../store/disk-limits.ts";
import { logBytes } from "../../store/log-file.ts";
import { newestVersion } from "../../store/migrate.ts";
import { isOwned } from "../../store/ownership.ts";
import { DatabaseRefused } from "../../store/refusal.ts";
import { readHealthReport } from "../../store/tables/overview.ts";
import { GONE_REMEDY, openExisting } from "../database.ts";
import { toldLife } from "../told-life.ts";
import { type Check, fail, ok, warn } from "./check.ts";

/** Of a file that cannot even be opened. */
const RESTORE = "Restore a backup: stop the app and start it again (it does so by itself where it finds one), or `restore FILE`.";

/** The file itself, its schema and views, its log, and what the app says of itself. */
export async function checkDatabase({ dbPath, backupFolder, findings: wrongOptions }: Config, isQuick: boolean): Promise<Check[]> {
  if (!existsSync(dbPath)) return [checkMissing(dbPath, backupFolder)];
  const refusal = refusalOf(dbPath);
  if (refusal !== null) return [fail("file", refusal.message, "Look at the rest of it there; what needs no database is told here.")];
  const loss = lossOf(dbPath);
  if (loss !== null) return [fail("file", `${dbPath} cannot be used: ${loss.words}`, RESTORE)];
  const findings = isQuick ? [] : await runReadingWork("check", { dbPath });
  if (findings.length > 0)
    return [fail("file", `SQLite's check of ${dbPath} found: ${findings.join("; ")}`, await remedyOfDamage(dbPath, backupFolder))];
  const file = ok("file", isQuick ? `${dbPath} has a sound header` : `SQLite's check of ${dbPath} found nothing wrong`);
  const db = openForReading(dbPath);
  try {
    const schema = checkSchema(db);
    return [
      file,
      schema,
      ...(schema.state === "fail" ? [] : [checkViews(db)]),
      checkLog(dbPath),
      ...(schema.state === "fail" ? [] : await checkLife(db, dbPath, wrongOptions.length > 0)),
    ];
  } finally {
    db.close();
  }
}

function checkMissing(dbPath: string, backupFolder: string): Check {
  if (isOwned(dbPath)) return fail("file", `the app runs, but its database ${dbPath} is gone`, GONE_REMEDY);
  if (listBackups(backupFolder, dbPath).length > 0)
    return fail(
      "file",
      `the database ${dbPath} is gone; there are backups of it in ${backupFolder}`,
      "Start the app: it restores the newest that is good. Or set DB_PATH or DATA_FOLDER to where the database is; to begin anew, delete the backups first.",
    );
  return warn(
    "file",
    `there is no database at ${dbPath} yet`,
    "Start the app once (npm start), or set DB_PATH or DATA_FOLDER to where it is.",
  );
}

/** Why this user may not open the file, looked at before anything is; null = whatever else is wrong with it. */
function refusalOf(dbPath: string): DatabaseRefused | null {
  try {
    if (mayNot(dbPath, constants.R_OK | constants.W_OK) && !mayNot(dirname(dbPath), constants.W_OK)) return notWritable(dbPath, null);
    accessSync(dbPath, constants.R_OK);
    openExisting(dbPath).close();
  } catch (error) {
    if (error instanceof DatabaseRefused && error.code === "not_writable") return error;
    if (isForbidden(error)) return notThisUsers(dbPath, error);
  }
  return null;
}

function mayNot(path: string, mode: number): boolean {
  try {
    accessSync(path, mode);
    return false;
  } catch (error) {
    return isForbidden(error);
  }
}

/** Damage inside the file is not seen by a start of the app, so nothing is restored by itself. */
async function remedyOfDamage(dbPath: string, folder: string): Promise<string> {
  const { usable } = await runFileWork("newestUsable", { folder, dbPath });
  if (usable !== null) {
    const has = usable.scope === "all" ? "everything" : "everything but raw events";
    return `Restore the newest good backup, of ${usable.madeAtUtc} with ${has}, by the command \`restore ${usable.path}\`; the app may go on running meanwhile.`;
  }
  return `There is no backup in ${folder} that could be restored. Keep a copy of the file, then restore one of your own by the command \`restore FILE\`, or stop the app and move the file away to begin anew.`;
}

function checkSchema(db: Db): Check {
  const version = Number(db.pragma("user_version"));
  if (version > newestVersion()) {
    return fail(
      "schema",
      `the schema is number ${version}, this app knows up to ${newestVersion()}`,
      "Update the app, or restore the copy that was made before its update.",
    );
  }
  if (version === 0)
    return fail("schema", "the file holds no tables of this app", "Point DB_PATH or DATA_FOLDER to the app's own database.");
  if (version < newestVersion())
    return warn("schema", `the schema is number ${version} of ${newestVersion()}`, "The app brings it to the newest at its next start.");
  return ok("schema", `the schema is the newest, number ${version}`);
}

function checkViews(db: Db): Check {
  const problems = checkContracts(db).map(describeContractProblem);
  if (problems.length === 0) return ok("contracts", "every view is as its contract promises");
  return fail(
    "contracts",
    problems.join("; "),
    "Restart the app: it makes its views anew. If it comes back, another program changes the file.",
  );
}

function checkLog(dbPath: string): Check {
  const bytes = logBytes(dbPath);
  const words = `the write-ahead log has ${megabytes(bytes)}`;
  if (bytes < LOG_LARGE_BYTES) return ok("log", words);
  return warn("log", words, "Some program keeps a read transaction on the file open. Close it: the log shrinks within a minute or two.");
}

/** @param areOptionsTold what is wrong with the options stands among the settings already; the app says it of those it was started with */
async function checkLife(db: Db, dbPath: string, areOptionsTold: boolean): Promise<Check[]> {
  const health = await toldLife(dbPath, () => readHealthReport(db));
  const life =
    health.status === "down" || !isOwned(dbPath)
      ? warn(
          "app",
          `the app does not run; its last sign of life was ${health.heartbeatAtUtc ?? "never"}`,
          "Start it (npm start, or in Home Assistant).",
        )
      : ok("app", `the app runs, status ${health.status}`);
  return [
    life,
    ...health.degradedReasons
      .filter(({ code }) => !areOptionsTold || code !== "options_wrong")
      .map((marker) => ({
        ...warn(marker.code, `${marker.cause} ${marker.effect}`, marker.remedy),
        since: marker.since,
      })),
  ];
}
