import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { covering, matches, mostAgreed } from "../../../src/core/changes/agreement.ts";
import { advance, createFilter } from "../../../src/core/changes/filter.ts";
import { detectChanges, independence } from "../../../src/core/changes/finished.ts";
import { createGaussian } from "../../../src/core/changes/gaussian.ts";
import { createLineEvidence } from "../../../src/core/changes/segment-evidence.ts";
import { mostProbableSegmentation } from "../../../src/core/changes/segmentation.ts";
import { seeded } from "./models.ts";

interface GoldenSeries {
  readonly name: string;
  readonly params: {
    readonly hazard: number;
    readonly mu0: number;
    readonly kappa0: number;
    readonly alpha0: number;
    readonly beta0: number;
  };
  readonly x: readonly number[];
  readonly map_segmentation: unknown;
}
// Written by bocpd_reference.py; see the file's field `about`.
const golden: readonly GoldenSeries[] = JSON.parse(readFileSync(new URL("../../golden/bocpd_golden.json", import.meta.url), "utf8")).series;

describe("the most probable segmentation", () => {
  test.each(golden.map((series) => [series.name, series] as const))("of %s is the golden one", (_, { x, params, map_segmentation }) => {
    const evidence = createLineEvidence(
      Float64Array.from(x, (value) => value - params.mu0),
      { kappaLevel: params.kappa0, kappaSlope: 1, flatShare: 1, alpha0: params.alpha0, beta0: params.beta0, power: 1 },
    );
    expect(mostProbableSegmentation(x.length, evidence, params.hazard, 1)).toEqual(map_segmentation);
  });

  test("is the best of all segmentations of up to 9 points", () => {
    const values = fc.array(fc.double({ min: -4, max: 4, noNaN: true }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(values, fc.integer({ min: 1, max: 3 }), (series, shortest) => {
        const n = series.length;
        const evidence = createLineEvidence(Float64Array.from(series), PRIOR);
        const weightOf = (changes: readonly number[]) => {
          const edges = [0, ...changes, n];
          let weight = changes.length * Math.log(0.1) + (n - 1 - changes.length) * Math.log(0.9);
          for (let k = 1; k < edges.length; k++) weight += evidence(edges[k - 1]!, edges[k]!);
          return weight;
        };
        let best = weightOf([]);
        for (let cuts = 1; cuts < 2 ** (n - 1); cuts++) {
          const changes = Array.from({ length: n - 1 }, (_, k) => k + 1).filter((k) => ((cuts >> (k - 1)) & 1) === 1);
          const edges = [0, ...changes, n];
          if (edges.some((edge, k) => k > 0 && edge - edges[k - 1]! < shortest)) continue;
          best = Math.max(best, weightOf(changes));
        }
        expect(weightOf(mostProbableSegmentation(n, evidence, 0.1, shortest))).toBeCloseTo(best, 9);
      }),
      { numRuns: 40 },
    );
  });
});

const PRIOR = { kappaLevel: 0.5, kappaSlope: 0.2, flatShare: 0.5, alpha0: 2, beta0: 0.7, power: 1 };

describe("the evidence of a segment", () => {
  test("without slopes is the filter's, hole or not", () => {
    const values = fc.array(fc.option(fc.double({ min: -4, max: 4, noNaN: true }), { nil: null }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(values, (series) => {
        const filter = createFilter(createGaussian({ mu0: 0, kappa0: 0.5, alpha0: 2, beta0: 0.7 }), null);
        for (const value of series) advance(filter, value, 1, 1e-300, 0);
        const evidence = createLineEvidence(
          Float64Array.from(series, (value) => value ?? Number.NaN),
          { ...PRIOR, flatShare: 1 },
        );
        expect(evidence(0, series.length)).toBeCloseTo(filter.logEvidence, 8);
      }),
    );
  });

  test("prefers a line where there is one and a level where there is none", () => {
    const random = seeded(1);
    const flat = Float64Array.from({ length: 60 }, () => 0.3 * random.normal());
    const risen = flat.map((value, t) => value + t / 20);
    const of = (series: Float64Array, flatShare: number) => createLineEvidence(series, { ...PRIOR, flatShare })(0, 60);
    expect(of(risen, 1e-9)).toBeGreaterThan(of(risen, 1) + 20);
    expect(of(flat, 1)).toBeGreaterThan(of(flat, 1e-9));
  });
});

describe("a finished series", () => {
  const step = (seed: number, at: number, height: number, length = 300) => {
    const random = seeded(seed);
    return Array.from({ length }, (_, t) => random.normal() + (t >= at ? height : 0));
  };

  test("with two clear changes has just these, in any unit, in spite of holes", () => {
    const series = step(3, 100, 4).map((value, t) => value - (t >= 220 ? 6 : 0));
    const found = detectChanges([series]);
    expect(found).toHaveLength(2);
    expect(Math.abs(found[0]! - 100)).toBeLessThanOrEqual(3);
    expect(Math.abs(found[1]! - 220)).toBeLessThanOrEqual(3);
    expect(detectChanges([series.map((value) => 1e6 - 250 * value)])).toEqual(found);
    const holed = detectChanges([series.map((value, t) => (t % 13 === 5 ? null : value))]);
    expect(holed.map((at) => Math.round(at / 10))).toEqual(found.map((at) => Math.round(at / 10)));
  });

  test("of noise, of a line or of nothing has none", () => {
    for (let seed = 1; seed <= 10; seed++) expect(detectChanges([step(seed, 0, 0)])).toEqual([]);
    expect(detectChanges([Array.from({ length: 100 }, (_, t) => 3 * t + Math.sin(t))])).toEqual([]);
    expect(detectChanges([Array.from({ length: 50 }, () => 7)])).toEqual([]);
    expect(detectChanges([[null, null, 3]])).toEqual([]);
    expect(detectChanges([[]])).toEqual([]);
    expect(detectChanges([])).toEqual([]);
  });

  test("of several dimensions that change together needs a smaller step than one alone", () => {
    const columns = [11, 12, 13, 14].map((seed) => step(seed, 120, 1.1));
    const alone = columns.filter((column) => detectChanges([column]).length > 0);
    expect(alone.length).toBeLessThan(4);
    const together = detectChanges(columns);
    expect(together).toHaveLength(1);
    expect(Math.abs(together[0]! - 120)).toBeLessThanOrEqual(5);
  });

  test("tells independent noise from a walk", () => {
    const random = seeded(8);
    const noise = Float64Array.from({ length: 400 }, () => random.normal());
    const walk = noise.map(
      (
        (sum) => (value) =>
          (sum += value)
      )(0),
    );
    expect(independence(noise)).toBeGreaterThan(0.7);
    expect(independence(walk)).toBeLessThan(0.2);
  });
});

describe("agreement", () => {
  test("matches one to one, nearest first, within the margin", () => {
    expect(matches([10, 20], [14, 16], 5)).toBe(2);
    expect(matches([10, 12], [11], 5)).toBe(1);
    expect(matches([10], [16], 5)).toBe(0);
    expect(matches([10], [15], 5)).toBe(1);
    expect(matches([], [3], 5)).toBe(0);
  });

  test("covers itself fully, and others by their best overlap", () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 99 }), { maxLength: 6 }), (some) => {
        const changes = some.sort((a, b) => a - b);
        expect(covering(changes, changes, 100)).toBeCloseTo(1, 12);
      }),
    );
    expect(covering([50], [], 100)).toBeCloseTo(0.5, 12);
    expect(covering([], [50], 100)).toBeCloseTo(0.5, 12);
    expect(covering([40], [50], 100)).toBeCloseTo((40 * (40 / 50) + 60 * (50 / 60)) / 100, 12);
  });

  test("chooses what most say, whatever the order", () => {
    const most = mostAgreed([[50], [51], [50, 80], [10, 50]], 100, 5);
    expect(matches([50], most, 5)).toBe(1);
    expect(most).toHaveLength(1);
    expect(mostAgreed([[], [], [50]], 100, 5)).toEqual([]);
  });
});
