import { logGammaRatio } from "./log-gamma.ts";
import type { ObservationModel } from "./model.ts";

/** Share ~ Beta(a0, b0): worth a0 + b0 slots, of which a0 on. */
export interface RatioPrior {
  readonly a0: number;
  readonly b0: number;
}

/** log of the beta-binomial: `on` of `observed` slots. */
function logBetaBinomial(a: number, b: number, on: number, observed: number): number {
  const off = observed - on;
  const ways = logGammaRatio(off + 1, on) - logGammaRatio(1, on);
  return ways + logGammaRatio(a, on) + logGammaRatio(b, off) - logGammaRatio(a + b, observed);
}

/**
 * On-ratios as `value` slots on out of `exposure` observed: binomial with a Beta prior on the share, predictive beta-binomial
 * (Gelman et al., "Bayesian Data Analysis", 3rd ed., section 2.4). A bare ratio would hide how much was observed.
 * Statistics: a, b.
 */
export function createRatio(prior: RatioPrior): ObservationModel {
  return {
    name: "ratio",
    empty: [prior.a0, prior.b0],

    observe(runs, value, exposure) {
      const { count, seen, logWeight } = runs;
      const as = runs.statistics[0]!;
      const bs = runs.statistics[1]!;
      let largest = Number.NEGATIVE_INFINITY;
      for (let i = 0; i < count; i++) {
        const weight = logWeight[i]! + logBetaBinomial(as[i]!, bs[i]!, value, exposure);
        as[i] = as[i]! + value;
        bs[i] = bs[i]! + exposure - value;
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

    logPredictive: (runs, run, value, exposure) => logBetaBinomial(runs.statistics[0]![run]!, runs.statistics[1]![run]!, value, exposure),

    mean: (runs, run) => runs.statistics[0]![run]! / (runs.statistics[0]![run]! + runs.statistics[1]![run]!),
  };
}
