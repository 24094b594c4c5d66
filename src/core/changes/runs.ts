/**
 * The hypotheses of the filter, oldest first, in flat arrays (one column per quantity). Only the first `count` entries of each
 * array are in use. Buffers are mutable and belong to one filter; everything else reads them.
 */
export interface Runs {
  count: number;
  /** Step at which the run began: it holds the observations of later steps only, so its length is step - start. */
  start: Int32Array;
  /** Observations the run holds; less than its length when some were missing. */
  seen: Int32Array;
  /** Log weight relative to the heaviest run before the newest step's bookkeeping (natural logarithm). */
  logWeight: Float64Array;
  /** exp(logWeight), 0 when below 4e-18. A function of logWeight alone, so it is never stored. */
  mass: Float64Array;
  /** A number of the caller's choice, noted when the run began. */
  mark: Float32Array;
  /** The model's sufficient statistics, one array per statistic. */
  statistics: readonly Float64Array[];
}

export function createRuns(capacity: number, statistics: number): Runs {
  return {
    count: 0,
    start: new Int32Array(capacity),
    seen: new Int32Array(capacity),
    logWeight: new Float64Array(capacity),
    mass: new Float64Array(capacity),
    mark: new Float32Array(capacity),
    statistics: Array.from({ length: statistics }, () => new Float64Array(capacity)),
  };
}

/** A copy with room for at least `capacity` runs. */
export function copyRuns(runs: Runs, capacity: number): Runs {
  const { count } = runs;
  const copy = createRuns(Math.max(capacity, count), runs.statistics.length);
  copy.count = count;
  copy.start.set(runs.start.subarray(0, count));
  copy.seen.set(runs.seen.subarray(0, count));
  copy.logWeight.set(runs.logWeight.subarray(0, count));
  copy.mass.set(runs.mass.subarray(0, count));
  copy.mark.set(runs.mark.subarray(0, count));
  for (const [k, column] of runs.statistics.entries()) copy.statistics[k]?.set(column.subarray(0, count));
  return copy;
}

/** Takes out the runs at the places given, in ascending order; the later ones move up. */
export function removeRuns(runs: Runs, places: Int32Array): void {
  const { start, seen, logWeight, mass, mark, statistics, count } = runs;
  for (let k = 0; k < places.length; k++) {
    const from = places[k]! + 1;
    const to = k + 1 < places.length ? places[k + 1]! : count;
    // A plain loop: for so few entries it is faster than a copyWithin for each column.
    for (let source = from; source < to; source++) {
      const target = source - k - 1;
      start[target] = start[source]!;
      seen[target] = seen[source]!;
      logWeight[target] = logWeight[source]!;
      mass[target] = mass[source]!;
      mark[target] = mark[source]!;
    }
    for (const column of statistics) for (let source = from; source < to; source++) column[source - k - 1] = column[source]!;
  }
  runs.count = count - places.length;
}
