import { z } from "zod";
import { isoMs } from "../../time.ts";
import type { Assessment } from "./assess.ts";
import { FEATURE_GROUPS } from "./candidates.ts";
import type { DayMarks } from "./day-marks.ts";
import { ClrFault } from "./fault.ts";
import type { RawModel } from "./refit.ts";
import type { SelectedModel } from "./selection.ts";

const finite = z.number();
const maybe = finite.nullable();
const INCOMPLETE = "one coefficient and one imputation value per feature name";

const metricsSchema = z.object({
  log_loss: finite,
  brier: finite,
  auc: maybe,
  average_precision: maybe,
  ece: finite,
  calibration_slope: maybe,
  calibration_intercept: maybe,
});

/** Feature j of the raw values is multiplied by coefficient j; a missing value becomes its imputation, the training mean. */
const linearShape = {
  model: z.object({ coefficients: z.array(finite), intercept: finite }),
  feature_names: z.array(z.string()),
  imputation: z.record(z.string(), finite),
};
const linearSchema = z.object(linearShape).refine(isComplete, INCOMPLETE);

const groupSchema = z.enum(FEATURE_GROUPS);
const recipeSchema = z.union([
  z.object({
    kind: z.literal("ridge"),
    members: z
      .array(
        z.object({
          candidate: z.object({ name: z.string(), upTo: groupSchema, multipliers: z.tuple([finite, finite, finite, finite]).readonly() }),
          strength: finite,
          weight: finite,
        }),
      )
      .readonly(),
  }),
  z.object({ kind: z.literal("early stop"), steps: finite, thinning: z.object({ everyRow: finite, everyDay: finite }) }),
]);

/**
 * What a champion is, as stored in artifact_json. A consumer needs `model` and `feature_names` alone:
 * probability = sigmoid(intercept + sum of coefficient * raw feature value). Scaling and calibration are folded in.
 */
export const artifactSchema = z
  .object({
    artifact_version: z.literal(1),
    model_type: z.literal("clr"),
    ...linearShape,
    target: z.string(),
    model_version: z.string(),
    feature_set_version: z.string(),
    /** Unit of each feature that has one. */
    units: z.record(z.string(), z.string()),
    /** What a state becomes as a number, for consumers that read live states. */
    state_mappings: z.record(z.string(), finite),
    /** Time of day alone, for windows that the model cannot answer: read like the model itself. */
    clock: linearSchema,
    /** Training standard deviation of each feature. */
    scale: z.record(z.string(), finite),
    recipe: z.string(),
    stage: z.enum(["none", "clock", "preview", "eligible"]),
    training: z.object({
      rows: z.int().min(0),
      positives: z.int().min(0),
      days: z.int().min(0),
      /** End of the newest window it was trained on; absent in models of an older version. */
      until_utc: z.iso.datetime().optional(),
      /** What was said of each day that it was trained on; absent in models of an older version. */
      said: z.object({ from_day: z.int(), marks: z.string() }).optional(),
      metrics: metricsSchema.nullable(),
      clock_log_loss: maybe,
      base_rate_log_loss: maybe,
      skill_vs_clock: maybe,
      skill_vs_base_rate: maybe,
    }),
    /** Slope and intercept of Platt scaling before folding; 1 and 0 when it was left out. */
    calibration: z.object({ slope: finite, intercept: finite, applied: z.boolean() }),
    /** What it was fitted by, so that it can be fitted again; absent in models of an older version. */
    made_of: recipeSchema.optional(),
    checksum: z.string(),
  })
  .refine(isComplete, INCOMPLETE);

export type Artifact = Readonly<z.infer<typeof artifactSchema>>;

interface ArtifactLabel {
  readonly target: string;
  readonly modelVersion: string;
  readonly featureSetVersion: string;
  readonly stage: Artifact["stage"];
  readonly units?: Readonly<Record<string, string>>;
  readonly stateMappings?: Readonly<Record<string, number>>;
  /** Labelled windows known, and how many of them were so. */
  readonly rows: number;
  readonly positives: number;
  /** What was said of each day. */
  readonly said: DayMarks;
  /** End of the newest training window. */
  readonly trainedUntilMs: number;
}

export function createArtifact(selected: SelectedModel, label: ArtifactLabel): Artifact {
  const { model, clockModel, report, figures } = selected;
  const { slope, intercept } = selected.calibration;
  const artifact: Omit<Artifact, "checksum"> = {
    artifact_version: 1,
    model_type: "clr",
    ...linearOf(model),
    target: label.target,
    model_version: label.modelVersion,
    feature_set_version: label.featureSetVersion,
    units: { ...label.units },
    state_mappings: { ...(label.stateMappings ?? { on: 1, off: 0 }) },
    clock: linearOf(clockModel),
    scale: byName(model, model.scale),
    recipe: selected.recipeName,
    stage: label.stage,
    training: {
      rows: label.rows,
      positives: label.positives,
      days: report.days,
      until_utc: isoMs(label.trainedUntilMs),
      said: label.said,
      metrics: figures && metricsOf(figures.assessment),
      clock_log_loss: figures?.clock.logLoss ?? null,
      base_rate_log_loss: figures?.baseRate.logLoss ?? null,
      skill_vs_clock: figures?.skillVsClock ?? null,
      skill_vs_base_rate: figures?.skillVsBaseRate ?? null,
    },
    calibration: { slope, intercept, applied: report.calibration?.isApplied ?? false },
    made_of: selected.recipe,
  };
  return { ...artifact, checksum: checksumOf(artifact) };
}

/** @throws ClrFault "artifact invalid" when the text is not an artifact, or not the one that was written. */
export function parseArtifact(text: string): Artifact {
  let stored: unknown;
  let artifact: Artifact;
  try {
    stored = JSON.parse(text);
    artifact = artifactSchema.parse(stored);
  } catch (cause) {
    throw new ClrFault("artifact invalid", "the stored model cannot be read", { cause });
  }
  // Over what was stored, not over what the schema kept of it.
  const { checksum, ...rest } = stored as Artifact;
  if (checksum !== checksumOf(rest)) throw new ClrFault("artifact invalid", "the stored model does not match its checksum");
  return artifact;
}

function isComplete({ model, feature_names, imputation }: z.infer<z.ZodObject<typeof linearShape>>): boolean {
  return model.coefficients.length === feature_names.length && feature_names.every((name) => Object.hasOwn(imputation, name));
}

function linearOf(model: RawModel): z.infer<typeof linearSchema> {
  return {
    model: { coefficients: [...model.coefficients], intercept: model.intercept },
    feature_names: [...model.featureNames],
    imputation: byName(model, model.imputation),
  };
}

function byName(model: RawModel, values: readonly number[]): Record<string, number> {
  return Object.fromEntries(model.featureNames.map((name, k) => [name, values[k]!]));
}

function metricsOf(assessment: Assessment): z.infer<typeof metricsSchema> {
  return {
    log_loss: assessment.logLoss,
    brier: assessment.brier,
    auc: assessment.auc,
    average_precision: assessment.averagePrecision,
    ece: assessment.ece,
    calibration_slope: assessment.slope,
    calibration_intercept: assessment.intercept,
  };
}

/** FNV-1a, 64 bits, of the JSON text with sorted keys: finds damage, does not stand against forgery. */
export function checksumOf(value: unknown): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(JSON.stringify(sorted(value)))) {
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  }
  return `fnv1a64:${hash.toString(16).padStart(16, "0")}`;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return entries.map(([key, entry]) => [key, sorted(entry)]);
}
