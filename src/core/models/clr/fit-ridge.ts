import { type ClassWeights, checkProblem } from "./check-problem.ts";
import { inverseDiagonal } from "./cholesky.ts";
import type { RidgeProblem } from "./loss-pass.ts";
import {
  fullHessian,
  type HessianMemory,
  type HessianSource,
  type MinimiseOptions,
  type Minimum,
  minimise,
  penalisedFactor,
} from "./minimise.ts";
import type { LinearModel } from "./scaling.ts";
import { sampledHessian, stratifiedSample } from "./subsample.ts";

interface RidgeOptions {
  /** Where to begin; default: coefficients 0 and the intercept of the base rate. */
  readonly start?: LinearModel;
  /** Largest gradient component over the total weight at which the fit is done; default 1e-10. */
  readonly gradientTolerance?: number;
  readonly maxIterations?: number;
  /** Default: by size. */
  readonly method?: "newton" | "subsampled";
  /** Asked between steps; true makes the fit throw ClrFault "cancelled". */
  readonly shouldStop?: () => boolean;
  readonly onProgress?: (progress: RidgeProgress) => void;
}

interface RidgeProgress {
  readonly iteration: number;
  readonly objective: number;
  readonly gradientNorm: number;
}

export interface RidgeFit extends LinearModel {
  readonly objective: number;
  readonly gradientNorm: number;
  readonly iterations: number;
  readonly hasConverged: boolean;
  readonly method: "newton" | "subsampled";
}

/** Rows beyond which the Hessian of a sample pays: the sample's own fit must be small beside one sweep over all rows. */
const SAMPLE_ROWS = 2000;
const SAMPLE_ROWS_PER_PARAMETER = 40;
/** Few columns: a Hessian costs less than the steps it saves. */
const SUBSAMPLED_MIN_COLS = 8;
/** One full Hessian costs about cols / 5 sweeps of loss and gradient (measured), and saves about half as many. */
const COLS_PER_STEP = 10;

/**
 * Ridge-penalised logistic regression: the minimum of
 *   sum_i s_i * [log(1 + exp(eta_i)) - y_i * eta_i] + 1/2 sum_j lambda_j * w_j^2,  eta = b + X w,
 * intercept b unpenalised; with every lambda = 1/C it is scikit-learn's L2-penalised LogisticRegression on the same columns.
 * Newton with Cholesky factors and Armijo halving, whose factor serves several L-BFGS steps where columns are many; large designs start
 * from the fit of a sample and keep its Hessian, with gradients of all rows, so the optimum is the exact one.
 * @throws ClrFault "shape mismatch", "not finite", "one class" (the intercept would run away), "cancelled"
 */
export function fitRidge(problem: RidgeProblem, options: RidgeOptions = {}): RidgeFit {
  const counts = checkProblem(problem);
  const { rows, cols } = problem.design;
  const method = options.method ?? methodFor(rows, cols);
  const start = startOf(problem, options.start, counts);
  const settings = settingsOf(cols, options);
  if (method === "newton") {
    return fitOf(minimise(problem, start, fullHessian(problem), { hessian: undefined }, settings), "newton");
  }
  const sample = stratifiedSample(problem, sampleRowsFor(cols));
  const memory: HessianMemory = { hessian: undefined };
  const rough = { ...settings, gradientTolerance: Math.max(1e-4, settings.gradientTolerance), onProgress: undefined };
  const near = minimise(sample, start, fullHessian(sample), memory, rough);
  const source = sampledHessian(sample);
  memory.hessian = source.at(near.parameters, near.curvature);
  return fitOf(minimise(problem, near.parameters, source, memory, { ...settings, refreshAfter: 30 }), "subsampled");
}

/** A problem whose penalties are still to come. */
type UnpenalisedProblem = Omit<RidgeProblem, "penalties">;

/**
 * The fits of a path of penalties, best given from strong to weak: each starts at its neighbour's solution and inherits its Hessian.
 * Lazy: a caller that has seen enough takes no more. @throws ClrFault as `fitRidge`
 */
export function* ridgePath(problem: UnpenalisedProblem, path: Iterable<Float64Array>, options: RidgeOptions = {}): Generator<RidgeFit> {
  const memory: HessianMemory = { hessian: undefined };
  const { rows, cols } = problem.design;
  const method = options.method ?? methodFor(rows, cols);
  const settings = settingsOf(cols, options);
  let source: HessianSource | undefined;
  let parameters: Float64Array | undefined;
  for (const penalties of path) {
    const step: RidgeProblem = { ...problem, penalties };
    if (parameters === undefined) parameters = startOf(step, options.start, checkProblem(step));
    source ??= method === "subsampled" ? sampledHessian(stratifiedSample(step, sampleRowsFor(cols))) : fullHessian(step);
    const minimum: Minimum = minimise(step, parameters, source, memory, settings);
    parameters = minimum.parameters;
    yield fitOf(minimum, method);
  }
}

/** Standard errors of [intercept, coefficients] at a fit: square roots of the diagonal of the inverse penalised Hessian. */
export function standardErrors(problem: RidgeProblem, model: LinearModel): Float64Array {
  const frozen: MinimiseOptions = { gradientTolerance: Number.POSITIVE_INFINITY, maxIterations: 0, refreshAfter: 1 };
  const source = fullHessian(problem);
  const at = minimise(problem, parametersOf(model), source, { hessian: undefined }, frozen);
  const factor = penalisedFactor(source.at(at.parameters, at.curvature), problem.penalties);
  return inverseDiagonal(factor, problem.design.cols + 1).map(Math.sqrt);
}

function sampleRowsFor(cols: number): number {
  return Math.max(SAMPLE_ROWS, SAMPLE_ROWS_PER_PARAMETER * (cols + 1));
}

function methodFor(rows: number, cols: number): RidgeFit["method"] {
  return rows > 2 * sampleRowsFor(cols) && cols >= SUBSAMPLED_MIN_COLS ? "subsampled" : "newton";
}

function settingsOf(cols: number, options: RidgeOptions): MinimiseOptions {
  const { onProgress } = options;
  return {
    gradientTolerance: options.gradientTolerance ?? 1e-10,
    maxIterations: options.maxIterations ?? 500,
    refreshAfter: Math.max(1, Math.ceil(cols / COLS_PER_STEP)),
    shouldStop: options.shouldStop,
    onProgress: onProgress && ((iteration, objective, gradientNorm) => onProgress({ iteration, objective, gradientNorm })),
  };
}

function fitOf(minimum: Minimum, method: RidgeFit["method"]): RidgeFit {
  const { objective, gradientNorm, iterations, hasConverged, parameters } = minimum;
  return { coefficients: parameters.slice(1), intercept: parameters[0]!, objective, gradientNorm, iterations, hasConverged, method };
}

function parametersOf(model: LinearModel): Float64Array {
  const parameters = new Float64Array(model.coefficients.length + 1);
  parameters[0] = model.intercept;
  parameters.set(model.coefficients, 1);
  return parameters;
}

function startOf(problem: RidgeProblem, start: LinearModel | undefined, counts: ClassWeights): Float64Array {
  if (start !== undefined) return parametersOf(start);
  const parameters = new Float64Array(problem.design.cols + 1);
  parameters[0] = Math.log(counts.positive / counts.negative);
  return parameters;
}
