import { describe, expect, test } from "vitest";
import { designFromRows, logitsOf } from "../../../../src/core/models/clr/design.ts";
import { equalMassEdges, histogram, populationStability } from "../../../../src/core/models/clr/drift.ts";
import { fitRidge, standardErrors } from "../../../../src/core/models/clr/fit-ridge.ts";
import { sigmoid, softplus } from "../../../../src/core/models/clr/logit.ts";
import { brierScore, expectedCalibrationError, logLoss, rankingOf, reliabilityOf } from "../../../../src/core/models/clr/metrics.ts";
import { fitPlatt, foldCalibration } from "../../../../src/core/models/clr/platt.ts";
import { foldToRaw, scalingOf, standardise } from "../../../../src/core/models/clr/scaling.ts";
import { distance, type GoldenFit, type GoldenSet, golden } from "./golden.ts";

function fitGolden(set: GoldenSet, C: number, weights?: readonly number[]) {
  const raw = designFromRows(set.X);
  const scaling = scalingOf(raw);
  const design = standardise(raw, scaling);
  const labels = Uint8Array.from(set.y);
  const penalties = new Float64Array(raw.cols).fill(1 / C);
  const problem = { design, labels, penalties, weights: weights && Float64Array.from(weights) };
  const fit = fitRidge(problem);
  return { raw, scaling, problem, labels, fit, folded: foldToRaw(fit, scaling) };
}

function expectGolden(set: GoldenSet, expected: GoldenFit, weights?: readonly number[]): void {
  const { raw, labels, fit, folded } = fitGolden(set, expected.C, weights);
  expect(fit.hasConverged).toBe(true);
  expect(distance(fit.coefficients, expected.coef_std)).toBeLessThan(1e-8);
  expect(distance([fit.intercept], [expected.intercept_std])).toBeLessThan(1e-8);
  expect(distance(folded.coefficients, expected.coef_raw)).toBeLessThan(1e-8);
  expect(distance([folded.intercept], [expected.intercept_raw])).toBeLessThan(1e-8);
  expect(distance([fit.objective], [expected.objective])).toBeLessThan(1e-9);
  const logits = logitsOf(raw, folded.coefficients, folded.intercept);
  const probabilities = logits.map(sigmoid);
  expect(distance(logits.slice(0, 3), expected.first3_eta)).toBeLessThan(1e-8);
  expect(distance(probabilities.slice(0, 3), expected.first3_p)).toBeLessThan(1e-9);
  expect(logLoss(labels, logits)).toBeCloseTo(expected.log_loss, 9);
  expect(brierScore(labels, probabilities)).toBeCloseTo(expected.brier, 9);
  expect(rankingOf(labels, logits).auc).toBeCloseTo(expected.roc_auc, 9);
  const bins = reliabilityOf(labels, probabilities);
  expect(expectedCalibrationError(bins)).toBeCloseTo(expected.ece10, 9);
  for (const { bin, count, mean_p, frac_pos } of expected.ece_bins) {
    expect(bins[bin]?.count).toBe(count);
    if (mean_p !== null && frac_pos !== null && count > 0) {
      expect(bins[bin]?.meanProbability).toBeCloseTo(mean_p, 9);
      expect(bins[bin]?.positiveShare).toBeCloseTo(frac_pos, 9);
    }
  }
}

describe.each(Object.entries(golden.datasets))("the golden set %s", (_name, set) => {
  test("is standardised by the population standard deviation", () => {
    const scaling = scalingOf(designFromRows(set.X));
    expect(distance(scaling.mean, set.mean)).toBeLessThan(1e-12);
    expect(distance(scaling.scale, set.scale)).toBeLessThan(1e-12);
  });

  test.each(set.fits.map((fit) => [fit.C, fit] as const))("is fitted at C = %d to 1e-8", (_c, fit) => expectGolden(set, fit));

  test.each((set.weighted_fits ?? []).map((fit) => [fit.C, fit] as const))("is fitted with row weights at C = %d to 1e-8", (_c, fit) =>
    expectGolden(set, fit, set.weights),
  );

  test("is fitted without penalty to 1e-8, with its standard errors", () => {
    const { fit, problem } = fitGolden(set, Number.POSITIVE_INFINITY);
    expect(distance(fit.coefficients, set.unpenalised.coef_std)).toBeLessThan(1e-8);
    expect(distance([fit.intercept], [set.unpenalised.intercept_std])).toBeLessThan(1e-8);
    const errors = standardErrors(problem, fit);
    expect(distance(errors, set.unpenalised.standard_errors_std)).toBeLessThan(1e-8);
  });
});

