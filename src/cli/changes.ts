import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readConfig } from "../config/config.ts";
import { reasonOf } from "../core/reason.ts";
import { EXIT, WrongUsage } from "../exit.ts";
import { listReports, plotStreams } from "../flow/change-reports.ts";
import { runStage } from "./alone.ts";
import { type Command, type Environment, printJson, readWords } from "./command.ts";
import { openExisting } from "./database.ts";
import { homeZone, shownTime } from "./home-zone.ts";

const USAGE = "changes [list [--plots FOLDER]] [--json]";

export const changesCommand: Command = {
  name: "changes",
  usage: USAGE,
  summary: "Looks for change points in the windows that are new; list prints every one reported, --plots draws each stream as SVG.",
  async run(words, environment) {
    const { values, free } = readWords(words, { plots: { type: "string" }, json: { type: "boolean" } }, USAGE, 1);
    if (free[0] === "list") return list(environment, values.plots, values.json);
    if (free.length > 0 || values.plots !== undefined) throw new WrongUsage(`Usage: ${USAGE}`);
    const done = await runStage(environment, "changes", {});
    if (values.json) printJson(done);
    else
      process.stdout.write(`steps: ${done.steps}, streams: ${done.streams}, changes: ${done.changes}, suggestions: ${done.suggestions}\n`);
    return EXIT.success;
  },
};

/** One line a report: when it began, the stream, how sure, the words. */
function list(environment: Environment, folder: string | undefined, asJson: boolean | undefined): number {
  const db = openExisting(readConfig(environment).dbPath);
  try {
    const reports = listReports(db);
    if (asJson) printJson(reports);
    else {
      const zone = homeZone(environment);
      for (const { streamName, startMs, probability, isWithdrawn, isConfirmed, words } of reports) {
        const sure = isWithdrawn ? "withdrawn" : `${(100 * probability).toFixed(1)} %${isConfirmed ? " confirmed" : ""}`;
        process.stdout.write(`${shownTime(startMs, zone)}\t${streamName}\t${sure}\t${words}\n`);
      }
    }
    if (folder !== undefined) {
      makeFolder(folder);
      for (const { streamName, svg } of plotStreams(db, homeZone(environment))) {
        writeFileSync(join(folder, `${streamName.replaceAll(/[^A-Za-z0-9._-]/g, "_")}.svg`), svg);
      }
    }
    return EXIT.success;
  } finally {
    db.close();
  }
}

/** The parent must be there: whoever mistypes a path learns it, and no tree of folders appears somewhere else. @throws WrongUsage */
function makeFolder(folder: string): void {
  try {
    if (!existsSync(folder)) mkdirSync(folder);
    if (statSync(folder).isDirectory()) return;
  } catch (cause) {
    throw new WrongUsage(`The folder ${folder} for the plots cannot be made (${reasonOf(cause)}). Name another one.`);
  }
  throw new WrongUsage(`${folder} is a file. Name a folder for the plots.`);
}
