import { logGamma } from "./log-gamma.ts";

/** log p(points from `from` up to but not including `to` | they are one segment), natural logarithm. */
export type SegmentEvidence = (from: number, to: number) => number;

/** A segment is a level or a straight line, plus noise of unknown variance. Values are expected in units of the series' spread. */
export interface LinePrior {
  /** Level at the segment's middle ~ N(0, variance / kappaLevel). */
  readonly kappaLevel: number;
  /** Slope per length of the series ~ N(0, variance / kappaSlope). */
  readonly kappaSlope: number;
  /** Probability that a segment has no slope. */
  readonly flatShare: number;
  /** Variance ~ InverseGamma(alpha0, beta0). */
  readonly alpha0: number;
  readonly beta0: number;
  /** Exponent of the likelihood. Below 1 the points count for less, as neighbours do that depend on each other. */
  readonly power: number;
}

const LOG_TWO_PI = Math.log(2 * Math.PI);

/**
 * The marginal likelihood of Bayesian linear regression under the conjugate prior (Bishop, "Pattern Recognition", exercise 3.23; Fearnhead
 * 2006, section 3), in O(1) from cumulative sums. Without slopes and with power 1 it is the product of the filter's Gaussian predictives.
 * Missing values (NaN) are left out. Powers of a likelihood: Bissiri, Holmes & Walker 2016.
 */
export function createLineEvidence(values: Float64Array, prior: LinePrior): SegmentEvidence {
  const { kappaLevel, kappaSlope, flatShare, alpha0, beta0, power } = prior;
  const length = values.length;
  const ones = new Float64Array(length + 1);
  const times = new Float64Array(length + 1);
  const timesSquared = new Float64Array(length + 1);
  const sums = new Float64Array(length + 1);
  const squares = new Float64Array(length + 1);
  const products = new Float64Array(length + 1);
  const gammas = new Float64Array(length + 1);
  for (let i = 0; i < length; i++) {
    const known = Number.isNaN(values[i]!) ? 0 : 1;
    const value = known === 1 ? values[i]! : 0;
    const time = i / length;
    ones[i + 1] = ones[i]! + known;
    times[i + 1] = times[i]! + known * time;
    timesSquared[i + 1] = timesSquared[i]! + known * time * time;
    sums[i + 1] = sums[i]! + value;
    squares[i + 1] = squares[i]! + value * value;
    products[i + 1] = products[i]! + value * time;
  }
  const constant = alpha0 * Math.log(beta0) - logGamma(alpha0);
  for (let n = 0; n <= length; n++) gammas[n] = logGamma(alpha0 + (power * n) / 2) + constant - 0.5 * power * n * LOG_TWO_PI;
  const flatWeight = Math.log(flatShare);
  const lineWeight = Math.log1p(-flatShare);

  return (from, to) => {
    const n = ones[to]! - ones[from]!;
    if (n === 0) return 0;
    const sum = sums[to]! - sums[from]!;
    const precision = kappaLevel + power * n;
    const scatter = power * (squares[to]! - squares[from]!) - (power * power * sum * sum) / precision;
    const degrees = alpha0 + (power * n) / 2;
    const common = gammas[n]! + 0.5 * Math.log(kappaLevel / precision);
    // Rounding may leave a little less than nothing.
    const flat = common - degrees * Math.log(beta0 + 0.5 * Math.max(0, scatter)) + flatWeight;
    if (flatShare === 1) return flat;

    const time = times[to]! - times[from]!;
    const middle = time / n;
    const spread = timesSquared[to]! - timesSquared[from]! - middle * time;
    const tilt = products[to]! - products[from]! - middle * sum;
    const slopePrecision = kappaSlope + power * spread;
    const rest = scatter - (power * power * tilt * tilt) / slopePrecision;
    const line = common + 0.5 * Math.log(kappaSlope / slopePrecision) - degrees * Math.log(beta0 + 0.5 * Math.max(0, rest)) + lineWeight;
    return line > flat ? line + Math.log1p(Math.exp(flat - line)) : flat + Math.log1p(Math.exp(line - flat));
  };
}
