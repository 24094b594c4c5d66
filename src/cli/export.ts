import { once } from "node:events";
import { readConfig } from "../config/config.ts";
import { CONTRACT_NAMES } from "../core/contracts/contract.ts";
import { EXIT, WrongUsage } from "../exit.ts";
import { EXPORT_FORMATS, exportText } from "../store/export.ts";
import { instantColumn, planExport } from "../store/export-plan.ts";
import { type Command, readWords } from "./command.ts";
import { openExisting } from "./database.ts";
import { homeZone } from "./home-zone.ts";
import { optionTime } from "./said-time.ts";

const USAGE = "export VIEW [--format csv|jsonl] [--since INSTANT]";

export const exportCommand: Command = {
  name: "export",
  usage: USAGE,
  summary: "Writes the rows of a contract view to stdout.",
  async run(words, environment) {
    const { values, free } = readWords(words, { format: { type: "string" }, since: { type: "string" } }, USAGE, 1);
    const view = CONTRACT_NAMES.find((name) => name === free[0]);
    if (view === undefined) throw new WrongUsage(`Name one of the views ${CONTRACT_NAMES.join(", ")}.\nUsage: ${USAGE}`);
    const format = EXPORT_FORMATS.find((each) => each === (values.format ?? "csv"));
    if (format === undefined) throw new WrongUsage(`--format is ${JSON.stringify(values.format)}; it must be csv or jsonl.`);
    if (values.since !== undefined && instantColumn(view) === undefined)
      throw new WrongUsage(`The rows of ${view} are of no instant, so --since means nothing for it.`);
    const fromMs = optionTime(values.since, "since", () => homeZone(environment).timeZone);
    const db = openExisting(readConfig(environment).dbPath);
    try {
      for (const text of exportText(db, planExport({ view, format, fromMs })))
        if (!process.stdout.write(text)) await once(process.stdout, "drain");
    } finally {
      db.close();
    }
    return EXIT.success;
  },
};
