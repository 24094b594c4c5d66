import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { appsFolderFrom, readConfig } from "../config/config.ts";
import { EXIT, WrongUsage } from "../exit.ts";
import type { AppStatus } from "../runtime/apps/app-lane.ts";
import { readAppsFile } from "../runtime/apps/folder/apps-file.ts";
import { APPS_FILE } from "../runtime/apps/folder/apps-yaml.ts";
import { askRunningApp } from "../runtime/control.ts";
import { isOwned } from "../store/ownership.ts";
import { initApps } from "./apps-init.ts";
import { RUN_USAGE, runApp } from "./apps-run.ts";
import { type Command, type Environment, printJson, readWords } from "./command.ts";

const USAGE = "apps [list] | init [FOLDER] | test [FOLDER] | run FILE …";

export const appsCommand: Command = {
  name: "apps",
  usage: USAGE,
  summary: "Your own apps: list them, write a first one, run their tests, let one live through the past.",
  details: `
  apps list [--json]     how each app of the running program stands, and what is wrong with apps.yaml
  apps init [FOLDER]     writes an example, apps.yaml, a test, package.json, tsconfig.json and types for an editor; overwrites nothing of yours
  apps test [FOLDER]     runs *.test.ts and *.test.js of the folder with Node's own test runner
  ${RUN_USAGE}
                         lets one app live through a past and prints what it would have done: by default the last seven days of your own
                         home, with --home a recorded one, with --db what another database has (with both: the predictions of a replay).
                         --place says where a recorded home is, for sunrise and sunset
`,
  async run(words, environment) {
    const [what = "list", ...rest] = words;
    if (what === "run") return runApp(rest, environment);
    if (what === "list" || what === "--json") return list(what === "list" ? rest : words, environment);
    const { free } = readWords(rest, {}, USAGE, 1);
    if (what === "init") return initApps(free[0], environment);
    if (what === "test") return runTests(free[0] === undefined ? appsFolderFrom(environment) : resolve(free[0]));
    throw new WrongUsage(`${JSON.stringify(what)} is not understood.\nUsage: ${USAGE}`);
  },
};

async function list(words: readonly string[], environment: Environment): Promise<number> {
  const { values } = readWords(words, { json: { type: "boolean" } }, USAGE, 0);
  const config = readConfig(environment);
  const { entries, findings } = readAppsFile(config.appsFolder);
  const isRunning = existsSync(config.dbPath) && isOwned(config.dbPath);
  const apps = isRunning ? ((await askRunningApp(config.dbPath, "apps", {})) as readonly AppStatus[]) : [];
  if (values.json)
    printJson({
      folder: config.appsFolder,
      isRunning,
      findings,
      apps: isRunning ? apps : entries.map(({ name }) => ({ name, state: "stopped" })),
    });
  else {
    for (const app of apps) process.stdout.write(`${line(app)}\n`);
    for (const finding of findings) process.stderr.write(`${finding}\n`);
    if (!isRunning) for (const { name } of entries) process.stdout.write(`${name}\tthe program does not run\n`);
    if (!existsSync(join(config.appsFolder, APPS_FILE))) {
      process.stderr.write(`There is no ${APPS_FILE} in ${config.appsFolder}. The command apps init writes a first one.\n`);
    }
  }
  return findings.length === 0 ? EXIT.success : EXIT.failed;
}

function line({ name, state, sinceMs, callbacks, callbacksFailed, restarts, dropped, lastFault }: AppStatus): string {
  const counts = [`${callbacks} callbacks`];
  if (callbacksFailed > 0) counts.push(`${callbacksFailed} failed`);
  if (dropped > 0) counts.push(`${dropped} dropped`);
  if (restarts > 0) counts.push(`${restarts} restarts`);
  const since = new Date(sinceMs).toISOString().slice(0, 19);
  return `${name}\t${state} since ${since}Z\t${counts.join(", ")}${lastFault === null ? "" : `\t${lastFault}`}`;
}

function runTests(folder: string): number {
  if (!existsSync(folder)) throw new WrongUsage(`There is no folder ${folder}.`);
  const register = new URL("../runtime/apps/thread/register.ts", import.meta.url).href;
  const globs = ["ts", "js"].map((ending) => join(folder, "**", `*.test.${ending}`));
  const { status } = spawnSync(process.execPath, ["--import", register, "--test", ...globs], { stdio: "inherit", cwd: folder });
  return status === 0 ? EXIT.success : EXIT.failed;
}
