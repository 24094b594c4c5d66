import type { ReliabilityBin } from "../../../../core/models/clr/metrics.ts";

export interface Proven {
  /** What was said on average, and how often that came true. */
  readonly said: number;
  readonly came: number;
  /** Windows of days that the model had not seen. */
  readonly count: number;
}

const LEAST_WINDOWS = 30;

/** What became of probabilities like this one on held-out days; null where there were too few to tell. */
export function provenShare(reliability: unknown, probability: number): Proven | null {
  if (!Array.isArray(reliability)) return null;
  const bins = reliability as readonly ReliabilityBin[];
  const bin = bins.find(({ lower, upper }) => probability >= lower && (probability < upper || upper >= 1));
  if (bin === undefined || bin.count < LEAST_WINDOWS || bin.meanProbability === null || bin.positiveShare === null) return null;
  return { said: bin.meanProbability, came: bin.positiveShare, count: bin.count };
}
