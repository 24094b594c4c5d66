import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { advance, createFilter, type Filter, hazardOf } from "../../../src/core/changes/filter.ts";
import { createGaussian } from "../../../src/core/changes/gaussian.ts";
import { logGamma } from "../../../src/core/changes/log-gamma.ts";
import { expectedMean, expectedRunLength, probabilities, probabilityUpTo } from "../../../src/core/changes/posterior.ts";
import { copyRuns } from "../../../src/core/changes/runs.ts";
import { GAUSSIAN_PRIOR, MODELS, type Observation, observationOf, POISSON_PRIOR, RATIO_PRIOR, seeded } from "./models.ts";

const unit = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const draw = fc.tuple(unit, unit, unit);
/** Hours since the point before; runs last 50 on average. */
const elapsed = fc.double({ min: 0.01, max: 60, noNaN: true });
const hazards = fc.double({ min: 1e-4, max: 0.5, noNaN: true });

function filterOf(name: string): Filter {
  const [, create] = MODELS.find(([known]) => known === name) ?? MODELS[0]!;
  return createFilter(create(), null);
}

/** log p(observations | one segment) by the closed forms of Murphy 2007 and Gelman et al., not by predictives. */
function segmentEvidence(model: string, observations: readonly Observation[]): number {
  const known = observations.filter((one): one is readonly [number, number] => one[0] !== null);
  if (model === "gaussian") {
    const { mu0, kappa0, alpha0, beta0 } = GAUSSIAN_PRIOR;
    const n = known.length;
    if (n === 0) return 0;
    const mean = known.reduce((sum, [value]) => sum + value, 0) / n;
    const squares = known.reduce((sum, [value]) => sum + (value - mean) ** 2, 0);
    const beta = beta0 + squares / 2 + (kappa0 * n * (mean - mu0) ** 2) / (2 * (kappa0 + n));
    const alpha = alpha0 + n / 2;
    return (
      logGamma(alpha) -
      logGamma(alpha0) +
      alpha0 * Math.log(beta0) -
      alpha * Math.log(beta) +
      0.5 * Math.log(kappa0 / (kappa0 + n)) -
      (n / 2) * Math.log(2 * Math.PI)
    );
  }
  let log = 0;
  let values = 0;
  let exposures = 0;
  for (const [value, exposure] of known) {
    values += value;
    exposures += exposure;
    if (model === "poisson") log += value * Math.log(exposure) - logGamma(value + 1);
    else log += logGamma(exposure + 1) - logGamma(value + 1) - logGamma(exposure - value + 1);
  }
  if (model === "poisson") {
    const { shape0, rate0 } = POISSON_PRIOR;
    return log + logGamma(shape0 + values) - logGamma(shape0) + shape0 * Math.log(rate0) - (shape0 + values) * Math.log(rate0 + exposures);
  }
  const { a0, b0 } = RATIO_PRIOR;
  const beta = (a: number, b: number) => logGamma(a) + logGamma(b) - logGamma(a + b);
  return log + beta(a0 + values, b0 + exposures - values) - beta(a0, b0);
}

/** The posterior of the run length after the last observation, and the evidence, by adding up every segmentation there is. */
function enumerate(
  model: string,
  observations: readonly Observation[],
  hazards: readonly number[],
): { lengths: number[]; evidence: number } {
  const n = observations.length;
  const lengths = new Array<number>(n + 1).fill(0);
  for (let cuts = 0; cuts < 2 ** (n - 1); cuts++) {
    let log = 0;
    let begin = 0;
    for (let end = 1; end <= n; end++) {
      const ends = end < n && ((cuts >> (end - 1)) & 1) === 1;
      const hazard = hazards[end - 1]!;
      if (end < n) log += ends ? Math.log(hazard) : Math.log1p(-hazard);
      if (ends || end === n) log += segmentEvidence(model, observations.slice(begin, end));
      if (ends) begin = end;
    }
    const probability = Math.exp(log);
    const hazard = hazards[n - 1]!;
    lengths[0] = lengths[0]! + hazard * probability;
    lengths[n - begin] = lengths[n - begin]! + (1 - hazard) * probability;
  }
  const evidence = lengths.reduce((sum, probability) => sum + probability, 0);
  return { lengths: lengths.map((probability) => probability / evidence), evidence: Math.log(evidence) };
}

