import { factorise } from "./cholesky.ts";
import { ClrFault } from "./fault.ts";
import { weightedGram } from "./gram.ts";
import { createLossPass, type RidgeProblem } from "./loss-pass.ts";
import { createQuasiNewton, dot } from "./quasi-newton.ts";

export interface MinimiseOptions {
  /** Stop when the largest gradient component is at most this times the total weight. */
  readonly gradientTolerance: number;
  readonly maxIterations: number;
  /** The Hessian is rebuilt after this many steps with it; 1 is Newton's method. */
  readonly refreshAfter: number;
  readonly shouldStop?: (() => boolean) | undefined;
  readonly onProgress?: ((iteration: number, objective: number, gradientNorm: number) => void) | undefined;
}

/** Where a Hessian comes from: the rows of the problem itself, or a stratified sample of them. */
export interface HessianSource {
  /** Unpenalised Hessian at `parameters`, lower triangle, intercept first. `curvature` is that of the problem's rows there. */
  at(parameters: Float64Array, curvature: Float64Array): Float64Array;
}

/** An unpenalised Hessian that outlives one fit: along a path of strengths it changes slowly. */
export interface HessianMemory {
  hessian: Float64Array | undefined;
}

export interface Minimum {
  readonly parameters: Float64Array;
  readonly curvature: Float64Array;
  readonly objective: number;
  /** Largest gradient component over the total weight. */
  readonly gradientNorm: number;
  readonly iterations: number;
  readonly hasConverged: boolean;
}

export function fullHessian(problem: RidgeProblem): HessianSource {
  return { at: (_parameters, curvature) => weightedGram(problem.design, curvature) };
}

const ARMIJO = 1e-4;
const HALVINGS = 40;

/** Minimises the ridge objective from `start` (intercept first), which is left as it is. @throws ClrFault "cancelled" */
export function minimise(
  problem: RidgeProblem,
  start: Float64Array,
  source: HessianSource,
  memory: HessianMemory,
  options: MinimiseOptions,
): Minimum {
  const size = problem.design.cols + 1;
  const total = totalWeight(problem);
  const pass = createLossPass(problem);
  const quasiNewton = createQuasiNewton(size);
  const curvature = new Float64Array(problem.design.rows);
  const direction = new Float64Array(size);
  let parameters = start.slice();
  let gradient = new Float64Array(size);
  let trial = new Float64Array(size);
  let trialGradient = new Float64Array(size);
  let objective = pass.evaluate(parameters, gradient, curvature);
  let gradientNorm = largest(gradient) / total;
  let stepsWithFactor = Number.POSITIVE_INFINITY;
  let iterations = 0;

  if (memory.hessian !== undefined) {
    quasiNewton.reset(penalisedFactor(memory.hessian, problem.penalties));
    stepsWithFactor = 0;
  }
  while (gradientNorm > options.gradientTolerance && iterations < options.maxIterations) {
    if (options.shouldStop?.()) throw new ClrFault("cancelled", "the fit was cancelled");
    if (stepsWithFactor >= options.refreshAfter) {
      memory.hessian = source.at(parameters, curvature);
      quasiNewton.reset(penalisedFactor(memory.hessian, problem.penalties));
      stepsWithFactor = 0;
    }
    quasiNewton.direct(gradient, direction);
    const slope = dot(gradient, direction);
    // Near the minimum the objective's own rounding exceeds what a step gains.
    const rounding = 16 * Number.EPSILON * (Math.abs(objective) + total * Number.EPSILON);
    let length = 1;
    let halvings = 0;
    let trialObjective = Number.POSITIVE_INFINITY;
    for (; halvings < HALVINGS; halvings++, length /= 2) {
      for (let k = 0; k < size; k++) trial[k] = parameters[k]! + length * direction[k]!;
      trialObjective = pass.evaluate(trial, trialGradient, curvature);
      if (trialObjective <= objective + ARMIJO * length * slope + rounding) break;
    }
    if (halvings === HALVINGS) {
      if (stepsWithFactor === 0) break;
      // An outdated factor gave no descent: take the present one before giving up.
      stepsWithFactor = Number.POSITIVE_INFINITY;
      pass.evaluate(parameters, gradient, curvature);
      continue;
    }
    for (let k = 0; k < size; k++) direction[k] = trial[k]! - parameters[k]!;
    for (let k = 0; k < size; k++) gradient[k] = trialGradient[k]! - gradient[k]!;
    quasiNewton.learn(direction, gradient);
    [parameters, trial] = [trial, parameters];
    [gradient, trialGradient] = [trialGradient, gradient];
    objective = trialObjective;
    gradientNorm = largest(gradient) / total;
    iterations++;
    stepsWithFactor++;
    options.onProgress?.(iterations, objective, gradientNorm);
  }
  const hasConverged = gradientNorm <= options.gradientTolerance;
  return { parameters, curvature, objective, gradientNorm, iterations, hasConverged };
}

function totalWeight(problem: RidgeProblem): number {
  if (problem.weights === undefined) return problem.design.rows;
  let total = 0;
  for (let i = 0; i < problem.weights.length; i++) total += problem.weights[i]!;
  return total;
}

/** Factor of the Hessian plus the penalties. Where it is singular (nothing penalises, columns repeat), a growing ridge makes it definite. */
export function penalisedFactor(hessian: Float64Array, penalties: Float64Array): Float64Array {
  const size = penalties.length + 1;
  let trace = 0;
  for (let k = 0; k < size; k++) trace += hessian[k * size + k]!;
  for (let ridge = 0; ; ridge = ridge === 0 ? 1e-12 * (trace / size) + Number.MIN_VALUE : ridge * 100) {
    const factor = hessian.slice();
    for (let k = 0; k < size; k++) {
      factor[k * size + k] = factor[k * size + k]! + ridge + (k === 0 ? 0 : penalties[k - 1]!);
    }
    if (factorise(factor, size)) return factor;
    if (!(ridge < 1e12 * trace + 1)) throw new ClrFault("not finite", "the Hessian is not finite");
  }
}

function largest(vector: Float64Array): number {
  let most = 0;
  for (let k = 0; k < vector.length; k++) {
    const size = Math.abs(vector[k]!);
    // Not a number must not pass for converged.
    if (Number.isNaN(size)) return size;
    if (size > most) most = size;
  }
  return most;
}
