import { once } from "node:events";
import { readConfig } from "../config.ts";
import { EXIT, WrongUsage } from "../exit.ts";
import { contractViews } from "../store/migrate.ts";
import { type Command, instantFrom, readWords } from "./command.ts";
import { openExisting } from "./database.ts";

const USAGE = "export VIEW [--format csv|jsonl] [--since INSTANT]";

export const exportCommand: Command = {
  name: "export",
  usage: USAGE,
  summary: "Writes the rows of a contract view to stdout.",
  async run(words, environment) {
    const { values, free } = readWords(words, { format: { type: "string" }, since: { type: "string" } }, USAGE, 1);
    const names = contractViews().map((view) => view.name);
    const view = free[0];
    if (view === undefined || !names.includes(view)) throw new WrongUsage(`Name one of the views ${names.join(", ")}.\nUsage: ${USAGE}`);
    const format = values.format ?? "csv";
    if (format !== "csv" && format !== "jsonl") throw new WrongUsage(`--format is ${JSON.stringify(format)}; it must be csv or jsonl.`);
    const sinceMs = instantFrom(values.since, "since");
    const db = openExisting(readConfig(environment).dbPath);
    try {
      const columns = db
        .prepare(`SELECT * FROM ${view}`)
        .columns()
        .map((column) => column.name);
      const instant = columns.find((column) => column.endsWith("_utc"));
      if (sinceMs !== undefined && instant === undefined)
        throw new WrongUsage(`${view} has no column of instants, so --since means nothing for it.`);
      const rows =
        sinceMs === undefined
          ? db.prepare(`SELECT * FROM ${view}`).iterate()
          : db.prepare(`SELECT * FROM ${view} WHERE ${instant} >= ?`).iterate(new Date(sinceMs).toISOString());
      if (format === "csv") await write(`${columns.map(csvField).join(",")}\n`);
      for (const row of rows as IterableIterator<Record<string, unknown>>) {
        await write(format === "csv" ? `${columns.map((column) => csvField(row[column])).join(",")}\n` : `${JSON.stringify(row)}\n`);
      }
    } finally {
      db.close();
    }
    return EXIT.success;
  },
};

function csvField(value: unknown): string {
  const text = value === null || value === undefined ? "" : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

async function write(text: string): Promise<void> {
  if (!process.stdout.write(text)) await once(process.stdout, "drain");
}
