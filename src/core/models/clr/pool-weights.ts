import type { DayLosses } from "./day-losses.ts";

export interface PoolOptions {
  /** How many independent observations one day is worth: a day's mean loss counts this many times. */
  readonly observationsPerDay: number;
  readonly draws: number;
  readonly seed: number;
}

export const POOL_DEFAULTS: PoolOptions = { observationsPerDay: 3, draws: 400, seed: 1 };

/**
 * Weights, summing to 1, with which to average the logits of several candidates: pseudo-BMA+ (Yao, Vehtari, Simpson and Gelman 2018,
 * "Using stacking to average Bayesian predictive distributions", section 3.4) with days as the units. Each draw of the Bayesian
 * bootstrap reweighs the days and turns the held-out losses into softmax weights; the mean over draws is returned. With few nights no
 * candidate wins every draw, so none gets all the weight. Deterministic for a seed.
 */
export function poolWeights(candidates: readonly DayLosses[], options: PoolOptions = POOL_DEFAULTS): Float64Array {
  const weights = new Float64Array(candidates.length);
  const days = candidates[0]?.length ?? 0;
  const next = uniforms(options.seed);
  const share = new Float64Array(days);
  for (let draw = 0; draw < options.draws; draw++) {
    let total = 0;
    for (let day = 0; day < days; day++) {
      share[day] = -Math.log(next());
      total += share[day]!;
    }
    const scores = candidates.map((losses) => {
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
