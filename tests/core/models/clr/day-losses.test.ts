import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bestOf, dayLosses, groupByDay, pairedDifference, strongestWithinOneError } from "../../../../src/core/models/clr/day-losses.ts";
import { logLoss } from "../../../../src/core/models/clr/metrics.ts";
import { POOL_DEFAULTS, poolWeights } from "../../../../src/core/models/clr/pool-weights.ts";
import { golden } from "./golden.ts";

describe("losses by day", () => {
  test("average to the pooled log loss, however unequal the days", () => {
    const row = fc.record({
      day: fc.integer({ min: 0, max: 4 }),
      label: fc.integer({ min: 0, max: 1 }),
      logit: fc.double({ min: -30, max: 30, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 60 }), (rows) => {
        const labels = Uint8Array.from(rows, ({ label }) => label);
        const logits = Float64Array.from(rows, ({ logit }) => logit);
        const losses = dayLosses(labels, logits, groupByDay(rows.map(({ day }) => day)));
        const mean = losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
        expect(Math.abs(mean - logLoss(labels, logits))).toBeLessThan(1e-9);
      }),
    );
  });

  test("count a row of weight two twice", () => {
    const groups = groupByDay([1, 1, 2]);
    const weighted = dayLosses(Uint8Array.of(1, 0, 1), Float64Array.of(2, 1, -1), groups, Float64Array.of(1, 2, 1));
    const twice = dayLosses(Uint8Array.of(1, 0, 0, 1), Float64Array.of(2, 1, 1, -1), groupByDay([1, 1, 1, 2]));
    for (const [day, loss] of weighted.entries()) expect(loss).toBeCloseTo(twice[day]!, 12);
  });
});

describe("the one-standard-error rule", () => {
  const { C, fold_log_loss, best_C, one_se_C } = golden.one_standard_error;

  test("gives the golden choice when unpaired", () => {
    expect(C[bestOf(fold_log_loss)]).toBe(best_C);
    expect(C[strongestWithinOneError(fold_log_loss, "unpaired")]).toBe(one_se_C);
  });

  test("goes less far when paired, because folds share what is hard about them", () => {
    expect(C[strongestWithinOneError(fold_log_loss, "paired")]).toBeGreaterThanOrEqual(one_se_C);
  });

  test("takes the best where there is a single day", () => {
    expect(strongestWithinOneError([[0.5], [0.3], [0.31]])).toBe(1);
    expect(pairedDifference([0.5], [0.3]).standardError).toBe(0);
  });
});

describe("the weights of a pool", () => {
  test("sum to one, are the same for the same seed, and follow the order of the candidates", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.double({ min: 0, max: 2, noNaN: true }), { minLength: 4, maxLength: 4 }), { minLength: 1, maxLength: 6 }),
        (losses) => {
          const weights = Array.from(poolWeights(losses));
          expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 9);
          expect(Array.from(poolWeights(losses))).toEqual(weights);
          for (const [k, weight] of poolWeights(losses.toReversed()).entries()) expect(weight).toBeCloseTo(weights.at(-1 - k)!, 9);
        },
      ),
      { numRuns: 30 },
    );
  });

  test("leave a candidate nothing that loses every night, and nobody everything after one lucky night", () => {
    const good = new Array<number>(14).fill(0.1);
    const bad = new Array<number>(14).fill(0.6);
    const lucky = good.map((loss, day) => (day === 3 ? 0.02 : loss));
    const [best, worst] = poolWeights([good, bad]);
    expect(best).toBeGreaterThan(0.999);
    expect(worst).toBeLessThan(0.001);
    expect(poolWeights([good, lucky])[1]).toBeLessThan(0.6);
    expect(poolWeights([good, good, good])[0]).toBeCloseTo(1 / 3, 9);
  });

  test("trust a gain of every night more than the same gain made in one", () => {
    const base = new Array<number>(14).fill(0.3);
    const steady = base.map((loss) => loss - 0.02);
    const once = base.map((loss, day) => (day === 5 ? loss - 0.28 : loss));
    expect(poolWeights([base, steady])[1]!).toBeGreaterThan(poolWeights([base, once])[1]! + 0.01);
  });

  test("leave out what is worse by more than two standard errors of paired days, and keep what may be as good", () => {
    const good = Array.from({ length: 10 }, (_, day) => 0.1 + 0.01 * (day % 3));
    const worse = (by: number) => good.map((loss, day) => loss + by + 0.03 * ((day % 2) - 0.5));
    // Broken once: without the limit the surely worse one keeps a third.
    expect(poolWeights([good, worse(0.02), worse(0.005)])[1]).toBe(0);
    expect(poolWeights([good, worse(0.02), worse(0.005)])[2]).toBeGreaterThan(0.3);
    expect(poolWeights([worse(0.02)])[0]).toBeCloseTo(1, 9);
  });

  test("sharpen as a day is said to hold more independent observations", () => {
    const losses = [
      [0.2, 0.3, 0.25, 0.4],
      [0.25, 0.33, 0.3, 0.42],
    ];
    const weightAt = (observationsPerDay: number) =>
      poolWeights(losses, { ...POOL_DEFAULTS, mostErrors: Number.POSITIVE_INFINITY, observationsPerDay })[0]!;
    expect(weightAt(1)).toBeLessThan(weightAt(10));
    expect(weightAt(10)).toBeLessThan(weightAt(100));
  });
});
