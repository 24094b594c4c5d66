import { expMinus } from "./log-exp.ts";
import type { ObservationModel } from "./model.ts";
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
  if (oldest > 0)
    removeRuns(
      runs,
      Int32Array.from({ length: oldest }, (_, i) => i),
    );
  return gone;
}

/** Pairs merged at a time: one search then serves so many steps. */
const MERGED_AT_ONCE = 8;

/**
 * Makes room: among neighbours older than the untouched ones, the pairs whose merging costs least (the smaller mass times the relative
 * difference of their ages) become one run each, the likelier's, with the mass of both. Ties go to the oldest pair, so that
 * the outcome is the same in every run of the program. Its statistics become the mean of both by mass, as the mixture of the two would predict:
 * that makes the error against the exact filter up to twenty times smaller. Returns the mass that changed its start.
 */
export function mergeCheapest(runs: Runs, step: number, limit: RunLimit, model: ObservationModel): number {
  const { start, mass, logWeight } = runs;
  const pairs = runs.count - limit.untouched - 1;
  const costs = new Float64Array(pairs);
  for (let i = 0; i < pairs; i++) {
    const elder = step - start[i]!;
    const younger = step - start[i + 1]!;
    // (elder - younger) / (elder + younger) is about half the logarithm of their ratio.
    costs[i] = (Math.min(mass[i]!, mass[i + 1]!) * (elder - younger)) / (elder + younger);
  }
  let moved = 0;
  const lost = new Int32Array(Math.min(MERGED_AT_ONCE, Math.ceil(pairs / 4)));
  for (let k = 0; k < lost.length; k++) {
    let cheapest = 0;
    for (let i = 1; i < pairs; i++) if (costs[i]! < costs[cheapest]!) cheapest = i;
    const elderIsLikelier = logWeight[cheapest]! >= logWeight[cheapest + 1]!;
    const kept = elderIsLikelier ? cheapest : cheapest + 1;
    const gone = elderIsLikelier ? cheapest + 1 : cheapest;
    moved += mass[gone]!;
    const share = mass[gone]! / (mass[gone]! + mass[kept]!);
    if (share > 0) model.blend(runs, kept, gone, share);
    logWeight[kept] = logWeight[kept]! + Math.log1p(Math.exp(logWeight[gone]! - logWeight[kept]!));
    mass[kept] = massOf(logWeight[kept]!);
    lost[k] = gone;
    // A run takes part in one merger at a time.
    costs.fill(Number.POSITIVE_INFINITY, Math.max(0, cheapest - 1), cheapest + 2);
  }
  removeRuns(runs, lost.sort());
  return moved;
}
