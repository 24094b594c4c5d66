import type { LabelKind } from "../../../src/core/labels/label.ts";
import type { FeatureWindows, Pairing, PairRequest } from "../../../src/core/pairs/pair.ts";
import type { PairLabel } from "../../../src/core/pairs/pair-label.ts";
import { HOUR_MS, MINUTE_MS } from "../../../src/core/time.ts";

export const GRID_MS = 5 * MINUTE_MS;

/** Every window whose end lies in (fromMs, toMs], known at its end and fully covered. */
export function windowsBetween(fromMs: number, toMs: number): FeatureWindows {
  const first = Math.floor(fromMs / GRID_MS) + 1;
  const windowNo = Float64Array.from({ length: Math.floor(toMs / GRID_MS) - first + 1 }, (_, i) => first + i);
  return { windowNo, availableAtMs: windowNo.map((no) => no * GRID_MS), coverage: new Float64Array(windowNo.length).fill(1) };
}

export function label(id: number, startMs: number, endMs: number, kind: LabelKind = "positive", capturedAtMs = endMs): PairLabel {
  return { id, startMs, endMs, kind, capturedAtMs };
}

/** A request in which nothing but the labels decides. */
export function request(labels: readonly PairLabel[], windows: FeatureWindows, more: Partial<PairRequest> = {}): PairRequest {
  return {
    labels,
    windows,
    trainingAtMs: Number.MAX_SAFE_INTEGER,
    gridMs: GRID_MS,
    longestHorizonMs: 2 * HOUR_MS,
    dataBeganMs: Number.MIN_SAFE_INTEGER,
    minimumCoverage: 0.5,
    gaps: [],
    ...more,
  };
}

/** How many windows pair with each label, by target: `{ [labelId]: [zeros, ones] }`. */
export function tally(pairing: Pairing): Record<number, [zeros: number, ones: number]> {
  const counts: Record<number, [number, number]> = {};
  for (const { labelId, target } of pairing.pairs) {
    counts[labelId] ??= [0, 0];
    counts[labelId][target]++;
  }
  return counts;
}
