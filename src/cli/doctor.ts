import { type Config, readConfig, WrongSettings } from "../config/config.ts";
import { EXIT } from "../exit.ts";
import { type Command, type Environment, printJson, readWords } from "./command.ts";
import { checkBackups } from "./doctor/backups.ts";
import { type Check, worstOf } from "./doctor/check.ts";
import { checkDatabase } from "./doctor/database.ts";
import { checkHome } from "./doctor/home.ts";
import { checkPlace } from "./doctor/place.ts";
import { checkTokens } from "./doctor/tokens.ts";

const USAGE = "doctor [--quick] [--json]";

export const doctorCommand: Command = {
  name: "doctor",
  usage: USAGE,
  summary:
    "Looks at settings, disk, tokens, database, backups, clock and Home Assistant, and says what to do about each finding. Changes nothing.",
  details: "--quick leaves out SQLite's check of the whole file. Exits 1 when anything has failed; warnings alone are no failure.\n",
  async run(words, environment) {
    const { values } = readWords(words, { quick: { type: "boolean" }, json: { type: "boolean" } }, USAGE, 0);
    const checks = await examine(environment, values.quick ?? false);
    const worst = worstOf(checks);
    if (values.json) printJson({ state: worst, checks });
    else process.stdout.write(`${checks.flatMap(linesOf).join("\n")}\n`);
    return worst === "fail" ? EXIT.failed : EXIT.success;
  },
};

async function examine(environment: Environment, isQuick: boolean): Promise<Check[]> {
  let config: Config;
  try {
    config = readConfig(environment);
  } catch (error) {
    if (!(error instanceof WrongSettings)) throw error;
    return error.findings.map((words) => ({
      name: "settings",
      state: "fail",
      words,
      remedy: "Correct the setting; everything else is looked at then.",
    }));
  }
  const settings: Check[] =
    config.findings.length === 0
      ? [{ name: "settings", state: "ok", words: "every setting can be used", remedy: null }]
      : config.findings.map((words) => ({
          name: "settings",
          state: "warn",
          words,
          remedy: "Correct it in the app's configuration; it is left out or has its default until then.",
        }));
  return [
    ...settings,
    ...checkPlace(config),
    ...checkTokens(config),
    ...(await checkDatabase(config, isQuick)),
    ...(await checkBackups(config)),
    ...(await checkHome(config)),
  ];
}

function linesOf({ name, state, words, remedy }: Check): string[] {
  return [`${state.padEnd(5)} ${name.padEnd(15)} ${words}`, ...(remedy === null ? [] : [`${" ".repeat(22)}${remedy}`])];
}
