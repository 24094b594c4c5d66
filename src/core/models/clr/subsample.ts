import { createDesign } from "./design.ts";
import { weightedGram } from "./gram.ts";
import { createLossPass, type RidgeProblem } from "./loss-pass.ts";
import type { HessianSource } from "./minimise.ts";

/**
 * A systematic sample of each class, weighted up to the class's whole weight, about half of `size` from each class where there are as
 * many. Rows of a home are autocorrelated, so every k-th row tells nearly as much as all; the rare class is kept. Deterministic.
 */
export function stratifiedSample(problem: RidgeProblem, size: number): RidgeProblem {
  const { design, labels, weights, penalties } = problem;
  const members: [number[], number[]] = [[], []];
  for (let i = 0; i < design.rows; i++) if (weights === undefined || weights[i]! > 0) members[labels[i] === 1 ? 1 : 0].push(i);
  const rare = Math.min(members[0].length, members[1].length, Math.floor(size / 2));
  const taken: number[] = [];
  const scaledWeights: number[] = [];
  for (const rows of members) {
    const count = Math.min(rows.length, Math.max(rare, size - rare));
    const stride = rows.length / count;
    for (let k = 0; k < count; k++) {
      const row = rows[Math.floor(k * stride)]!;
      taken.push(row);
      scaledWeights.push((weights?.[row] ?? 1) * stride);
    }
  }
  const sample = createDesign(taken.length, design.cols);
  for (let j = 0; j < design.cols; j++) {
    for (let k = 0; k < taken.length; k++) sample.columns[j * taken.length + k] = design.columns[j * design.rows + taken[k]!]!;
  }
  return { design: sample, labels: Uint8Array.from(taken, (row) => labels[row]!), weights: Float64Array.from(scaledWeights), penalties };
}

/** Subsampled Hessian (Roosta-Khorasani and Mahoney 2019): steers the search, while the gradient stays that of all rows. */
export function sampledHessian(sample: RidgeProblem): HessianSource {
  const pass = createLossPass(sample);
  const gradient = new Float64Array(sample.design.cols + 1);
  const curvature = new Float64Array(sample.design.rows);
  return {
    at(parameters) {
      pass.evaluate(parameters, gradient, curvature);
      return weightedGram(sample.design, curvature);
    },
  };
}
