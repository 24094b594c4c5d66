import { log1p, log1pTiny } from "./log-exp.ts";
import { logGammaRatio } from "./log-gamma.ts";
import type { ObservationModel } from "./model.ts";
import type { Runs } from "./runs.ts";

/** Normal-inverse-gamma: mean ~ N(mu0, variance / kappa0), variance ~ InverseGamma(alpha0, beta0). */
export interface GaussianPrior {
  readonly mu0: number;
  readonly kappa0: number;
  readonly alpha0: number;
  readonly beta0: number;
}

const HALF_LOG_TWO_PI = 0.9189385332046727;
const TABLED = 2048;

/** log Gamma(a + 1/2) - log Gamma(a) - log(a) / 2 from inverse = 1 / a, a >= 1024. NIST DLMF 5.11.13; next term below 1e-18. */
function halfStepRemainder(inverse: number): number {
  return inverse * (-1 / 8 + inverse * inverse * (1 / 192));
}

/**
 * Gaussian with unknown mean and variance; the predictive is Student's t with 2 alpha degrees of freedom (Murphy, "Conjugate
 * Bayesian analysis of the Gaussian distribution", 2007, section 3). `exposure` is not used.
 * Statistics: mean, beta, log(beta / alpha); kappa and alpha follow from the number of observations.
 */
export function createGaussian(prior: GaussianPrior): ObservationModel {
  const { mu0, kappa0, alpha0, beta0 } = prior;
  // What depends on the number of observations alone: the constant of the density, and log(1 + 1 / (2 alpha)).
  const constantTable = new Float64Array(TABLED);
  const growthTable = new Float64Array(TABLED);
  for (let seen = 0; seen < TABLED; seen++) {
    const alpha = alpha0 + seen / 2;
    constantTable[seen] = logGammaRatio(alpha, 0.5) - 0.5 * Math.log(alpha) - HALF_LOG_TWO_PI - 0.5 * Math.log1p(1 / (kappa0 + seen));
    growthTable[seen] = Math.log1p(0.5 / alpha);
  }
  let surprise = new Float64Array(0);

  return {
    name: "gaussian",
    empty: [mu0, beta0, Math.log(beta0 / alpha0)],

    observe(runs, value) {
      const { count, seen, logWeight } = runs;
      const means = runs.statistics[0]!;
      const betas = runs.statistics[1]!;
      const logScales = runs.statistics[2]!;
      if (surprise.length < count) surprise = new Float64Array(2 * count);
      const surprises = surprise;
      // Three loops run a fifth faster than one: divisions and logarithms then do not wait for each other.
      for (let i = 0; i < count; i++) {
        const beta = betas[i]!;
        const difference = value - means[i]!;
        const kappa = kappa0 + seen[i]!;
        const step = difference / (kappa + 1);
        const gain = 0.5 * difference * step * kappa;
        means[i] = means[i]! + step;
        betas[i] = beta + gain;
        surprises[i] = gain / beta;
      }
      const freedom = 2 * alpha0 + 1;
      let largest = Number.NEGATIVE_INFINITY;
      let i = 0;
      for (; i < count && seen[i]! >= TABLED; i++) {
        const n = seen[i]!;
        const inverse = 1 / (alpha0 + 0.5 * n);
        const constant = halfStepRemainder(inverse) - HALF_LOG_TWO_PI + 0.5 * log1pTiny(-1 / (kappa0 + n + 1));
        const logScale = logScales[i]!;
        const surprised = log1p(surprises[i]!);
        const weight = logWeight[i]! + constant - 0.5 * (logScale + (freedom + n) * surprised);
        logScales[i] = logScale + surprised - log1pTiny(0.5 * inverse);
        seen[i] = n + 1;
        logWeight[i] = weight;
        if (weight > largest) largest = weight;
      }
      for (; i < count; i++) {
        const n = seen[i]!;
        const logScale = logScales[i]!;
        const surprised = log1p(surprises[i]!);
        const weight = logWeight[i]! + constantTable[n]! - 0.5 * (logScale + (freedom + n) * surprised);
        logScales[i] = logScale + surprised - growthTable[n]!;
        seen[i] = n + 1;
        logWeight[i] = weight;
        if (weight > largest) largest = weight;
      }
      return largest;
    },

    blend({ seen, statistics }, kept, gone, share) {
      const [means, betas, logScales] = statistics as [Float64Array, Float64Array, Float64Array];
      const alphaOf = (run: number): number => alpha0 + seen[run]! / 2;
      const [ours, theirs] = [betas[kept]! / alphaOf(kept), betas[gone]! / alphaOf(gone)];
      const variance = ours + share * (theirs - ours);
      means[kept] = means[kept]! + share * (means[gone]! - means[kept]!);
      betas[kept] = variance * alphaOf(kept);
      logScales[kept] = Math.log(variance);
    },

    logPredictive(runs, run, value) {
      const kappa = kappa0 + runs.seen[run]!;
      const alpha = alpha0 + runs.seen[run]! / 2;
      const difference = value - runs.statistics[0]![run]!;
      const spread = (2 * runs.statistics[1]![run]! * (kappa + 1)) / kappa;
      return logGammaRatio(alpha, 0.5) - 0.5 * Math.log(Math.PI * spread) - (alpha + 0.5) * Math.log1p((difference * difference) / spread);
    },

    mean: (runs: Runs, run: number) => runs.statistics[0]![run]!,
  };
}
