import type { Design } from "./design.ts";

/** What one logistic fit is about. Labels are 0 or 1; weights are one per row (absent: 1); penalties are one per column, in lambda. */
export interface RidgeProblem {
  readonly design: Design;
  readonly labels: Uint8Array;
  readonly weights?: Float64Array | undefined;
  readonly penalties: Float64Array;
}

interface LossPass {
  /**
   * Objective at `parameters` (intercept first): sum of weight * log loss + 1/2 sum of penalty * coefficient^2. Fills `gradient` of
   * the same layout and `curvature`, one weight * p * (1 - p) per row.
   */
  evaluate(parameters: Float64Array, gradient: Float64Array, curvature: Float64Array): number;
}

/** Cells of a block of rows: small enough that the second sweep over the block finds it in the cache. */
const BLOCK_CELLS = 32_768;
/** log of a product of at most this many factors in (1, 2] cannot overflow: one log replaces many. */
const FACTORS = 64;

export function createLossPass(problem: RidgeProblem): LossPass {
  const { design, labels, weights, penalties } = problem;
  const { columns, rows, cols } = design;
  const block = Math.max(64, Math.min(2048, Math.floor(BLOCK_CELLS / Math.max(cols, 1) / FACTORS) * FACTORS));
  const logits = new Float64Array(block);
  const residuals = new Float64Array(block);

  return {
    evaluate(parameters, gradient, curvature) {
      gradient.fill(0);
      let objective = 0;
      for (let from = 0; from < rows; from += block) {
        const count = Math.min(block, rows - from);
        addLogits(columns, rows, cols, from, count, parameters, logits);
        objective += addResiduals(labels, weights, from, count, logits, residuals, curvature, gradient);
        addGradient(columns, rows, cols, from, count, residuals, gradient);
      }
      for (let j = 0; j < cols; j++) {
        const pull = penalties[j]! * parameters[j + 1]!;
        objective += 0.5 * pull * parameters[j + 1]!;
        gradient[j + 1] = gradient[j + 1]! + pull;
      }
      return objective;
    },
  };
}

/** Eight columns per sweep: the running logits are read and written an eighth as often. */
function addLogits(
  columns: Float64Array,
  rows: number,
  cols: number,
  from: number,
  count: number,
  parameters: Float64Array,
  logits: Float64Array,
): void {
  logits.fill(parameters[0]!, 0, count);
  let j = 0;
  for (; j + 7 < cols; j += 8) {
    const a = j * rows + from;
    const b = a + rows;
    const c = b + rows;
    const d = c + rows;
    const e = d + rows;
    const f = e + rows;
    const g = f + rows;
    const h = g + rows;
    const wa = parameters[j + 1]!;
    const wb = parameters[j + 2]!;
    const wc = parameters[j + 3]!;
    const wd = parameters[j + 4]!;
    const we = parameters[j + 5]!;
    const wf = parameters[j + 6]!;
    const wg = parameters[j + 7]!;
    const wh = parameters[j + 8]!;
    for (let i = 0; i < count; i++) {
      const low = wa * columns[a + i]! + wb * columns[b + i]! + (wc * columns[c + i]! + wd * columns[d + i]!);
      const high = we * columns[e + i]! + wf * columns[f + i]! + (wg * columns[g + i]! + wh * columns[h + i]!);
      logits[i] = logits[i]! + (low + high);
    }
  }
  for (; j < cols; j++) {
    const a = j * rows + from;
    const wa = parameters[j + 1]!;
    for (let i = 0; i < count; i++) logits[i] = logits[i]! + wa * columns[a + i]!;
  }
}

/** Loss of the block; residuals and curvature of its rows; the intercept's share of the gradient. */
function addResiduals(
  labels: Uint8Array,
  weights: Float64Array | undefined,
  from: number,
  count: number,
  logits: Float64Array,
  residuals: Float64Array,
  curvature: Float64Array,
  gradient: Float64Array,
): number {
  let loss = 0;
  let pull = 0;
  let product = 1;
  let factors = 0;
  for (let i = 0; i < count; i++) {
    const logit = logits[i]!;
    const label = labels[from + i]!;
    const small = Math.exp(-Math.abs(logit));
    const inverse = 1 / (1 + small);
    const tail = small * inverse;
    const probability = logit >= 0 ? inverse : tail;
    const residual = label === 1 ? -(logit >= 0 ? tail : inverse) : probability;
    const spread = tail * inverse;
    const linear = Math.max(logit, 0) - label * logit;
    if (weights === undefined) {
      residuals[i] = residual;
      curvature[from + i] = spread;
      loss += linear;
      product *= 1 + small;
      if (++factors === FACTORS) {
        loss += Math.log(product);
        product = 1;
        factors = 0;
      }
    } else {
      const weight = weights[from + i]!;
      residuals[i] = weight * residual;
      curvature[from + i] = weight * spread;
      loss += weight * (linear + Math.log1p(small));
    }
    pull += residuals[i]!;
  }
  gradient[0] = gradient[0]! + pull;
  return loss + Math.log(product);
}

function addGradient(
  columns: Float64Array,
  rows: number,
  cols: number,
  from: number,
  count: number,
  residuals: Float64Array,
  gradient: Float64Array,
): void {
  let j = 0;
  for (; j + 3 < cols; j += 4) {
    const a = j * rows + from;
    const b = a + rows;
    const c = b + rows;
    const d = c + rows;
    let sa = 0;
    let sb = 0;
    let sc = 0;
    let sd = 0;
    for (let i = 0; i < count; i++) {
      const residual = residuals[i]!;
      sa += residual * columns[a + i]!;
      sb += residual * columns[b + i]!;
      sc += residual * columns[c + i]!;
      sd += residual * columns[d + i]!;
    }
    gradient[j + 1] = gradient[j + 1]! + sa;
    gradient[j + 2] = gradient[j + 2]! + sb;
    gradient[j + 3] = gradient[j + 3]! + sc;
    gradient[j + 4] = gradient[j + 4]! + sd;
  }
  for (; j < cols; j++) {
    const a = j * rows + from;
    let sum = 0;
    for (let i = 0; i < count; i++) sum += residuals[i]! * columns[a + i]!;
    gradient[j + 1] = gradient[j + 1]! + sum;
  }
}
