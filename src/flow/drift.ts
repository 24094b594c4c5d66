import type { Artifact } from "../core/models/clr/artifact.ts";
import { createDesign } from "../core/models/clr/design.ts";
import { type Drift, type DriftReport, type DriftWindows, measureDrift } from "../core/models/clr/drift-report.ts";
import { createScorer } from "../core/models/clr/score.ts";
import { DAY_MS, isoMs } from "../core/time.ts";
import { type FeatureSet, featureRange, readEveryFeatureRow } from "../store/tables/features.ts";
import { readLabels } from "../store/tables/labels.ts";
import type { StageContext } from "./stage.ts";
import { createRowReader } from "./stored-rows.ts";

/** Every third window: neighbours overlap, and their features hardly differ. */
const EVERY = 3;
const DAYS_PER_READ = 7;
/** Days read: the longest reference and the newest week. */
const MOST_DAYS = 67;
/** The reference of a model that moves mostly by what has drifted is no longer what it knows. */
const MOST_DRIFTED_WEIGHT = 0.5;

interface DriftedFeature extends Drift {
  readonly feature: string;
  /** |coefficient| times its training standard deviation, as a share of the sum of all. */
  readonly weight: number;
}

interface ComparedDays {
  readonly days: number;
  /** Instants, ISO-8601 UTC. */
  readonly from: string;
  readonly to: string;
}

/** How the newest week differs from the weeks before, in the eyes of one model. Days are spans of 24 hours that end with the newest window. */
export interface DriftSummary {
  readonly reference: ComparedDays;
  readonly current: ComparedDays;
  /** Of the model's logit: what the drift of its inputs amounts to. */
  readonly score: Drift;
  /** The most drifted first. */
  readonly features: readonly DriftedFeature[];
  /** Share of the model's weight that stands on features which have drifted. */
  readonly driftedWeight: number;
  /** Worth a training of its own: the score has drifted, or most of what the model stands on, and it had a day earlier. */
  readonly isSerious: boolean;
}

export interface DriftQuestion {
  readonly targetId: number;
  readonly model: Artifact;
  /** The features of the model are of this set, or among those of an older one. */
  readonly set: FeatureSet;
  /** Windows before are not looked at: an earlier drift, that has been answered with a training. */
  readonly sinceMs: number;
}

/** Null: too few days to compare. */
export function driftOf(context: StageContext, question: DriftQuestion): DriftSummary | null {
  const { model } = question;
  const windows = readWindows(context, question);
  const report = measureDrift(windows);
  if (report === null) return null;
  const summary = summaryOf(model, report, windows.endMs);
  if (!summary.isSerious) return summary;
  // A single odd day is no habit: the week that ended a day earlier has to say the same.
  const before = measureDrift(windows, report.current.lastDay - 1);
  return { ...summary, isSerious: before !== null && summaryOf(model, before, windows.endMs).isSerious };
}

function summaryOf(model: Artifact, report: DriftReport, endMs: number): DriftSummary {
  const weights = model.feature_names.map((name, k) => Math.abs(model.model.coefficients[k]!) * (model.scale[name] ?? 0));
  const total = weights.reduce((sum, weight) => sum + weight, 0) || 1;
  const features = model.feature_names
    .map((feature, k): DriftedFeature => ({ feature, weight: rounded(weights[k]! / total), ...roundedDrift(report.columns[k]!) }))
    .sort((a, b) => b.psi / b.limit - a.psi / a.limit || (a.feature < b.feature ? -1 : 1));
  const score = roundedDrift(report.columns.at(-1)!);
  const driftedWeight = features.reduce((sum, { weight, hasDrifted }) => sum + (hasDrifted ? weight : 0), 0);
  const instantOf = (day: number): string => isoMs(endMs + day * DAY_MS);
  const dated = ({ days, firstDay, lastDay }: DriftReport["current"]) => ({ days, from: instantOf(firstDay), to: instantOf(lastDay + 1) });
  return {
    reference: dated(report.reference),
    current: dated(report.current),
    score,
    features,
    driftedWeight,
    isSerious: score.hasDrifted || driftedWeight > MOST_DRIFTED_WEIGHT,
  };
}

/** For a person: what drifted, from when to when, against what. */
export function driftWords({ reference, current, score, features, driftedWeight }: DriftSummary): string {
  const drifted = features.filter(({ hasDrifted }) => hasDrifted);
  const most = drifted[0];
  return [
    `the ${current.days} days up to ${current.to.slice(0, 16)} UTC against the ${reference.days} days before:`,
    `score PSI ${score.psi.toFixed(2)} (limit ${score.limit.toFixed(2)}),`,
    `${drifted.length} of ${features.length} features with ${Math.round(100 * driftedWeight)} % of the model's weight`,
    ...(most === undefined ? [] : [`(most ${most.feature}, PSI ${most.psi.toFixed(2)}, limit ${most.limit.toFixed(2)})`]),
  ].join(" ");
}

const rounded = (value: number): number => Number(value.toPrecision(3));
const roundedDrift = ({ psi, limit, hasDrifted }: Drift): Drift => ({ psi: rounded(psi), limit: rounded(limit), hasDrifted });

interface ReadWindows extends DriftWindows {
  /** End of the newest window, with which day -1 ends. */
  readonly endMs: number;
}

/** The model's features, and its logit as the last column, of windows that nothing excludes. */
function readWindows({ reader, options }: StageContext, { targetId, model, set, sinceMs }: DriftQuestion): ReadWindows {
  const { gridMs } = options;
  const range = featureRange(reader);
  const windowsPerDay = Math.round(DAY_MS / gridMs);
  const place = new Map(set.members.map((member, index) => [member.name, index]));
  const places = model.feature_names.map((name) => place.get(name) ?? -1);
  const logitOf = createScorer(model);
  const rows = createRowReader(reader, set);
  const excluded = readLabels(reader, targetId).filter((label) => label.status === "active" && label.kind === "excluded");
  const isExcluded = (endMs: number): boolean => excluded.some((label) => endMs > label.startMs && endMs - gridMs < label.endMs);
  const days: number[] = [];
  const vectors: Float64Array[] = [];
  const toNo = range?.lastNo ?? -1;
  const fromNo = Math.max(range?.firstNo ?? 0, Math.ceil(sinceMs / gridMs), toNo - MOST_DAYS * windowsPerDay + 1);
  const step = DAYS_PER_READ * windowsPerDay;
  for (let no = fromNo; no <= toNo; no += step) {
    for (const row of readEveryFeatureRow(reader, { fromNo: no, toNo: Math.min(toNo, no + step - 1), every: EVERY })) {
      if (isExcluded(row.windowNo * gridMs)) continue;
      const values = rows.read(row.setId, row.valuesJson);
      days.push(Math.floor((row.windowNo - toNo - 1) / windowsPerDay));
      vectors.push(Float64Array.from(places, (at) => (at < 0 ? Number.NaN : values[at]!)));
    }
  }
  const design = createDesign(vectors.length, places.length + 1);
  vectors.forEach((vector, i) => {
    for (let j = 0; j < places.length; j++) design.columns[j * design.rows + i] = vector[j]!;
    design.columns[places.length * design.rows + i] = logitOf(vector);
  });
  return { design, days: Int32Array.from(days), endMs: toNo * gridMs };
}
