import type { SegmentEvidence } from "./segment-evidence.ts";

/**
 * The most probable segmentation of points 0 .. length - 1 under the model of the filter: a segment ends after each point with
 * probability hazard (dynamic programming: Fearnhead & Liu 2007, section 3.2; O(length^2)). Segments hold at least `shortest` points, unless the
 * series has fewer.
 * Returns the first index of each segment but the first, ascending.
 */
export function mostProbableSegmentation(length: number, evidence: SegmentEvidence, hazard: number, shortest: number): number[] {
  const best = new Float64Array(length + 1).fill(Number.NEGATIVE_INFINITY);
  const begun = new Int32Array(length + 1);
  best[0] = 0;
  const end = Math.log(hazard);
  const last = Math.log1p(-hazard);
  for (let to = 1; to <= length; to++) {
    for (let from = 0; from <= Math.max(to - shortest, to === length ? 0 : -1); from++) {
      if (best[from]! === Number.NEGATIVE_INFINITY) continue;
      const weight = best[from]! + evidence(from, to) + (to - from - 1) * last + (from > 0 ? end : 0);
      if (weight > best[to]!) {
        best[to] = weight;
        begun[to] = from;
      }
    }
  }
  const changes: number[] = [];
  for (let from = begun[length] ?? 0; from > 0; from = begun[from]!) changes.push(from);
  return changes.reverse();
}
