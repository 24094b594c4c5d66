import { z } from "zod";
import { readDefinition } from "../core/features/definition.ts";
import { parseArtifact } from "../core/models/clr/artifact.ts";
import { effectsOf } from "../core/models/clr/effects.ts";
import { DAY_MS, isoMs } from "../core/time.ts";
import type { Db } from "../store/db.ts";
import { readDefinitions } from "../store/tables/features.ts";
import { readModelTexts, type StoredModel } from "../store/tables/model-list.ts";

const figure = z.number().nullable().optional();
const driftSchema = z.object({ psi: z.number(), limit: z.number(), hasDrifted: z.boolean() });
const spreadSchema = z.object({ median: z.number(), worst: z.number() });
const reportSchema = z.object({
  log_loss: figure,
  brier: figure,
  auc: figure,
  ece: figure,
  calibration_slope: figure,
  skill_vs_clock: figure,
  skill_vs_base_rate: figure,
  recipe: z.string().optional(),
  missing: z.array(z.string()).optional(),
  average_precision: figure,
  held_out: z.object({ by: z.string(), days: z.number() }).nullish(),
  nights: z
    .object({
      nights: z.number(),
      missed: z.number(),
      invented: z.number(),
      start_minutes: spreadSchema.nullable(),
      end_minutes: spreadSchema.nullable(),
    })
    .nullish(),
  reliability: z.array(z.object({ count: z.number(), meanProbability: figure, positiveShare: figure })).optional(),
  per_day: z.array(z.object({ day: z.number(), rows: z.number(), logLoss: z.number() })).optional(),
  dropped: z.array(z.object({ feature: z.string(), reason: z.string() })).optional(),
  why: z.string().optional(),
  drift: z
    .object({
      reference: z.object({ days: z.number() }),
      current: z.object({ days: z.number() }),
      score: driftSchema,
      features: z.array(driftSchema.extend({ feature: z.string() })),
    })
    .nullish(),
  selection: z.object({ notes: z.array(z.string()).optional() }).optional(),
});

const MOST_EFFECTS = 15;
const MOST_DRIFTED = 5;

/** The report card of a stored model as lines for a person. */
export function reportText(db: Db, targetName: string, model: StoredModel): string {
  const { reportJson, artifactJson } = readModelTexts(db, model.artifactId);
  const report = reportSchema.parse(JSON.parse(reportJson));
  const artifact = parseArtifact(artifactJson);
  const definitions = readDefinitions(db).map((member) => readDefinition(member.name, member.definition));
  const { rows, positives, days } = artifact.training;
  const lines = [
    `Model ${model.modelVersion} of ${targetName}, made ${isoMs(model.createdAtMs)}${model.serves === 1 ? ", serves now" : ""}`,
    `  stage ${model.stage}; recipe ${artifact.recipe}; ${rows} windows of ${days} days, ${positives} of them yes`,
    ...(report.why === undefined ? [] : [`  reason of the training: ${report.why}`]),
    ...(model.reason === null ? [] : [`  ${model.reason}`]),
    ...(report.missing ?? []).map((missing) => `  still missing: ${missing}`),
    "",
    `On days that it had not seen${heldOutWords(report)}`,
    ...figuresOf(report),
    "",
    "When it says p, how often it is so",
    ...(report.reliability ?? [])
      .filter(({ count }) => count > 0)
      .map((bin) => `  says ${percent(bin.meanProbability)}, is so ${percent(bin.positiveShare)}  (${bin.count} windows)`),
    "",
    "What moves it most, beside the time of day",
    ...effectsOf(artifact, definitions)
      .slice(0, MOST_EFFECTS)
      .map(({ words, odds }) => `  ${words}: odds ${oddsText(odds)}`),
    "",
    "How the newest week differs from the weeks before (PSI; above its limit it is a drift)",
    ...driftLines(report.drift),
    "",
    "Hardest days",
    ...(report.per_day ?? [])
      .toSorted((a, b) => b.logLoss - a.logLoss)
      .slice(0, 3)
      .map((day) => `  ${isoMs(day.day * DAY_MS).slice(0, 10)}: log loss ${day.logLoss.toPrecision(2)} over ${day.rows} windows`),
    "",
    ...(report.selection?.notes ?? []).map((note) => `- ${note}`),
    ...((report.dropped?.length ?? 0) === 0
      ? []
      : [`- Left out: ${report.dropped!.map((each) => `${each.feature} (${each.reason})`).join(", ")}.`]),
  ];
  return `${lines.join("\n")}\n`;
}

function figuresOf(report: z.infer<typeof reportSchema>): string[] {
  if (report.log_loss == null) return ["  not judged: nothing could be held out"];
  const slope = report.calibration_slope;
  const manner = slope == null ? "" : slope < 0.8 ? ", too sure of itself" : slope > 1.25 ? ", timid" : ", about right";
  return [
    `  log loss ${report.log_loss.toPrecision(3)}, ${better(report.skill_vs_clock)} than the time of day alone, ${better(report.skill_vs_base_rate)} than the base rate`,
    `  Brier score ${report.brier?.toPrecision(3) ?? "-"}, AUC ${report.auc?.toFixed(4) ?? "-"}, average precision ${report.average_precision?.toFixed(4) ?? "-"}, calibration error ${percent(report.ece)}`,
    `  calibration slope ${slope?.toFixed(2) ?? "without a finite value"}${manner}`,
    ...nightLines(report),
  ];
}

function better(skill: number | null | undefined): string {
  return skill != null && skill < 0 ? `${percent(-skill)} worse` : `${percent(skill)} better`;
}

function heldOutWords({ held_out: held }: z.infer<typeof reportSchema>): string {
  if (held == null) return "";
  return held.by === "walk-forward"
    ? ` (the last ${held.days}, each foretold from earlier days alone)`
    : ` (${held.days}, each foretold from the others: too few to walk from day to day)`;
}

function nightLines({ nights }: z.infer<typeof reportSchema>): string[] {
  if (nights == null) return [];
  const { start_minutes: start, end_minutes: end } = nights;
  const off = (what: string, spread: typeof start): string =>
    `  ${what} off by ${spread === null ? "-" : `${Math.round(spread.median)} minutes, at worst ${Math.round(spread.worst)}`}`;
  return [off("start", start), `${off("end", end)}; of ${nights.nights} nights ${nights.missed} missed, ${nights.invented} invented`];
}

function driftLines(drift: z.infer<typeof reportSchema>["drift"]): string[] {
  if (drift == null) return ["  too few days to compare"];
  const line = (what: string, { psi, limit, hasDrifted }: z.infer<typeof driftSchema>): string =>
    `  ${what}: ${psi.toFixed(2)}, limit ${limit.toFixed(2)}${hasDrifted ? ", has drifted" : ""}`;
  const drifted = drift.features.filter(({ hasDrifted }) => hasDrifted);
  return [
    line("the score", drift.score),
    `  ${drifted.length} of ${drift.features.length} features have drifted (${drift.current.days} days against ${drift.reference.days})`,
    ...drifted.slice(0, MOST_DRIFTED).map((each) => line(each.feature, each)),
  ];
}

function percent(share: number | null | undefined): string {
  return share == null ? "-" : `${(100 * share).toFixed(Math.abs(share) < 0.1 ? 1 : 0)} %`;
}

function oddsText(odds: number): string {
  return odds >= 1 ? `x ${odds.toPrecision(2)}` : `/ ${(1 / odds).toPrecision(2)}`;
}
