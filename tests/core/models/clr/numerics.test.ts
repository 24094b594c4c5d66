import fc from "fast-check";
import { expect, test } from "vitest";
import { factorise, inverseDiagonal, solveFactored } from "../../../../src/core/models/clr/cholesky.ts";
import { designFromRows, gather, leadingColumns, logitsOf } from "../../../../src/core/models/clr/design.ts";
import { weightedGram } from "../../../../src/core/models/clr/gram.ts";
import { penalisedFactor } from "../../../../src/core/models/clr/minimise.ts";
import { foldToRaw, scalingOf, standardise } from "../../../../src/core/models/clr/scaling.ts";
import { stratifiedSample } from "../../../../src/core/models/clr/subsample.ts";
import { distance } from "./golden.ts";
import { seeded, simulate } from "./problems.ts";

test("the weighted Gram matrix is that of its definition, whatever the number of rows and columns", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 300 }), fc.integer({ min: 0, max: 7 }), fc.integer({ min: 1, max: 999 }), (rows, cols, seed) => {
      const { design } = simulate(seed, rows, cols);
      const next = seeded(seed);
      const weights = Float64Array.from({ length: rows }, next);
      const gram = weightedGram(design, weights);
      const cell = (i: number, j: number) => (j === 0 ? 1 : design.columns[(j - 1) * rows + i]!);
      for (let j = 0; j <= cols; j++) {
        for (let k = 0; k <= j; k++) {
          let sum = 0;
          for (let i = 0; i < rows; i++) sum += weights[i]! * cell(i, j) * cell(i, k);
          expect(distance([gram[j * (cols + 1) + k]!], [sum])).toBeLessThan(1e-11);
        }
      }
    }),
    { numRuns: 60 },
  );
});

test("a Cholesky factor solves its system and knows the diagonal of its inverse", () => {
  // Lower triangle of [[4, 2, 1], [2, 5, 3], [1, 3, 6]], whose inverse has the diagonal 21/67, 23/67, 16/67.
  const factor = Float64Array.of(4, 0, 0, 2, 5, 0, 1, 3, 6);
  expect(factorise(factor, 3)).toBe(true);
  const b = Float64Array.of(7, 10, 10);
  solveFactored(factor, 3, b);
  expect(distance(b, [1, 1, 1])).toBeLessThan(1e-14);
  expect(distance(inverseDiagonal(factor, 3), [21 / 67, 23 / 67, 16 / 67])).toBeLessThan(1e-14);
});

test("a matrix that is not positive definite has no factor, but a Hessian always gets one", () => {
  expect(factorise(Float64Array.of(1, 0, 2, 1), 2)).toBe(false);
  for (const hessian of [Float64Array.of(1, 0, 1, 1), new Float64Array(4), Float64Array.of(1e-300, 0, 0, 0)]) {
    const factor = penalisedFactor(hessian, new Float64Array(1));
    const b = Float64Array.of(1, 1);
    solveFactored(factor, 2, b);
    expect(Number.isFinite(factor[0]! + factor[2]! + factor[3]!)).toBe(true);
    expect(factor[0]! > 0 && factor[3]! > 0).toBe(true);
  }
});

test("a constant column keeps scale one although its mean is rounded", () => {
  const scaling = scalingOf(designFromRows(Array.from({ length: 1000 }, (_, i) => [0.1, i, 1e9 + (i % 2)])));
  expect(scaling.scale[0]).toBe(1);
  expect(scaling.scale[2]).toBeCloseTo(0.5, 6);
});

test("folding gives the raw rows the logits of the standardised ones", () => {
  const { design } = simulate(3, 50, 4);
  const scaling = scalingOf(design);
  const model = { coefficients: Float64Array.of(1, -2, 0.5, 3), intercept: 0.7 };
  const folded = foldToRaw(model, scaling);
  const expected = logitsOf(standardise(design, scaling), model.coefficients, model.intercept);
  expect(distance(logitsOf(design, folded.coefficients, folded.intercept), expected)).toBeLessThan(1e-12);
});

test("rows and columns can be taken from a design, and rows of unequal length are refused", () => {
  const design = designFromRows([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  expect(Array.from(gather(design, [1], [2, 0]).columns)).toEqual([6, 4]);
  expect(Array.from(leadingColumns(design, 2).columns)).toEqual([1, 4, 2, 5]);
  expect(() => designFromRows([[1, 2], [3]])).toThrow(/row 1 has 1 values/);
});

test("a stratified sample keeps each class's whole weight, and every row of a class that is rare", () => {
  const data = simulate(4, 9000, 3, -5);
  const weights = Float64Array.from(data.labels, (_, i) => 1 + (i % 3));
  const sample = stratifiedSample({ ...data, weights, penalties: new Float64Array(3) }, 2000);
  const total = (labels: Uint8Array, of: Float64Array, label: number) =>
    labels.reduce((sum, each, i) => sum + (each === label ? of[i]! : 0), 0);
  expect(sample.design.rows).toBeLessThanOrEqual(2000);
  for (const label of [0, 1]) {
    const share = total(sample.labels, sample.weights!, label) / total(data.labels, weights, label);
    expect(Math.abs(share - 1)).toBeLessThan(0.05);
  }
  const positives = data.labels.reduce((sum, label) => sum + label, 0);
  expect(sample.labels.reduce((sum, label) => sum + label, 0)).toBe(positives);
});
