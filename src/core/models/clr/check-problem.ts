import { ClrFault } from "./fault.ts";
import type { RidgeProblem } from "./loss-pass.ts";

/** Total weight of each class. */
export interface ClassWeights {
  readonly negative: number;
  readonly positive: number;
}

/** @throws ClrFault "shape mismatch", "not finite", "one class" */
export function checkProblem(problem: RidgeProblem): ClassWeights {
  const { design, labels, weights, penalties } = problem;
  const { columns, rows, cols } = design;
  if (columns.length !== rows * cols || labels.length !== rows || penalties.length !== cols || (weights && weights.length !== rows)) {
    throw new ClrFault("shape mismatch", `design ${rows} x ${cols}: ${labels.length} labels, ${penalties.length} penalties`);
  }
  // One sum finds every NaN and infinity, but may overflow by itself; only then is it worth looking at each cell.
  let sum = 0;
  for (let i = 0; i < columns.length; i++) sum += columns[i]!;
  if (!Number.isFinite(sum) && columns.some((cell) => !Number.isFinite(cell))) throw new ClrFault("not finite", "a cell is not finite");
  if (!penalties.every((penalty) => penalty >= 0 && penalty < Number.POSITIVE_INFINITY)) {
    throw new ClrFault("not finite", "a penalty is negative or not finite");
  }
  const classes = [0, 0];
  for (let i = 0; i < rows; i++) {
    const weight = weights?.[i] ?? 1;
    if (!(weight >= 0 && weight < Number.POSITIVE_INFINITY)) throw new ClrFault("not finite", "a weight is negative or not finite");
    if (labels[i]! > 1) throw new ClrFault("shape mismatch", `label ${labels[i]} is neither 0 nor 1`);
    classes[labels[i]!] = classes[labels[i]!]! + weight;
  }
  if (!(classes[0]! > 0 && classes[1]! > 0)) throw new ClrFault("one class", "all rows with weight are of one class");
  return { negative: classes[0]!, positive: classes[1]! };
}
