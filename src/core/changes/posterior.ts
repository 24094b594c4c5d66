import type { Filter } from "./filter.ts";

/** P(r <= length | everything seen). */
export function probabilityUpTo(filter: Filter, length: number): number {
  const { runs, step } = filter;
  let mass = 0;
  for (let i = runs.count - 1; i >= 0 && step - runs.start[i]! <= length; i--) mass += runs.mass[i]!;
  return mass / filter.total;
}

/** P(r) of every run length from 0 to `length`. */
export function probabilities(filter: Filter, length: number): Float64Array {
  const { runs, step } = filter;
  const found = new Float64Array(length + 1);
  for (let i = runs.count - 1; i >= 0 && step - runs.start[i]! <= length; i--) found[step - runs.start[i]!] = runs.mass[i]! / filter.total;
  return found;
}

/** The expected run length in steps. */
export function expectedRunLength(filter: Filter): number {
  const { runs, step } = filter;
  let sum = 0;
  for (let i = 0; i < runs.count; i++) sum += runs.mass[i]! * (step - runs.start[i]!);
  return sum / filter.total;
}

/** The place in `filter.runs` of the most probable run; the shortest where several are. */
export function likeliestRun(filter: Filter): number {
  const { logWeight, count } = filter.runs;
  let best = count - 1;
  for (let i = count - 2; i >= 0; i--) if (logWeight[i]! > logWeight[best]!) best = i;
  return best;
}

/** The mean that the model expects next, averaged over the runs. */
export function expectedMean(filter: Filter): number {
  const { runs, model } = filter;
  let sum = 0;
  for (let i = 0; i < runs.count; i++) sum += runs.mass[i]! * model.mean(runs, i);
  return sum / filter.total;
}
