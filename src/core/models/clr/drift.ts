import { quantileSorted } from "simple-statistics";

/** Proportions below this are raised to it, so that an empty bin costs a lot but not everything. */
const FLOOR = 1e-4;

/**
 * Population stability index of two histograms with the same bins: sum of (a - e) * ln(a / e), proportions floored, not renormalised.
 * The usual limits 0.1 and 0.25 are folklore and ignore the sample size.
 */
export function populationStability(referenceCounts: readonly number[], currentCounts: readonly number[], floor = FLOOR): number {
  const referenceTotal = referenceCounts.reduce((sum, count) => sum + count, 0);
  const currentTotal = currentCounts.reduce((sum, count) => sum + count, 0);
  return referenceCounts.reduce((sum, count, bin) => {
    const expected = Math.max(count / referenceTotal, floor);
    const actual = Math.max((currentCounts[bin] ?? 0) / currentTotal, floor);
    return sum + (actual - expected) * Math.log(actual / expected);
  }, 0);
}

/** Counts of edges.length + 1 bins: bin k holds edges[k - 1] <= x < edges[k], open at both ends. Values that are not numbers are left out. */
export function histogram(values: Iterable<number>, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 1).fill(0);
  for (const value of values) {
    if (Number.isNaN(value)) continue;
    let bin = 0;
    while (bin < edges.length && value >= edges[bin]!) bin++;
    counts[bin] = counts[bin]! + 1;
  }
  return counts;
}

/** Inner edges of up to `bins` bins of equal mass; ties make fewer. Values that are not numbers are left out. */
export function equalMassEdges(values: Iterable<number>, bins = 10): number[] {
  const sorted = Float64Array.from(values)
    .filter((value) => !Number.isNaN(value))
    .sort();
  if (sorted.length === 0) return [];
  const present = Array.from(sorted);
  const shares = Array.from({ length: bins - 1 }, (_, k) => (k + 1) / bins);
  const edges = shares.map((share) => quantileSorted(present, share));
  return edges.filter((edge, k) => edge > present[0]! && (k === 0 || edge > edges[k - 1]!));
}
