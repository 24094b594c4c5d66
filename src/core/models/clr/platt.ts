import { ClrFault } from "./fault.ts";
import { sigmoid, softplus } from "./logit.ts";

/** probability = sigmoid(slope * score + intercept). Slope 1 and intercept 0 leave a logit as it is. */
export interface Calibration {
  readonly slope: number;
  readonly intercept: number;
}

interface PlattFit extends Calibration {
  /** Cross entropy against the smoothed targets, in nats, summed over rows. */
  readonly objective: number;
  readonly positiveTarget: number;
  readonly negativeTarget: number;
  readonly hasConverged: boolean;
}

export const IDENTITY: Calibration = { slope: 1, intercept: 0 };

/** Keeps the 2 x 2 Hessian invertible where all scores are equal (Lin, Lin and Weng 2007, appendix: sigma). */
const RIDGE = 1e-12;

/**
 * Platt scaling as in Lin, Lin and Weng 2007 (Machine Learning 68, algorithm 1): targets (Np + 1) / (Np + 2) for positives and
 * 1 / (Nn + 2) for negatives, Newton with halving. Their P = 1 / (1 + exp(A f + B)) is slope = -A, intercept = -B here.
 * @throws ClrFault "shape mismatch", "not finite"
 */
export function fitPlatt(labels: Uint8Array, scores: Float64Array): PlattFit {
  if (labels.length !== scores.length || labels.length === 0) throw new ClrFault("shape mismatch", "one label per score, and at least one");
  let positives = 0;
  for (let i = 0; i < labels.length; i++) {
    positives += labels[i]!;
    if (!Number.isFinite(scores[i]!)) throw new ClrFault("not finite", "a score is not finite");
  }
  const negatives = labels.length - positives;
  const positiveTarget = (positives + 1) / (positives + 2);
  const negativeTarget = 1 / (negatives + 2);
  const lossAt = (slope: number, intercept: number): number => {
    let loss = 0;
    for (let i = 0; i < labels.length; i++) {
      const logit = slope * scores[i]! + intercept;
      loss += softplus(logit) - (labels[i] === 1 ? positiveTarget : negativeTarget) * logit;
    }
    return loss;
  };

  let slope = 0;
  let intercept = Math.log((positives + 1) / (negatives + 1));
  let objective = lossAt(slope, intercept);
  let hasConverged = false;
  for (let iteration = 0; iteration < 200 && !hasConverged; iteration++) {
    let gradientSlope = 0;
    let gradientIntercept = 0;
    let hessianSlope = RIDGE;
    let hessianIntercept = RIDGE;
    let hessianBoth = 0;
    for (let i = 0; i < labels.length; i++) {
      const score = scores[i]!;
      const probability = sigmoid(slope * score + intercept);
      const residual = probability - (labels[i] === 1 ? positiveTarget : negativeTarget);
      const spread = probability * (1 - probability);
      gradientSlope += residual * score;
      gradientIntercept += residual;
      hessianSlope += spread * score * score;
      hessianIntercept += spread;
      hessianBoth += spread * score;
    }
    const determinant = hessianSlope * hessianIntercept - hessianBoth * hessianBoth;
    const stepSlope = -(hessianIntercept * gradientSlope - hessianBoth * gradientIntercept) / determinant;
    const stepIntercept = -(hessianSlope * gradientIntercept - hessianBoth * gradientSlope) / determinant;
    const expected = gradientSlope * stepSlope + gradientIntercept * stepIntercept;
    // What a step can still gain is below the rounding of the loss itself.
    if (!(-expected > 1e-15 * objective)) {
      hasConverged = true;
      break;
    }
    let length = 1;
    let next = lossAt(slope + stepSlope, intercept + stepIntercept);
    while (!(next <= objective + 1e-4 * length * expected + 1e-15 * objective) && length > 1e-12) {
      length /= 2;
      next = lossAt(slope + length * stepSlope, intercept + length * stepIntercept);
    }
    if (length <= 1e-12) break;
    slope += length * stepSlope;
    intercept += length * stepIntercept;
    objective = next;
  }
  return { slope, intercept, objective, positiveTarget, negativeTarget, hasConverged };
}

/** a * (w . x + b) + c as coefficients and intercept: an affine map of the logit folds into the model. */
export function foldCalibration(
  model: { readonly coefficients: Float64Array; readonly intercept: number },
  { slope, intercept }: Calibration,
): { readonly coefficients: Float64Array; readonly intercept: number } {
  return { coefficients: model.coefficients.map((coefficient) => coefficient * slope), intercept: model.intercept * slope + intercept };
}
