import { CholeskyDecomposition, Matrix } from "ml-matrix";
import { expect, test } from "vitest";
import { createDesign, logitsOf } from "../../../../src/core/models/clr/design.ts";
import { descend, largestEigenvalue, sampleOf } from "../../../../src/core/models/clr/early-stop.ts";
import { fitRidge } from "../../../../src/core/models/clr/fit-ridge.ts";
import { weightedGram } from "../../../../src/core/models/clr/gram.ts";
import { scalingOf, standardise } from "../../../../src/core/models/clr/scaling.ts";
import { distance } from "./golden.ts";
import { simulate } from "./problems.ts";

/** Columns of unit covariance: the shape in which plain gradient descent reaches the optimum. */
function whitened(rows: number, cols: number) {
  const { design, labels } = simulate(21, rows, cols);
  const standard = standardise(design, scalingOf(design));
  const cells = Array.from({ length: rows }, (_, i) => Array.from({ length: cols }, (_, j) => standard.columns[j * rows + i]!));
  const matrix = new Matrix(cells);
  const covariance = matrix.transpose().mmul(matrix).div(rows);
  const factor = new CholeskyDecomposition(covariance).lowerTriangularMatrix;
  const white = createDesign(rows, cols);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      let cell = cells[i]![j]!;
      for (let k = 0; k < j; k++) cell -= factor.get(j, k) * white.columns[k * rows + i]!;
      white.columns[j * rows + i] = cell / factor.get(j, j);
    }
  }
  return { design: white, labels };
}

test("an unrelated implementation, ml-logistic-regression, finds the same unpenalised optimum on whitened columns to 1e-6", () => {
  const { design, labels } = whitened(400, 5);
  const ours = fitRidge({ design, labels, penalties: new Float64Array(5).fill(1e-12) });
  const oracle = descend(sampleOf(design, labels), 1500);
  expect(distance(ours.coefficients, oracle.coefficients)).toBeLessThan(1e-6);
  expect(distance([ours.intercept], [oracle.intercept])).toBeLessThan(1e-6);
  expect(
    distance(logitsOf(design, ours.coefficients, ours.intercept), logitsOf(design, oracle.coefficients, oracle.intercept)),
  ).toBeLessThan(1e-5);
});

test("the step of gradient descent comes from the largest eigenvalue of the Gram matrix", () => {
  const { design } = whitened(300, 4);
  // Whitened columns and a column of ones: every eigenvalue is the number of rows.
  expect(largestEigenvalue(weightedGram(design, new Float64Array(300).fill(1)), 5)).toBeCloseTo(300, 6);
  expect(largestEigenvalue(Float64Array.of(2, 0, 1, 3), 2)).toBeCloseTo((5 + Math.sqrt(5)) / 2, 9);
});
