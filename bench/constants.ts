import { readdirSync } from "node:fs";
import { join } from "node:path";
import { CLOCK_CANDIDATE, RIDGE_CANDIDATES, STRENGTHS } from "../src/core/models/clr/candidates.ts";
import { chooseCalibration } from "../src/core/models/clr/choose-calibration.ts";
import { prepareValidation, type ValidatedCandidate, type Validation, validateRidge } from "../src/core/models/clr/cross-validate.ts";
import { type DayLosses, dayLosses } from "../src/core/models/clr/day-losses.ts";
import { rowLoss } from "../src/core/models/clr/logit.ts";
import { IDENTITY } from "../src/core/models/clr/platt.ts";
import { POOL_DEFAULTS, poolWeights } from "../src/core/models/clr/pool-weights.ts";
import { refit } from "../src/core/models/clr/refit.ts";
import { createScorer } from "../src/core/models/clr/score.ts";
import { orderRows, reasonsToSkip, type TrainingRows, thin } from "../src/core/models/clr/training-rows.ts";
import { readRecordedHome } from "../src/runtime/replay/recorded-home.ts";
import { GRID_MS } from "../src/runtime/stage-options.ts";
import { machine } from "./machine.ts";
import { walkHome } from "./walk-forward.ts";

/**
 * How the constants of the model were chosen: recorded homes walked forward through the real stages, trained anew every morning, each constant
 * at several values. Then each home is left out: what the others would have chosen (geometric mean of log losses), and what that costs here.
 */

type StrengthRule = "within one standard error" | "at the minimum";
interface Settings {
  /** See POOL_DEFAULTS.observationsPerDay; infinite: one winner. */
  readonly observationsPerDay: number;
  /** See POOL_DEFAULTS.mostErrors. */
  readonly mostErrors: number;
  readonly strength: StrengthRule;
  readonly calibration: "where it pays" | "never" | "always";
  readonly candidates: "all" | "without any hour" | "without graded" | "without single sensors";
}

const SERVED: Settings = {
  observationsPerDay: POOL_DEFAULTS.observationsPerDay,
  mostErrors: POOL_DEFAULTS.mostErrors,
  strength: "within one standard error",
  calibration: "where it pays",
  candidates: "all",
};
const ALTERNATIVES: { readonly [K in keyof Settings]: readonly Settings[K][] } = {
  observationsPerDay: [1, 3, 10, 20, 50, Number.POSITIVE_INFINITY],
  mostErrors: [1, 2, 3, Number.POSITIVE_INFINITY],
  strength: ["within one standard error", "at the minimum"],
  calibration: ["where it pays", "never", "always"],
  candidates: ["all", "without any hour", "without graded", "without single sensors"],
};
const LEFT_OUT: Readonly<Record<Settings["candidates"], (name: string) => boolean>> = {
  all: () => false,
  "without any hour": (name) => name.endsWith("any hour"),
  "without graded": (name) => name.endsWith("graded"),
  "without single sensors": (name) => name.startsWith("entity"),
};

/** One candidate at one rule of strength: what it said of days held out, and of the day after. */
interface Said {
  readonly name: string;
  readonly held: Float64Array;
  readonly losses: DayLosses;
  readonly next: Float64Array;
}
interface Day {
  readonly validation: Validation | null;
  readonly said: Readonly<Record<StrengthRule, readonly Said[]>>;
  readonly labels: Uint8Array;
}

export async function run(options: Readonly<Record<string, string | boolean | undefined>>): Promise<object> {
  const folder = String(options["homes"] ?? join(process.env["DATA_DIR"] ?? "../shared/data", "homes"));
  const homes: Record<string, readonly Day[]> = {};
  for (const entry of readdirSync(folder, { withFileTypes: true }).filter((each) => each.isDirectory())) {
    const { horizonMs, mornings } = await walkHome(readRecordedHome(join(folder, entry.name)));
    homes[entry.name] = mornings.flatMap(({ training, next }) => dayOf(training, next, horizonMs) ?? []);
    process.stderr.write(`${entry.name}: ${homes[entry.name]!.length} mornings\n`);
  }
  const tables = Object.keys(ALTERNATIVES).map((constant) => tableOf(constant as keyof Settings, homes));
  for (const { lines } of tables) process.stderr.write(`${lines.join("\n")}\n\n`);
  return {
    name: "constants",
    unit: "log loss, walk-forward",
    machine: machine(),
    constants: tables.map(({ lines: _, ...table }) => table),
  };
}

