import { EXIT } from "../exit.ts";
import { runStage } from "./alone.ts";
import { backfillCommand } from "./backfill.ts";
import { changesCommand } from "./changes.ts";
import { type Command, printJson, readWords } from "./command.ts";
import { featuresCommand } from "./features.ts";

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

const predict: Command = {
  name: "predict",
  usage: "predict [--json]",
  summary: "Scores the newest windows with the serving models.",
  async run(words, environment) {
    const { values } = readWords(words, { json: { type: "boolean" } }, this.usage, 0);
    return report(await runStage(environment, "predict", {}), values.json);
  },
};

/** One command per stage. */
export const stageCommands: readonly Command[] = [backfillCommand, featuresCommand, train, predict, changesCommand];
