import { readConfig } from "../config/config.ts";
import type { Zone } from "../core/time.ts";
import { EXIT, WrongUsage } from "../exit.ts";
import { targetNamed } from "../flow/labels.ts";
import { changeModel, type ModelRequest, noSuchModel } from "../flow/model-wishes.ts";
import { reportText } from "../flow/report-text.ts";
import { readModel, readModels, readModelTexts, type StoredModel } from "../store/tables/model-list.ts";
import { askOrRun } from "./alone.ts";
import { type Command, type Environment, printJson, readWords } from "./command.ts";
import { openExisting } from "./database.ts";
import { homeZone, shownTime } from "./home-zone.ts";

const USAGE = "models list | show [VERSION] | promote VERSION | rollback  [--target NAME] [--json]";
const OPTIONS = { target: { type: "string" }, json: { type: "boolean" } } as const;
const DETAILS = `  list       the models that are kept, the newest first; * serves now
  show       the report card of the model that serves, or of VERSION
  promote    lets VERSION serve, from the next prediction on
  rollback   lets the model serve that served before

Models are never changed or overwritten. Kept are the newest 30, those that served within 60 days, the one that serves and the one before it. The next training refits the recipe of the model that serves then.
`;

export const modelsCommand: Command = {
  name: "models",
  usage: USAGE,
  summary: "Models: list them, read a report card (show), let another one serve (promote), go back to the one before (rollback).",
  details: DETAILS,
  async run(words, environment) {
    const { values, free } = readWords(words, OPTIONS, USAGE, 2);
    const [action, word] = free;
    const targetName = values.target ?? readConfig(environment).options.targets[0]!.name;
    const version = word === undefined ? undefined : versionFrom(word);
    if (action === "list" && word === undefined) return list(environment, targetName, values.json === true);
    if (action === "show") return show(environment, targetName, version, values.json === true);
    const changed = await change(environment, { targetName, wish: wishOf(action, version) });
    if (values.json) printJson(changed);
    else process.stdout.write(`Model ${changed.to} of ${changed.target} serves now, in place of ${changed.from ?? "none"}.\n`);
    return EXIT.success;
  },
};

const change = (environment: Environment, request: ModelRequest) =>
  askOrRun(environment, "models", request, (context) => changeModel(context, request));

function wishOf(action: string | undefined, version: number | undefined): ModelRequest["wish"] {
  if (action === "promote" && version !== undefined) return { kind: "promote", version };
  if (action === "rollback" && version === undefined) return { kind: "rollback" };
  throw new WrongUsage(`Usage: ${USAGE}`);
}

function versionFrom(word: string): number {
  if (!/^\d+$/.test(word)) throw new WrongUsage(`${JSON.stringify(word)} is no number of a model; "models list" shows them.`);
  return Number(word);
}

function list(environment: Environment, targetName: string, asJson: boolean): number {
  const db = openExisting(readConfig(environment).dbPath);
  try {
    const models = readModels(db, targetNamed(db, targetName).targetId);
    if (asJson) printJson(models);
    else {
      const zone = homeZone(environment);
      for (const model of models) process.stdout.write(`${lineOf(model, zone)}\n`);
    }
    if (models.length === 0) process.stderr.write(`There is no model of ${targetName} yet; "status" says what is missing.\n`);
    return EXIT.success;
  } finally {
    db.close();
  }
}

function lineOf(model: StoredModel, zone: Zone): string {
  const skill = model.skillVsClock === null ? "not judged" : `${Math.round(100 * model.skillVsClock)} % better than the clock`;
  const mark = model.serves === 1 ? "*" : " ";
  return `${mark} ${model.modelVersion}\t${shownTime(model.createdAtMs, zone)}\t${model.stage}\t${model.dayCount} labelled days\t${skill}\t${model.reason ?? ""}`;
}

function show(environment: Environment, targetName: string, version: number | undefined, asJson: boolean): number {
  const db = openExisting(readConfig(environment).dbPath);
  try {
    const model = readModel(db, targetNamed(db, targetName).targetId, version === undefined ? "serving" : { version });
    if (model === null) throw new RangeError(version === undefined ? `no model of ${targetName} serves yet` : noSuchModel(version));
    if (asJson) {
      const { reportJson, artifactJson } = readModelTexts(db, model.artifactId);
      printJson({ ...model, report: JSON.parse(reportJson), artifact: JSON.parse(artifactJson) });
    } else process.stdout.write(reportText(db, targetName, model));
    return EXIT.success;
  } finally {
    db.close();
  }
}
