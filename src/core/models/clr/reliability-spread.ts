import type { DayGroups } from "./day-losses.ts";
import type { ReliabilityBin } from "./metrics.ts";

export interface ProvenBin extends ReliabilityBin {
  /** Of the share of positives, by how it differs from day to day: windows of one day are not independent. Null below three days. */
  readonly standardError: number | null;
}

const LEAST_DAYS = 3;

/** How sure each bin's share of positives is: the error of a ratio of two sums over days. */
export function withSpread(
  bins: readonly ReliabilityBin[],
  labels: Uint8Array,
  probabilities: Float64Array,
  { groupOf, days }: DayGroups,
): ProvenBin[] {
  const counts = bins.map(() => new Float64Array(days.length));
  const positives = bins.map(() => new Float64Array(days.length));
  for (let i = 0; i < labels.length; i++) {
    const bin = Math.min(Math.floor(probabilities[i]! * bins.length), bins.length - 1);
    const day = groupOf[i]!;
    counts[bin]![day] = counts[bin]![day]! + 1;
    positives[bin]![day] = positives[bin]![day]! + labels[i]!;
  }
  return bins.map((bin, k) => ({ ...bin, standardError: errorOf(counts[k]!, positives[k]!, bin) }));
}

function errorOf(counts: Float64Array, positives: Float64Array, { count, positiveShare }: ReliabilityBin): number | null {
  const days = counts.filter((rows) => rows > 0).length;
  if (days < LEAST_DAYS || positiveShare === null) return null;
  let sum = 0;
  for (let day = 0; day < counts.length; day++) sum += (positives[day]! - positiveShare * counts[day]!) ** 2;
  return Math.sqrt((sum * days) / (days - 1)) / count;
}
