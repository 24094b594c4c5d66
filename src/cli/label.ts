import { readFileSync } from "node:fs";
import { readConfig } from "../config.ts";
import type { Label, LabelKind } from "../core/labels/label.ts";
import { createZone, HOUR_MS } from "../core/time.ts";
import { EXIT, WrongUsage } from "../exit.ts";
import { changeLabels, type LabelWish } from "../flow/label-wishes.ts";
import { targetNamed } from "../flow/labels.ts";
import { readLabels } from "../store/tables/labels.ts";
import { getMetadata } from "../store/tables/metadata.ts";
import { askOrRun } from "./alone.ts";
import { type Command, type Environment, printJson, readWords } from "./command.ts";
import { openExisting } from "./database.ts";

const USAGE = "label list | add START END | exclude START END | import FILE | remove ID  [--target NAME] [--json]";
const OPTIONS = { target: { type: "string" }, json: { type: "boolean" } } as const;

export const labelCommand: Command = {
  name: "label",
  usage: USAGE,
  summary: "Labels by hand: list them, say that it was so (add) or that a span does not count (exclude), import a CSV, take one away.",
  details: "START and END are local times like 2026-11-20T23:10, or instants with a zone. A CSV has the columns start,end[,kind].\n",
  async run(words, environment) {
    const { values, free } = readWords(words, OPTIONS, USAGE, 3);
    const [action, first, second] = free;
    const targetName = values.target ?? readConfig(environment).options.targets[0]!.name;
    if (action === "list") return list(environment, targetName, values.json);
    const wish = wishOf(environment, action, first, second);
    const result = await askOrRun(environment, "label", { targetName, wish }, (context) => changeLabels(context, { targetName, wish }));
    printJson(result);
    return EXIT.success;
  },
};

function list(environment: Environment, targetName: string, asJson: boolean | undefined): number {
  const db = openExisting(readConfig(environment).dbPath);
  try {
    const labels = readLabels(db, targetNamed(db, targetName).targetId);
    if (asJson) printJson(labels);
    else for (const label of labels) process.stdout.write(`${lineOf(label)}\n`);
    return EXIT.success;
  } finally {
    db.close();
  }
}

function lineOf(label: Label & { readonly id: number }): string {
  const hours = ((label.endMs - label.startMs) / HOUR_MS).toFixed(1);
  const state = label.status === "active" ? label.kind : `rejected: ${label.reason}`;
  return `${label.id}\t${new Date(label.startMs).toISOString()}\t${new Date(label.endMs).toISOString()}\t${hours} h\t${state}\t${label.source}`;
}

function wishOf(environment: Environment, action: string | undefined, first: string | undefined, second: string | undefined): LabelWish {
  if (action === "remove" && first !== undefined && /^\d+$/.test(first)) return { kind: "remove", id: Number(first) };
  if (action === "import" && first !== undefined) return { kind: "tell", labels: readCsv(environment, first), source: "csv" };
  if ((action === "add" || action === "exclude") && first !== undefined && second !== undefined) {
    const kind = action === "add" ? "positive" : "excluded";
    return {
      kind: "tell",
      labels: [{ startMs: instantOf(environment, first), endMs: instantOf(environment, second), kind }],
      source: "command",
    };
  }
  throw new WrongUsage(`Usage: ${USAGE}`);
}

function instantOf(environment: Environment, text: string): number {
  const hasZone = /(?:Z|[+-]\d{2}:?\d{2})$/.test(text);
  try {
    const atMs = hasZone ? Date.parse(text) : createZone(zoneOf(environment)).instantOf(text);
    if (Number.isFinite(atMs)) return atMs;
  } catch {
    // falls through to the one message
  }
  throw new WrongUsage(`${JSON.stringify(text)} is no time like 2026-11-20T23:10 (local) or 2026-11-20T22:10Z.`);
}

function zoneOf(environment: Environment): string {
  const { options, dbPath } = readConfig(environment);
  if (options.time_zone !== undefined) return options.time_zone;
  const db = openExisting(dbPath);
  try {
    return getMetadata(db, "time_zone") ?? "UTC";
  } finally {
    db.close();
  }
}

function readCsv(environment: Environment, path: string): { startMs: number; endMs: number; kind: LabelKind }[] {
  const [header, ...lines] = readFileSync(path, "utf8").trimEnd().split(/\r?\n/);
  const columns = header?.split(",") ?? [];
  const at = (name: string): number => columns.indexOf(name);
  if (at("start") < 0 || at("end") < 0) throw new WrongUsage(`${path} must begin with a line of column names that has start and end.`);
  return lines.map((line, index) => {
    const fields = line.split(",");
    const kind = fields[at("kind")] ?? "positive";
    if (kind !== "positive" && kind !== "negative" && kind !== "excluded") {
      throw new WrongUsage(`${path}, line ${index + 2}: kind is ${JSON.stringify(kind)}; it must be positive, negative or excluded.`);
    }
    return { startMs: instantOf(environment, fields[at("start")] ?? ""), endMs: instantOf(environment, fields[at("end")] ?? ""), kind };
  });
}
