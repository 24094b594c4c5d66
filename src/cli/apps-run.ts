import { existsSync } from "node:fs";
import { basename, dirname, resolve } from "node:path";
import { readConfig } from "../config/config.ts";
import { EXIT, WrongUsage } from "../exit.ts";
import { readAppsFile } from "../runtime/apps/folder/apps-file.ts";
import { type PastHome, pastOfDatabase, pastOfRecording } from "../runtime/apps/simulated/past-home.ts";
import { travel } from "../runtime/apps/simulated/time-travel.ts";
import { faultOf, faultWords } from "../runtime/apps/thread/fault.ts";
import { loadAppClass } from "../runtime/apps/thread/load.ts";
import { resolveForApps } from "../runtime/apps/thread/resolve.ts";
import { createSystemClock } from "../runtime/clock.ts";
import { progressLine } from "../runtime/progress.ts";
import { readRecordedHome } from "../runtime/replay/recorded-home.ts";
import { coordinatesSchema, type Place, placeOf } from "../runtime/schedule/place.ts";
import type { Db } from "../store/db.ts";
import { getMetadata } from "../store/tables/metadata.ts";
import { deedData, deedLines } from "./app-lines.ts";
import { type Environment, readWords } from "./command.ts";
import { openExisting } from "./database.ts";
import { optionTime } from "./said-time.ts";

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
  const speed = speedFrom(values.speed);
  const { name, className, args } = entryOf(file, values.app, values.args);
  const { past, place, close } = openPast(values, environment);
  const files = resolveForApps();
  const clock = createSystemClock();
  const progress = progressLine(clock, `the past with ${name}`);
  const line = deedLines(place.timeZone, files);
  let isFailed = false;
  // Whoever read the lines has seen enough (| head).
  process.stdout.on("error", () => process.exit(EXIT.success));
  const counts = { call: 0, set: 0, fire: 0, log: 0, failed: 0 };
  try {
    const heard = await travel(() => loadAppClass(file, className), {
      past,
      place,
      name,
      args,
      speed,
      onDeed(deed) {
        counts[deed.kind] += 1;
        isFailed ||= deed.kind === "failed";
        process.stdout.write(`${values.json ? JSON.stringify(deedData(deed, files)) : line(deed)}\n`);
      },
      onProgress: (share) => speed === undefined && progress.show({ share }),
    });
    progress.end();
    const learned = heard.predictions + heard.reports === 0 ? "; no predictions or reports (a database from replay has them: --db)" : "";
    process.stderr.write(
      `${heard.states} states, ${heard.predictions} predictions, ${heard.reports} reported changes${learned}: ${counts.call} calls, ${counts.set} own states, ${counts.fire} events, ${counts.failed} failures\n`,
    );
    return isFailed ? EXIT.failed : EXIT.success;
  } catch (error) {
    progress.end();
    process.stderr.write(`${basename(file)} could not be started: ${faultWords(faultOf(error, files))}\n`);
    return EXIT.failed;
  } finally {
    close();
  }
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
  return { name, className: entry?.className ?? null, args: given ?? entry?.args ?? {} };
}

function argsFrom(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new WrongUsage(`--args is no JSON like '{"light": "light.hall"}': ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

function speedFrom(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const speed = Number(text);
  if (speed > 0 && Number.isFinite(speed)) return speed;
  throw new WrongUsage(`--speed is ${JSON.stringify(text)}; it must be a number above 0, like 60 for an hour in a minute.`);
}

interface OpenPast {
  readonly past: PastHome;
  readonly place: Place;
  close(): void;
}

function openPast(
  values: { readonly home?: string; readonly db?: string; readonly from?: string; readonly to?: string; readonly place?: string },
  environment: Environment,
): OpenPast {
  const spanIn = (timeZone: string) => ({
    fromMs: optionTime(values.from, "from", () => timeZone),
    toMs: optionTime(values.to, "to", () => timeZone),
  });
  const said = values.place === undefined ? {} : coordinatesFrom(values.place);
  if (values.home !== undefined) {
    const home = readRecordedHome(values.home);
    const span = spanIn(home.timeZone);
    const db = values.db === undefined ? null : openExisting(values.db);
    const told = db === null ? home.place : { ...placeOf(home.timeZone, getMetadata(db, "home_coordinates")), ...home.place };
    return { past: pastOfRecording(home, db, span), place: { ...told, ...said }, close: () => db?.close() };
  }
  const db = openExisting(values.db ?? readConfig(environment).dbPath);
  const place = { ...placeOf(zoneOf(db), getMetadata(db, "home_coordinates")), ...said };
  return { past: pastOfDatabase(db, spanIn(place.timeZone)), place, close: () => db.close() };
}

function coordinatesFrom(text: string): { readonly latitude: number; readonly longitude: number } {
  const [latitude, longitude, ...more] = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const place = coordinatesSchema.safeParse({ latitude, longitude, elevation: 0 });
  if (place.success && more.length === 0) return { latitude: place.data.latitude, longitude: place.data.longitude };
  throw new WrongUsage(`--place is ${JSON.stringify(text)}; it must be latitude and longitude in degrees, like 52.37,4.90.`);
}

function zoneOf(db: Db): string {
  const timeZone = getMetadata(db, "time_zone");
  if (timeZone === null) throw new Error("This database has not met its home yet. Start the app once, so that it learns the time zone.");
  return timeZone;
}
