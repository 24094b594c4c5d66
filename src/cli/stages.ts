import { readConfig } from "../config.ts";
import { EXIT } from "../exit.ts";
import { askRunningApp } from "../runtime/control.ts";
import { isOwned } from "../store/ownership.ts";
import { askOrRun, runStage } from "./alone.ts";
import { type Command, type Environment, instantFrom, printJson, readWords } from "./command.ts";
import { featuresCommand } from "./features.ts";

interface Range {
  readonly fromMs?: number;
  readonly toMs?: number;
}

const RANGE = { from: { type: "string" }, to: { type: "string" }, json: { type: "boolean" } } as const;

function rangeOf(values: { from?: string | undefined; to?: string | undefined }): Range {
  const fromMs = instantFrom(values.from, "from");
  const toMs = instantFrom(values.to, "to");
  return { ...(fromMs === undefined ? {} : { fromMs }), ...(toMs === undefined ? {} : { toMs }) };
}

/** Prints a stage's result: as JSON, or as one line of `name value` for a person. */
function report(result: unknown, asJson: boolean | undefined): number {
  if (asJson) printJson(result);
  else process.stdout.write(`${lines(result)}\n`);
  return EXIT.success;
}

function lines(result: unknown): string {
  if (Array.isArray(result)) return result.map(lines).join("\n");
  if (typeof result !== "object" || result === null) return String(result);
  return Object.entries(result)
    .map(([name, value]) => `${name}: ${typeof value === "object" ? JSON.stringify(value) : value}`)
    .join(", ");
}

const train: Command = {
  name: "train",
  usage: "train [--target NAME] [--dry-run] [--json]",
  summary: "Collects labels, pairs them and trains a model for each target; --dry-run changes no model.",
  async run(words, environment) {
    const { values } = readWords(
      words,
      { target: { type: "string" }, "dry-run": { type: "boolean" }, json: { type: "boolean" } },
      this.usage,
      0,
    );
    await runStage(environment, "labels", {});
    await runStage(environment, "pairs", {});
    const input = { ...(values.target === undefined ? {} : { target: values.target }), dryRun: values["dry-run"] ?? false };
    return report(await runStage(environment, "train", input), values.json);
  },
};

function plain(name: "changes" | "predict", summary: string): Command {
  return {
    name,
    usage: `${name} [--json]`,
    summary,
    async run(words, environment) {
      const { values } = readWords(words, { json: { type: "boolean" } }, this.usage, 0);
      return report(await runStage(environment, name, {}), values.json);
    },
  };
}

const backfill: Command = {
  name: "backfill",
  usage: "backfill [--from INSTANT] [--to INSTANT] [--json]",
  summary: "Fetches a span of Home Assistant's history again through the running app; what is stored already stays as it is.",
  async run(words, environment) {
    const { values } = readWords(words, RANGE, this.usage, 0);
    return report(await throughApp(environment, rangeOf(values)), values.json);
  },
};

function throughApp(environment: Environment, range: Range): Promise<unknown> {
  const { dbPath } = readConfig(environment);
  if (isOwned(dbPath)) return askRunningApp(dbPath, "backfill", range);
  return askOrRun(environment, "backfill", range, () =>
    Promise.reject(
      new Error(
        "Back-fill asks Home Assistant, which only the running app is connected to. Start the app (npm start), then call this again.",
      ),
    ),
  );
}

/** One command per stage. */
export const stageCommands: readonly Command[] = [
  backfill,
  featuresCommand,
  train,
  plain("predict", "Scores the newest windows with the serving models."),
  plain("changes", "Looks for change points in the windows that are new."),
];
