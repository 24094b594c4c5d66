import { logGamma, logGammaRatio } from "./log-gamma.ts";
import type { ObservationModel } from "./model.ts";

/** Rate ~ Gamma(shape0, rate0): mean shape0 / rate0, worth rate0 units of exposure. */
export interface PoissonPrior {
  readonly shape0: number;
  readonly rate0: number;
}

/** log of the negative binomial: count ~ Poisson(rate * exposure), rate ~ Gamma(shape, per). The count may be fractional. */
function logNegativeBinomial(shape: number, per: number, value: number, exposure: number): number {
  const log = logGammaRatio(shape, value) - logGamma(value + 1) - shape * Math.log1p(exposure / per);
  return value === 0 ? log : log - value * Math.log1p(per / exposure);
}

/**
 * Counts with exposure: Poisson with a Gamma prior on the rate, predictive negative binomial (Gelman et al., "Bayesian Data
 * Analysis", 3rd ed., section 2.6). `exposure` > 0. Statistics: shape, rate.
 */
export function createPoisson(prior: PoissonPrior): ObservationModel {
  return {
    name: "poisson",
    empty: [prior.shape0, prior.rate0],

    observe(runs, value, exposure) {
      const { count, seen, logWeight } = runs;
      const shapes = runs.statistics[0]!;
      const rates = runs.statistics[1]!;
      let largest = Number.NEGATIVE_INFINITY;
      for (let i = 0; i < count; i++) {
        const weight = logWeight[i]! + logNegativeBinomial(shapes[i]!, rates[i]!, value, exposure);
        shapes[i] = shapes[i]! + value;
        rates[i] = rates[i]! + exposure;
        seen[i] = seen[i]! + 1;
        logWeight[i] = weight;
        if (weight > largest) largest = weight;
      }
      return largest;
    },

    // Sums over observations.
    blend({ statistics }, kept, gone, share) {
      for (const column of statistics) column[kept] = column[kept]! + share * (column[gone]! - column[kept]!);
    },

    logPredictive: (runs, run, value, exposure) =>
      logNegativeBinomial(runs.statistics[0]![run]!, runs.statistics[1]![run]!, value, exposure),

    mean: (runs, run) => runs.statistics[0]![run]! / runs.statistics[1]![run]!,
  };
}
