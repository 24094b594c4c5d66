import { createRatio } from "../../../src/core/changes/beta-binomial.ts";
import { createGaussian } from "../../../src/core/changes/gaussian.ts";
import type { ObservationModel } from "../../../src/core/changes/model.ts";
import { createPoisson } from "../../../src/core/changes/poisson-gamma.ts";

export type Observation = readonly [value: number | null, exposure: number];

export const GAUSSIAN_PRIOR = { mu0: 0.3, kappa0: 0.7, alpha0: 1.3, beta0: 0.9 };
export const POISSON_PRIOR = { shape0: 1.5, rate0: 0.6 };
export const RATIO_PRIOR = { a0: 1.2, b0: 0.8 };

export const MODELS: readonly (readonly [string, () => ObservationModel])[] = [
  ["gaussian", () => createGaussian(GAUSSIAN_PRIOR)],
  ["poisson", () => createPoisson(POISSON_PRIOR)],
  ["ratio", () => createRatio(RATIO_PRIOR)],
];

/** Turns three numbers within 0..1 into an observation of the model; every fifth or so is missing when `holes`. */
export function observationOf(model: string, [a, b, c]: readonly [number, number, number], holes: boolean): Observation {
  const missing = holes && c > 0.8;
  if (model === "gaussian") return [missing ? null : 6 * a - 3, 1];
  if (model === "poisson") return [missing ? null : Math.floor(12 * a), 0.25 + 2 * b];
  const slots = 1 + Math.floor(12 * b);
  return [missing ? null : Math.round(a * slots), slots];
}

/** A stream of pseudo-random numbers within 0..1 (mulberry32), so that every figure here has a seed. */
export function seeded(seed: number): { uniform(): number; normal(): number; poisson(mean: number): number } {
  let state = seed >>> 0;
  const uniform = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 4294967296;
  };
  return {
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform()),
    poisson(mean) {
      let count = 0;
      for (let left = Math.exp(-mean), product = uniform(); product > left; product *= uniform()) count += 1;
      return count;
    },
  };
}