describe("Platt scaling", () => {
  const { platt } = golden;
  const scores = Float64Array.from(platt.scores);
  const labels = Uint8Array.from(platt.y);
  const fit = fitPlatt(labels, scores);

  test("reproduces the golden slope and intercept to 1e-8", () => {
    expect(fit.hasConverged).toBe(true);
    expect(fit.positiveTarget).toBeCloseTo(platt.target_pos, 14);
    expect(fit.negativeTarget).toBeCloseTo(platt.target_neg, 14);
    expect(distance([fit.slope, fit.intercept], [platt.slope, platt.intercept])).toBeLessThan(1e-8);
    expect(fit.objective).toBeCloseTo(platt.objective, 9);
  });

  test("improves the golden scores by exactly what the golden file says", () => {
    const calibrated = scores.map((score) => fit.slope * score + fit.intercept);
    expect(logLoss(labels, scores)).toBeCloseTo(platt.log_loss_before, 9);
    expect(logLoss(labels, calibrated)).toBeCloseTo(platt.log_loss_after, 9);
    expect(brierScore(labels, scores.map(sigmoid))).toBeCloseTo(platt.brier_before, 9);
    expect(brierScore(labels, calibrated.map(sigmoid))).toBeCloseTo(platt.brier_after, 9);
    expect(expectedCalibrationError(reliabilityOf(labels, scores.map(sigmoid)))).toBeCloseTo(platt.ece10_before, 9);
    expect(expectedCalibrationError(reliabilityOf(labels, calibrated.map(sigmoid)))).toBeCloseTo(platt.ece10_after, 9);
    expect(rankingOf(labels, scores).auc).toBeCloseTo(platt.roc_auc, 9);
  });

  test("folds into raw coefficients", () => {
    const { folded } = fitGolden(golden.datasets.unscaled, 1);
    const calibrated = foldCalibration(folded, fit);
    expect(distance(calibrated.coefficients, platt.fold_example.coef_raw)).toBeLessThan(1e-8);
    expect(distance([calibrated.intercept], [platt.fold_example.intercept_raw])).toBeLessThan(1e-8);
  });
});

describe("the golden figures", () => {
  test("count ties in the AUC one half", () => {
    const { scores, y, roc_auc } = golden.auc_ties;
    expect(rankingOf(Uint8Array.from(y), Float64Array.from(scores)).auc).toBeCloseTo(roc_auc, 12);
  });

  test("give the population stability index, also with an empty bin", () => {
    const { psi } = golden;
    expect(histogram(psi.reference, psi.edges)).toEqual(psi.reference_counts);
    expect(histogram(psi.current, psi.edges)).toEqual(psi.current_counts);
    expect(populationStability(psi.reference_counts, psi.current_counts, psi.eps)).toBeCloseTo(psi.psi, 12);
    const { reference_counts, current_counts } = psi.zero_bin_example;
    expect(populationStability(reference_counts, current_counts, psi.eps)).toBeCloseTo(psi.zero_bin_example.psi, 12);
  });

  test("leave no bin of equal mass empty in the sample that made the edges", () => {
    const edges = equalMassEdges(golden.psi.reference, 5);
    expect(edges).toHaveLength(4);
    for (const count of histogram(golden.psi.reference, edges)) expect(count).toBeGreaterThan(10);
    expect(equalMassEdges([1, 1, 1, Number.NaN], 5)).toEqual([]);
  });

  test("hold at logits where exp would overflow or vanish", () => {
    const { eta, p, softplus: soft } = golden.sigmoid_edges;
    eta.forEach((logit, k) => {
      expect(Math.abs(sigmoid(logit) - p[k]!)).toBeLessThanOrEqual(1e-15 * p[k]! + 5e-324);
      expect(Math.abs(softplus(logit) - soft[k]!)).toBeLessThanOrEqual(1e-15 * soft[k]! + 5e-324);
    });
  });
});
