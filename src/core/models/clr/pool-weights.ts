import { mean } from "simple-statistics";
import { type DayLosses, pairedDifference, widened } from "./day-losses.ts";

export interface PoolOptions {
  /** How many independent observations one day is worth: a day's mean loss counts this many times. */
  readonly observationsPerDay: number;
  /** A candidate that is worse than the best by more than so many standard errors of paired days takes no part. */
  readonly mostErrors: number;
  readonly draws: number;
  readonly seed: number;
}

/**
 * Walk-forward log loss of ordonez_a, kasteren_a, casas_al and ha_inbed, and their geometric mean. By observationsPerDay (no limit of errors), 3:
 * 0.0042 0.0725 0.0331 0.0894, 0.0308; 5: 0.0041 0.0756 0.0329 0.0896, 0.0309; 10: 0.0040 0.0821 0.0332 0.0905, 0.0315; 20: 0.0039 0.0890 0.0342
 * 0.0914, 0.0322. By mostErrors (3 observations), 1: 0.0041 0.0923 0.0413 0.0950, 0.0348; 2: 0.0042 0.0708 0.0314 0.0906, 0.0303; 3: 0.0041 0.0711
 * 0.0332 0.0895, 0.0306. Each home left out in turn, the others choose 3 observations (without kasteren_a: 10) and 2 errors (without casas_al: 3).
 * A candidate that is surely worse blurs the edges of the night: with the limit the median start error fell from 3.8 6.3 12.0 17.0 to
 * 3.3 6.3 8.9 17.0 minutes. It costs where nights are few and no sensor is sure: ordonez_a without its bed mat 0.0453 instead of 0.0411, though
 * its start error fell from 8.8 to 4.2. Bench `constants` prints such tables.
 */
export const POOL_DEFAULTS: PoolOptions = { observationsPerDay: 3, mostErrors: 2, draws: 400, seed: 1 };

/**
 * Weights, summing to 1, with which to average the logits of several candidates: pseudo-BMA+ (Yao, Vehtari, Simpson and Gelman 2018,
 * "Using stacking to average Bayesian predictive distributions", section 3.4) with days as the units. Each draw of the Bayesian
 * bootstrap reweighs the days and turns the held-out losses into softmax weights; the mean over draws is returned. With few nights no
 * candidate wins every draw, so none gets all the weight. Deterministic for a seed.
 */
export function poolWeights(candidates: readonly DayLosses[], options: PoolOptions = POOL_DEFAULTS): Float64Array {
  const weights = new Float64Array(candidates.length);
  const days = candidates[0]?.length ?? 0;
  const takesPart = contendersAmong(candidates, options.mostErrors);
  const next = uniforms(options.seed);
  const share = new Float64Array(days);
  for (let draw = 0; draw < options.draws; draw++) {
    let total = 0;
    for (let day = 0; day < days; day++) {
      share[day] = -Math.log(next());
      total += share[day]!;
    }
    const scores = candidates.map((losses, k) => {
      if (!takesPart[k]) return Number.NEGATIVE_INFINITY;
      let score = 0;
      for (let day = 0; day < days; day++) score -= (share[day]! / total) * losses[day]!;
      return score * days * options.observationsPerDay;
    });
    const highest = Math.max(...scores);
    const raw = scores.map((score) => Math.exp(score - highest));
    const sum = raw.reduce((a, b) => a + b, 0);
    for (let k = 0; k < weights.length; k++) weights[k] = weights[k]! + raw[k]! / sum / options.draws;
  }
  return weights;
}

function contendersAmong(candidates: readonly DayLosses[], mostErrors: number): boolean[] {
  const means = candidates.map((losses) => mean([...losses]));
  const best = candidates.filter((_, k) => means[k] === Math.min(...means));
  const isSurelyWorse = (losses: DayLosses, than: DayLosses): boolean => {
    const difference = pairedDifference(losses, than);
    return difference.mean > mostErrors * widened(difference.standardError, losses.length);
  };
  return candidates.map((losses) => best.some((each) => !isSurelyWorse(losses, each)));
}

/** Uniform numbers in (0, 1), the same for the same seed (Steele, Lea and Flood 2014, SplitMix with 32-bit state). */
function uniforms(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 4294967296 + 1 / 8589934592;
  };
}
