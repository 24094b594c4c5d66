import { resolve } from "node:path";
import { readConfig } from "../config/config.ts";
import { EXIT, WrongUsage } from "../exit.ts";
import { createSystemClock } from "../runtime/clock.ts";
import { askRunningApp } from "../runtime/control.ts";
import { progressLine } from "../runtime/progress.ts";
import { runFileWork } from "../runtime/threads/file-work.ts";
import { admitFolder } from "../store/admission.ts";
import { megabytes } from "../store/backup.ts";
import { isOwned, takeOwnership } from "../store/ownership.ts";
import type { Restored } from "../store/restore.ts";
import type { RestorePlan, RestoreRequest } from "../store/restore-intent.ts";
import { type Command, printJson, readWords } from "./command.ts";

const USAGE = "restore FILE [--dry-run] [--json]";

export const restoreCommand: Command = {
  name: "restore",
  usage: USAGE,
  summary: "Puts a backup's content into the database in place; what was there is kept beside it. --dry-run only checks and tells.",
  details:
    "The file stays the same file, so readers that have it open go on and see the restored content. A running app does it by itself and goes\n" +
    "on with the content; what happened since the backup is fetched from Home Assistant's recorder as far as it reaches.\n",
  async run(words, environment) {
    const { values, free } = readWords(words, { "dry-run": { type: "boolean" }, json: { type: "boolean" } }, USAGE, 1);
    if (free[0] === undefined) throw new WrongUsage(`Name the backup to restore.\nUsage: ${USAGE}`);
    const { dbPath } = readConfig(environment);
    const request = { dbPath, source: resolve(free[0]), nowMs: createSystemClock().nowMs(), loss: null };
    const isDryRun = values["dry-run"] ?? false;
    const isRunning = isOwned(dbPath);
    const done = isDryRun ? await runFileWork("planRestore", request) : await restoreNow(request, isRunning);
    const outcome = isRunning ? "the running app goes on with it" : "an app that had refused it takes it up at its next start";
    if (values.json) printJson(done);
    else process.stdout.write(`${describe(done, dbPath, isDryRun ? null : outcome).join("\n")}\n`);
    return EXIT.success;
  },
};

async function restoreNow(request: RestoreRequest, isRunning: boolean): Promise<Restored> {
  const { dbPath, source } = request;
  if (isRunning) return (await askRunningApp(dbPath, "restore", { file: source })) as Restored;
  admitFolder(dbPath);
  const release = takeOwnership(dbPath);
  const bar = progressLine(createSystemClock(), "restoring");
  try {
    return await runFileWork("restore", request, (share) => bar.show({ share }));
  } finally {
    bar.end();
    release();
  }
}

/** @param outcome null = only a plan */
function describe({ source, asideAs, neededBytes, freeBytes }: RestorePlan, dbPath: string, outcome: string | null): string[] {
  const isDryRun = outcome === null;
  const content = source.scope === "all" ? "everything" : "everything but raw events and features of unlabelled windows";
  return [
    `${source.path}: ${megabytes(source.bytes)}, made ${source.madeAtUtc ?? "at an unknown time"}, ${content}, schema ${source.schemaVersion}, checked`,
    asideAs === null ? `${dbPath} holds nothing yet` : `${dbPath} ${isDryRun ? "would be" : "was"} kept as ${asideAs}`,
    isDryRun
      ? `needs ${megabytes(neededBytes)} of ${megabytes(freeBytes)} that are free; nothing was changed`
      : `${dbPath} was restored; ${outcome}`,
  ];
}
