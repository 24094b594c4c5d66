import { expMinus } from "./log-exp.ts";
import { type Runs, removeRuns } from "./runs.ts";

/** How many hypotheses the filter may keep. */
export interface RunLimit {
  /** At most so many runs after a step. */
  readonly runs: number;
  /** The youngest so many are never merged: improbable young runs are tomorrow's change. */
  readonly untouched: number;
  /** The oldest runs go when their mass together is below this share of all. */
  readonly tail: number;
}

/** Reference setting: its error against the exact filter is measured in the bench and in the tests. */
export const DEFAULT_LIMIT: RunLimit = { runs: 200, untouched: 64, tail: 1e-6 };

/** exp of a log weight, 0 when it counts as nothing. */
export function massOf(logWeight: number): number {
  return logWeight > 0 ? Math.exp(logWeight) : expMinus(-logWeight);
}

/** Drops the oldest runs that together weigh less than the limit's tail. Returns the mass that went. */
export function dropTail(runs: Runs, total: number, limit: RunLimit): number {
  const { mass } = runs;
  const allowed = total * limit.tail;
  let gone = 0;
  let oldest = 0;
  while (oldest < runs.count - 1 && gone + mass[oldest]! < allowed) {
    gone += mass[oldest]!;
    oldest += 1;
  }
  if (oldest > 0) removeRuns(runs, 0, oldest);
  return gone;
}

/**
 * Makes room for one more run: among neighbours older than the untouched ones, the pair whose merging costs least (the smaller
 * mass times the relative difference of their ages) becomes one run, the likelier's, with the mass of both. Ties go to the
 * oldest pair, so that the outcome is the same in every run of the program. Returns the mass that changed its start.
 */
export function mergeCheapest(runs: Runs, step: number, limit: RunLimit): number {
  const { start, mass, logWeight } = runs;
  const last = runs.count - limit.untouched;
  let cheapest = 0;
  let cost = Number.POSITIVE_INFINITY;
  let divisor = 1;
  for (let i = 0; i + 1 < last; i++) {
    const elder = step - start[i]!;
    const younger = step - start[i + 1]!;
    const smaller = Math.min(mass[i]!, mass[i + 1]!);
    // Cost = smaller * (elder - younger) / (elder + younger), about half the logarithm of the ratio; compared without dividing.
    const price = smaller * (elder - younger);
    if (price * divisor < cost * (elder + younger)) {
      cheapest = i;
      cost = price;
      divisor = elder + younger;
    }
  }
  const elderIsLikelier = logWeight[cheapest]! >= logWeight[cheapest + 1]!;
  const kept = elderIsLikelier ? cheapest : cheapest + 1;
  const gone = elderIsLikelier ? cheapest + 1 : cheapest;
  const moved = mass[gone]!;
  logWeight[kept] = logWeight[kept]! + Math.log1p(Math.exp(logWeight[gone]! - logWeight[kept]!));
  mass[kept] = massOf(logWeight[kept]!);
  removeRuns(runs, gone, gone + 1);
  return moved;
}
