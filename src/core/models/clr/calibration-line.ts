import type { Design } from "./design.ts";
import { fitRidge } from "./fit-ridge.ts";
import { sigmoid } from "./logit.ts";
import { rankingOf } from "./metrics.ts";

export interface CalibrationLine {
  /** Below 1: too confident; above 1: too timid. Null where the logits do not vary, or separate the classes so that no slope is finite. */
  readonly slope: number | null;
  readonly intercept: number | null;
  /** Standard error of the slope with whole days as the independent units (sandwich estimate): windows of a night are not independent. */
  readonly slopeStandardError: number | null;
}

const NO_LINE: CalibrationLine = { slope: null, intercept: null, slopeStandardError: null };

/** Cox's calibration: the labels regressed on the logits, without penalty. `dayIndex` names the day of each row. */
export function calibrationLine(labels: Uint8Array, logits: Float64Array, dayIndex: ArrayLike<number>): CalibrationLine {
  const { auc } = rankingOf(labels, logits);
  if (auc === null || auc === 1 || auc === 0 || logits.every((logit) => logit === logits[0])) return NO_LINE;
  const design: Design = { columns: logits, rows: logits.length, cols: 1 };
  const fit = fitRidge({ design, labels, penalties: new Float64Array(1) }, { gradientTolerance: 1e-9, maxIterations: 100 });
  const slope = fit.coefficients[0]!;
  let spread = 0;
  let spreadOnce = 0;
  let spreadTwice = 0;
  const pulls = new Map<number, [number, number]>();
  for (let i = 0; i < labels.length; i++) {
    const logit = logits[i]!;
    const probability = sigmoid(fit.intercept + slope * logit);
    const weight = probability * (1 - probability);
    spread += weight;
    spreadOnce += weight * logit;
    spreadTwice += weight * logit * logit;
    const pull = pulls.get(dayIndex[i]!) ?? [0, 0];
    pull[0] += labels[i]! - probability;
    pull[1] += (labels[i]! - probability) * logit;
    pulls.set(dayIndex[i]!, pull);
  }
  const determinant = spread * spreadTwice - spreadOnce * spreadOnce;
  let variance = 0;
  for (const [pull, pullOnce] of pulls.values()) variance += ((spread * pullOnce - spreadOnce * pull) / determinant) ** 2;
  const days = pulls.size;
  const standardError = days > 1 ? Math.sqrt((variance * days) / (days - 1)) : Number.NaN;
  return { slope, intercept: fit.intercept, slopeStandardError: Number.isFinite(standardError) ? standardError : null };
}
