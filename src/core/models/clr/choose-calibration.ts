import type { Validation } from "./cross-validate.ts";
import { dayLosses, pairedDifference, widened } from "./day-losses.ts";
import { type Calibration, fitPlatt, IDENTITY } from "./platt.ts";

/** A slope outside is a defect of the model, to be reported and not patched. */
const MIN_SLOPE = 0.5;
const MAX_SLOPE = 2;
/**
 * Strong penalties, averaged logits and a share of the clock make a model timid on purpose while days are few; a slope above 1 would undo
 * that on the word of the same few days. Calming needs no such proof.
 */
const MIN_DAYS_TO_SHARPEN = 14;

export interface CalibrationChoice extends Calibration {
  readonly isApplied: boolean;
  readonly reason: string;
  /** What Platt scaling of all held-out logits gives, applied or not. */
  readonly fitted: Calibration;
  /** Held-out logits as the reported model would have given them: scaled by a calibration that did not see their fold. */
  readonly logits: Float64Array;
  /** Mean held-out gain in nats, and its standard error over days. */
  readonly gain: number;
  readonly gainStandardError: number;
}

/**
 * Platt scaling on held-out logits, applied only where it lowers the log loss by more than one standard error of paired days. The gain is
 * measured on folds that the calibration did not see: measured on its own rows it would nearly always gain.
 */
export function chooseCalibration(validation: Validation, logits: Float64Array): CalibrationChoice {
  const { labels, groups, weights, folds } = validation;
  const { slope, intercept } = fitPlatt(labels, logits);
  const fitted: Calibration = { slope, intercept };
  const crossed = Float64Array.from(logits);
  for (const { fold } of folds) {
    const held = new Set(fold.test);
    const others = Array.from(labels.keys()).filter((row) => !held.has(row));
    const line = fitPlatt(
      Uint8Array.from(others, (row) => labels[row]!),
      Float64Array.from(others, (row) => logits[row]!),
    );
    for (const row of fold.test) crossed[row] = line.slope * logits[row]! + line.intercept;
  }
  const difference = pairedDifference(dayLosses(labels, crossed, groups, weights), dayLosses(labels, logits, groups, weights));
  const outcome = { fitted, gain: -difference.mean, gainStandardError: difference.standardError };
  if (!(-difference.mean > widened(difference.standardError, groups.days.length))) {
    return { ...IDENTITY, ...outcome, isApplied: false, reason: "gains no more than one standard error", logits };
  }
  if (!(slope >= MIN_SLOPE && slope <= MAX_SLOPE)) {
    return {
      ...IDENTITY,
      ...outcome,
      isApplied: false,
      reason: `slope ${slope.toFixed(2)} is outside ${MIN_SLOPE} to ${MAX_SLOPE}`,
      logits,
    };
  }
  if (slope > 1 && groups.days.length < MIN_DAYS_TO_SHARPEN) {
    const reason = `${groups.days.length} days are too few to sharpen by (${MIN_DAYS_TO_SHARPEN} needed)`;
    return { ...IDENTITY, ...outcome, isApplied: false, reason, logits };
  }
  return { ...fitted, ...outcome, isApplied: true, reason: "gains more than one standard error", logits: crossed };
}