function tableOf<K extends keyof Settings>(constant: K, homes: Readonly<Record<string, readonly Day[]>>) {
  const names = Object.keys(homes);
  const values = ALTERNATIVES[constant];
  const losses = values.map((value) => names.map((name) => lossOf(homes[name]!, { ...SERVED, [constant]: value })));
  const geometric = (row: readonly number[], without: number): number =>
    Math.exp(row.reduce((sum, loss, k) => sum + (k === without ? 0 : Math.log(loss)), 0) / (row.length - Number(without >= 0)));
  // With one home nobody is left to choose.
  const leftOut = (names.length < 2 ? [] : names).map((home, k) => {
    const means = losses.map((row) => geometric(row, k));
    const chosen = means.indexOf(Math.min(...means));
    return {
      home,
      chosenByTheOthers: String(values[chosen]),
      logLoss: losses[chosen]![k]!,
      best: Math.min(...losses.map((row) => row[k]!)),
    };
  });
  const figure = (loss: number): string => loss.toFixed(4).padStart(11);
  const lines = [
    `${constant.padEnd(28)}${names.map((name) => name.padStart(11)).join("")}  geom. mean`,
    ...values.map((value, v) => {
      const mark = value === SERVED[constant] ? "*" : " ";
      return `${mark} ${String(value).padEnd(26)}${losses[v]!.map(figure).join("")}${figure(geometric(losses[v]!, -1))}`;
    }),
    `  ${"chosen by the others".padEnd(26)}${leftOut.map(({ chosenByTheOthers }) => chosenByTheOthers.slice(0, 10).padStart(11)).join("")}`,
    `  ${"and what that gives".padEnd(26)}${leftOut.map(({ logLoss }) => figure(logLoss)).join("")}`,
  ];
  const table = values.map((value, v) => ({
    value: String(value),
    logLoss: Object.fromEntries(names.map((name, k) => [name, losses[v]![k]])),
  }));
  return { constant, served: String(SERVED[constant]), table, leftOut, lines };
}

function lossOf(days: readonly Day[], settings: Settings): number {
  let sum = 0;
  let rows = 0;
  for (const day of days) {
    const logits = answer(day, settings);
    for (let i = 0; i < logits.length; i++) sum += rowLoss(day.labels[i]!, logits[i]!);
    rows += logits.length;
  }
  return sum / rows;
}

function answer({ validation, said }: Day, settings: Settings): Float64Array {
  const members = said[settings.strength].filter(({ name }) => !LEFT_OUT[settings.candidates](name));
  const weights = validation === null ? Float64Array.of(1) : weigh(members, settings);
  const mix = (of: "held" | "next"): Float64Array =>
    members[0]![of].map((_, i) => members.reduce((logit, member, k) => logit + weights[k]! * member[of][i]!, 0));
  if (validation === null || settings.calibration === "never") return mix("next");
  const choice = chooseCalibration(validation, mix("held"));
  const { slope, intercept } = settings.calibration === "always" ? choice.fitted : choice;
  return mix("next").map((logit) => slope * logit + intercept);
}

function weigh(members: readonly Said[], { observationsPerDay, mostErrors }: Settings): Float64Array {
  const losses = members.map((member) => member.losses);
  if (Number.isFinite(observationsPerDay)) return poolWeights(losses, { ...POOL_DEFAULTS, observationsPerDay, mostErrors });
  const totals = losses.map((days) => days.reduce((sum, loss) => sum + loss, 0));
  return Float64Array.from(totals, (total) => Number(total === Math.min(...totals)));
}

const UNVALIDATED_STRENGTH = 10;
const MIN_ROWS_PER_CLASS = 50;

/** Null while there is too little to learn from, or nothing to score. */
function dayOf(training: TrainingRows, next: TrainingRows, horizonMs: number): Day | null {
  const positives = training.labels.reduce((sum, label) => sum + label, 0);
  const ordered = orderRows(training);
  if (Math.min(positives, training.labels.length - positives) < MIN_ROWS_PER_CLASS || reasonsToSkip(ordered).length > 0) return null;
  if (next.labels.length === 0) return null;
  const thinned = thin(ordered.rows, 8000);
  const validation = prepareValidation(ordered, thinned.rows, thinned.stride, { horizonMs, gridMs: GRID_MS, maxFolds: 5 });
  const say = (candidate: ValidatedCandidate["candidate"], strength: number): Float64Array => {
    const { model } = refit(ordered, { kind: "ridge", members: [{ candidate, strength, weight: 1 }] }, IDENTITY);
    const imputation = Object.fromEntries(model.featureNames.map((name, k) => [name, model.imputation[k]!]));
    const linear = { coefficients: [...model.coefficients], intercept: model.intercept };
    const logitOf = createScorer({ model: linear, feature_names: [...model.featureNames], imputation });
    const places = model.featureNames.map((name) => next.features.findIndex((feature) => feature.name === name));
    return Float64Array.from(next.labels, (_, i) => logitOf(places.map((place) => next.design.columns[place * next.design.rows + i]!)));
  };
  if (validation.folds.length === 0) {
    const only = { name: "clock", held: new Float64Array(0), losses: [], next: say(CLOCK_CANDIDATE, UNVALIDATED_STRENGTH) };
    return { validation: null, said: { "within one standard error": [only], "at the minimum": [only] }, labels: next.labels };
  }
  const validated = RIDGE_CANDIDATES.map((candidate) => validateRidge(validation, candidate, STRENGTHS));
  const atMinimum = validated.map(({ candidate, bestStrength }) => validateRidge(validation, candidate, [bestStrength]));
  const saidBy = (all: readonly ValidatedCandidate[]): Said[] =>
    all.map(({ candidate, strength, logits }) => ({
      name: candidate.name,
      held: logits,
      losses: dayLosses(validation.labels, logits, validation.groups, validation.weights),
      next: say(candidate, strength),
    }));
  return { validation, said: { "within one standard error": saidBy(validated), "at the minimum": saidBy(atMinimum) }, labels: next.labels };
}
