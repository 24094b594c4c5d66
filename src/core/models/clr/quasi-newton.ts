import { solveFactored } from "./cholesky.ts";

/** Pairs of steps and gradient changes kept: more than about ten no longer help. */
const MEMORY = 10;

/**
 * L-BFGS directions (Nocedal and Wright 2006, algorithm 7.4) whose initial inverse Hessian is a Cholesky factor instead of a multiple
 * of the identity: with the exact Hessian it is Newton's method, with one from a subsample or an earlier point the pairs repair it.
 */
interface QuasiNewton {
  /** Replaces the factor and forgets the pairs. */
  reset(factor: Float64Array): void;
  /** Writes -(inverse Hessian) * gradient into `direction`. */
  direct(gradient: Float64Array, direction: Float64Array): void;
  learn(step: Float64Array, change: Float64Array): void;
}

export function createQuasiNewton(size: number): QuasiNewton {
  const steps: Float64Array[] = [];
  const changes: Float64Array[] = [];
  const inverses: number[] = [];
  const shares = new Float64Array(MEMORY);
  let factor = new Float64Array(0);

  return {
    reset(next) {
      factor = next as Float64Array<ArrayBuffer>;
      steps.length = 0;
      changes.length = 0;
      inverses.length = 0;
    },
    direct(gradient, direction) {
      for (let k = 0; k < size; k++) direction[k] = -gradient[k]!;
      for (let m = steps.length - 1; m >= 0; m--) {
        const share = inverses[m]! * dot(steps[m]!, direction);
        shares[m] = share;
        addScaled(direction, -share, changes[m]!);
      }
      solveFactored(factor, size, direction);
      for (let m = 0; m < steps.length; m++) {
        const correction = inverses[m]! * dot(changes[m]!, direction);
        addScaled(direction, shares[m]! - correction, steps[m]!);
      }
    },
    learn(step, change) {
      const curvature = dot(step, change);
      // A pair without positive curvature is rounding: the objective is convex.
      if (!(curvature > 1e-14 * Math.sqrt(dot(step, step) * dot(change, change)))) return;
      if (steps.length === MEMORY) {
        steps.shift();
        changes.shift();
        inverses.shift();
      }
      steps.push(step.slice());
      changes.push(change.slice());
      inverses.push(1 / curvature);
    },
  };
}

export function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < a.length; k++) sum += a[k]! * b[k]!;
  return sum;
}

function addScaled(target: Float64Array, factor: number, source: Float64Array): void {
  for (let k = 0; k < target.length; k++) target[k] = target[k]! + factor * source[k]!;
}
