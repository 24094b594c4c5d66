import { rowLoss } from "./logit.ts";

/** Mean negative log likelihood in nats, from logits: a confident error costs what it should, where a probability would have rounded. */
export function logLoss(labels: Uint8Array, logits: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < labels.length; i++) sum += rowLoss(labels[i]!, logits[i]!);
  return sum / labels.length;
}

/** Mean squared distance of probability and label. */
export function brierScore(labels: Uint8Array, probabilities: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < labels.length; i++) sum += (probabilities[i]! - labels[i]!) ** 2;
  return sum / labels.length;
}

export interface Ranking {
  /** Mann-Whitney with ties counted one half; null with one class, or a score that is no number. */
  readonly auc: number | null;
  /** Mean precision over the positives, rows of equal score entering together; null likewise. */
  readonly averagePrecision: number | null;
}

export function rankingOf(labels: Uint8Array, scores: Float64Array): Ranking {
  // What is no number has no place in an order, and equals nothing, not even itself.
  if (scores.some(Number.isNaN)) return { auc: null, averagePrecision: null };
  const order = Uint32Array.from(labels.keys()).sort((a, b) => scores[b]! - scores[a]!);
  let positives = 0;
  for (let i = 0; i < labels.length; i++) positives += labels[i]!;
  const negatives = labels.length - positives;
  if (positives === 0 || negatives === 0) return { auc: null, averagePrecision: null };
  let above = 0;
  let seen = 0;
  let area = 0;
  let precision = 0;
  while (seen < order.length) {
    const score = scores[order[seen]!]!;
    let tiedPositives = 0;
    let end = seen;
    for (; end < order.length && scores[order[end]!]! === score; end++) tiedPositives += labels[order[end]!]!;
    const tiedNegatives = end - seen - tiedPositives;
    area += tiedNegatives * (above + tiedPositives / 2);
    above += tiedPositives;
    precision += (tiedPositives * above) / end;
    seen = end;
  }
  return { auc: area / (positives * negatives), averagePrecision: precision / positives };
}

export interface ReliabilityBin {
  readonly lower: number;
  readonly upper: number;
  readonly count: number;
  /** Mean probability and share of positives of the bin; null where it is empty. */
  readonly meanProbability: number | null;
  readonly positiveShare: number | null;
}

const RELIABILITY_BINS = 10;

/** Ten bins of equal width; a probability of 1 belongs to the last. */
export function reliabilityOf(labels: Uint8Array, probabilities: Float64Array): ReliabilityBin[] {
  const counts = new Float64Array(RELIABILITY_BINS);
  const sums = new Float64Array(RELIABILITY_BINS);
  const positives = new Float64Array(RELIABILITY_BINS);
  for (let i = 0; i < labels.length; i++) {
    const bin = Math.min(Math.floor(probabilities[i]! * RELIABILITY_BINS), RELIABILITY_BINS - 1);
    counts[bin] = counts[bin]! + 1;
    sums[bin] = sums[bin]! + probabilities[i]!;
    positives[bin] = positives[bin]! + labels[i]!;
  }
  return Array.from(counts, (count, bin) => ({
    lower: bin / RELIABILITY_BINS,
    upper: (bin + 1) / RELIABILITY_BINS,
    count,
    meanProbability: count === 0 ? null : sums[bin]! / count,
    positiveShare: count === 0 ? null : positives[bin]! / count,
  }));
}

/** Expected calibration error: mean over rows of |mean probability - share of positives| of the row's bin. */
export function expectedCalibrationError(bins: readonly ReliabilityBin[]): number {
  let sum = 0;
  let rows = 0;
  for (const { count, meanProbability, positiveShare } of bins) {
    rows += count;
    if (meanProbability !== null && positiveShare !== null) sum += count * Math.abs(meanProbability - positiveShare);
  }
  return sum / rows;
}