describe.each(MODELS.map(([name]) => name))("the exact filter (%s)", (name) => {
  test("agrees with adding up every segmentation of up to 8 points, however unevenly they come", () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(draw, elapsed), { minLength: 1, maxLength: 8 }), (draws) => {
        const observations = draws.map(([one]) => observationOf(name, one, true));
        const each = draws.map(([, hours]) => hazardOf(hours, 50));
        const filter = filterOf(name);
        for (const [k, [value, exposure]] of observations.entries()) advance(filter, value, exposure, each[k]!, 0);
        const truth = enumerate(name, observations, each);
        const found = probabilities(filter, observations.length);
        for (const [length, probability] of truth.lengths.entries()) expect(Math.abs(found[length]! - probability)).toBeLessThan(1e-11);
        expect(Math.abs(filter.logEvidence - truth.evidence)).toBeLessThan(1e-10);
      }),
      { numRuns: 60 },
    );
  });

  test("has a posterior that sums to 1 after every step", () => {
    fc.assert(
      fc.property(fc.array(draw, { minLength: 1, maxLength: 60 }), hazards, (draws, hazard) => {
        const filter = filterOf(name);
        for (const one of draws) {
          const [value, exposure] = observationOf(name, one, true);
          advance(filter, value, exposure, hazard, 0);
          expect(Math.abs(probabilityUpTo(filter, filter.step) - 1)).toBeLessThan(1e-12);
          expect(Math.abs(probabilityUpTo(filter, 0) - hazard)).toBeLessThan(1e-12);
        }
      }),
    );
  });

  test("predicts by the formula of its density", () => {
    fc.assert(
      fc.property(fc.array(draw, { minLength: 2, maxLength: 30 }), (draws) => {
        const filter = filterOf(name);
        for (const one of draws.slice(1)) {
          const [value, exposure] = observationOf(name, one, false);
          advance(filter, value, exposure, 0.1, 0);
        }
        const [value, exposure] = observationOf(name, draws[0]!, false);
        const before = copyRuns(filter.runs, filter.runs.count);
        filter.model.observe(filter.runs, value ?? 0, exposure);
        for (let run = 0; run < before.count; run++) {
          const gained = filter.runs.logWeight[run]! - before.logWeight[run]!;
          expect(Math.abs(gained - filter.model.logPredictive(before, run, value ?? 0, exposure))).toBeLessThan(1e-11);
        }
      }),
    );
  });

  test("ages by the hazard alone where observations are missing", () => {
    fc.assert(
      fc.property(fc.array(draw, { minLength: 1, maxLength: 20 }), fc.integer({ min: 1, max: 30 }), hazards, (draws, holes, hazard) => {
        const filter = filterOf(name);
        for (const one of draws) advance(filter, ...observationOf(name, one, false), hazard, 0);
        const before = probabilities(filter, filter.step);
        const { logEvidence } = filter;
        const mean = expectedMean(filter);
        for (let k = 0; k < holes; k++) advance(filter, null, 1, hazard, 0);
        expect(filter.logEvidence).toBe(logEvidence);
        const after = probabilities(filter, filter.step);
        for (const [length, probability] of before.entries()) {
          expect(after[length + holes]).toBeCloseTo(probability * (1 - hazard) ** holes, 11);
        }
        for (let length = 0; length < holes; length++) expect(after[length]).toBeCloseTo(hazard * (1 - hazard) ** length, 11);
        // Runs that began in the hole know nothing yet, so the expected mean moves toward the prior's and no further.
        const prior = filter.model.mean(filter.runs, filter.runs.count - 1);
        expect(Math.abs(expectedMean(filter) - prior)).toBeLessThanOrEqual(Math.abs(mean - prior) * (1 + 1e-9) + 1e-12);
      }),
    );
  });
});

describe("the Gaussian filter", () => {
  const numbers = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 40 });

  test("sees the same in any unit and from any zero", () => {
    fc.assert(
      fc.property(
        numbers,
        fc.double({ min: -50, max: 50, noNaN: true }),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        (values, shift, scale) => {
          const { mu0, kappa0, alpha0, beta0 } = GAUSSIAN_PRIOR;
          const plain = createFilter(createGaussian(GAUSSIAN_PRIOR), null);
          const other = createFilter(createGaussian({ mu0: scale * mu0 + shift, kappa0, alpha0, beta0: beta0 * scale * scale }), null);
          for (const value of values) {
            advance(plain, value, 1, 0.02, 0);
            advance(other, scale * value + shift, 1, 0.02, 0);
          }
          const expected = probabilities(plain, plain.step);
          for (const [length, probability] of probabilities(other, other.step).entries()) {
            expect(Math.abs(probability - expected[length]!)).toBeLessThan(1e-7);
          }
          expect(other.logEvidence + values.length * Math.log(scale)).toBeCloseTo(plain.logEvidence, 6);
        },
      ),
    );
  });

  test("keeps the logarithm of its scale right over 20000 observations, through the change from table to series", () => {
    const random = seeded(11);
    const filter = createFilter(createGaussian(GAUSSIAN_PRIOR), { runs: 10, untouched: 4, tail: 0 });
    for (let k = 0; k < 20_000; k++) advance(filter, random.normal(), 1, 1e-9, 0);
    const { seen, statistics } = filter.runs;
    expect(seen[0]).toBe(20_000);
    const beta = statistics[1]![0]!;
    expect(Math.abs(statistics[2]![0]! - Math.log(beta / (GAUSSIAN_PRIOR.alpha0 + 10_000)))).toBeLessThan(1e-11);
  });

  test("refuses what is no number", () => {
    const filter = createFilter(createGaussian(GAUSSIAN_PRIOR), null);
    expect(() => advance(filter, Number.NaN, 1, 0.1, 0)).toThrow(RangeError);
    expect(() => advance(filter, Number.POSITIVE_INFINITY, 1, 0.1, 0)).toThrow(RangeError);
  });
});

describe("the hazard", () => {
  test("of two windows is that of one as long as both", () => {
    const one = hazardOf(3600, 7200);
    expect(1 - (1 - one) ** 2).toBeCloseTo(hazardOf(7200, 7200), 14);
    expect(hazardOf(1, 1e12)).toBeCloseTo(1e-12, 20);
  });

  test("keeps the posterior finite through ten thousand missing points", () => {
    const filter = createFilter(createGaussian(GAUSSIAN_PRIOR), { runs: 100, untouched: 32, tail: 0 });
    for (let k = 0; k < 50; k++) advance(filter, 1, 1, 0.3, 0);
    for (let k = 0; k < 10_000; k++) advance(filter, null, 1, 0.3, 0);
    expect(probabilityUpTo(filter, filter.step)).toBeCloseTo(1, 12);
    expect(expectedRunLength(filter)).toBeCloseTo(0.7 / 0.3, 6);
  });
});
