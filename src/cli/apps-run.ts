import { existsSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { readConfig } from "../config/config.ts";
import { reasonOf } from "../core/reason.ts";
import { WrongUsage } from "../exit.ts";
import { readAppsFile } from "../runtime/apps/folder/apps-file.ts";
import { liveInThread } from "./apps-run-life.ts";
import { type Environment, readWords } from "./command.ts";

export const RUN_USAGE =
  "apps run FILE [--home FOLDER] [--db FILE] [--app NAME] [--args JSON] [--from INSTANT] [--to INSTANT] [--place LATITUDE,LONGITUDE] [--speed N] [--json]";

const OPTIONS = {
  home: { type: "string" },
  db: { type: "string" },
  app: { type: "string" },
  args: { type: "string" },
  from: { type: "string" },
  to: { type: "string" },
  place: { type: "string" },
  speed: { type: "string" },
  json: { type: "boolean" },
} as const;

/** Lets an app live through a past and prints what it would have done. Ends the process, whatever the app left behind: 1 when one of its callbacks failed. */
export async function runApp(words: readonly string[], environment: Environment): Promise<number> {
  const code = await live(words, environment);
  // A timer of the app's own would keep it alive for good.
  process.stdout.write("", () => process.exit(code));
  return code;
}

async function live(words: readonly string[], environment: Environment): Promise<number> {
  const { values, free } = readWords(words, OPTIONS, RUN_USAGE, 1);
  if (free[0] === undefined) throw new WrongUsage(`An app's file is wanted.\nUsage: ${RUN_USAGE}`);
  const file = resolve(free[0]);
  if (!existsSync(file)) throw new WrongUsage(`There is no file ${file}.`);
  const { json = false, speed, app, args, ...past } = values;
  const wish = { file, speed: speedFrom(speed), isJson: json, past, ...entryOf(file, app, args) };
  return liveInThread({ ...wish, usualDb: past.home === undefined && past.db === undefined ? readConfig(environment).dbPath : "" });
}

/** What apps.yaml beside the file says of it, also where it is switched off. `--args` gives other arguments. */
function entryOf(file: string, appName: string | undefined, argsText: string | undefined) {
  const given = argsText === undefined ? null : argsFrom(argsText);
  const { named, findings } = readAppsFile(dirname(file));
  for (const finding of findings) process.stderr.write(`${finding}\n`);
  const entry = named.find((each) => (appName === undefined ? each.file === file : each.name === appName));
  if (appName !== undefined && entry === undefined) {
    throw new WrongUsage(
      `apps.yaml in ${dirname(file)} has no app ${appName} that can be read; it has ${named.map((each) => each.name).join(", ") || "none"}.`,
    );
  }
  const name =
    entry?.name ??
    basename(file)
      .replace(/\.\w+$/, "")
      .replaceAll(/\W/g, "_");
  const isUnnamed = entry === undefined && given === null;
  return {
    name,
    isUnnamed,
    className: entry?.className ?? null,
    args: given ?? entry?.args ?? {},
    lines: given === null ? entry?.lines : undefined,
  };
}

function argsFrom(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new WrongUsage(`--args is no JSON like '{"light": "light.hall"}': ${reasonOf(cause)}`);
  }
}

function speedFrom(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const speed = Number(text);
  if (speed > 0 && Number.isFinite(speed)) return speed;
  throw new WrongUsage(`--speed is ${JSON.stringify(text)}; it must be a number above 0, like 60 for an hour in a minute.`);
}
