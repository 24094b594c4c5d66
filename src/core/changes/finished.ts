import { mostAgreed } from "./agreement.ts";
import { createLineEvidence, type SegmentEvidence } from "./segment-evidence.ts";
import { mostProbableSegmentation } from "./segmentation.ts";

/** Constants of the read-out for finished series: one setting for all. */
export interface FinishedSettings {
  readonly kappaLevel: number;
  readonly kappaSlope: number;
  readonly alpha0: number;
  readonly hazard: number;
  readonly shortest: number;
  /** Points by which two statements of the same change may differ. */
  readonly margin: number;
  /** One opinion for each pair: exponent of the likelihood, and expected noise variance as a share of the series' variance. */
  readonly powers: readonly number[];
  readonly noiseShares: readonly number[];
}

/** Chosen by leaving series out (bench `changes`, option leaveOneOut), in the middle of a broad plateau. */
export const FINISHED_SETTINGS: FinishedSettings = {
  kappaLevel: 0.05,
  kappaSlope: 0.002,
  alpha0: 12,
  hazard: 1e-3,
  shortest: 5,
  margin: 5,
  powers: [0.25, 0.35, 0.5, 0.7],
  noiseShares: [0.02, 0.04, 0.07, 0.12],
};

/**
 * Change points of a finished series: the first index of each new segment, ascending. `columns` has one list per dimension, all of the
 * same length; dimensions change together. null = missing. Units and offsets of the columns do not matter.
 *
 * How much noise there is, and how much neighbours depend on each other, cannot be learned from one series of unknown kind: the
 * marginal likelihood rewards ever shorter runs. So each plausible pair gives its most probable segmentation, and the one that
 * agrees best with all of them is returned. Costs O(length^2) for each pair.
 */
export function detectChanges(
  columns: readonly (readonly (number | null)[])[],
  settings: FinishedSettings = FINISHED_SETTINGS,
): readonly number[] {
  const length = columns[0]?.length ?? 0;
  const scaled = columns.map(standardise).filter((column) => column !== null);
  if (scaled.length === 0 || length === 0) return [];
  return mostAgreed(opinions(scaled, length, settings), length, settings.margin);
}

/** The most probable segmentation under each pair of power and noise share. */
function opinions(scaled: readonly Float64Array[], length: number, settings: FinishedSettings): number[][] {
  const { kappaLevel, kappaSlope, alpha0, powers, noiseShares, hazard, shortest } = settings;
  return powers.flatMap((power) =>
    noiseShares.map((share) => {
      const each = scaled.map((column) => createLineEvidence(column, { kappaLevel, kappaSlope, alpha0, beta0: alpha0 * share, power }));
      return mostProbableSegmentation(length, together(each), hazard, shortest);
    }),
  );
}

function together(each: readonly SegmentEvidence[]): SegmentEvidence {
  const [only] = each;
  if (each.length === 1 && only !== undefined) return only;
  return (from, to) => {
    let sum = 0;
    for (const evidence of each) sum += evidence(from, to);
    return sum;
  };
}

/** Mean 0 and variance 1, missing values as NaN; null when there is nothing to see. */
function standardise(column: readonly (number | null)[]): Float64Array | null {
  const known = column.filter((value) => value !== null && Number.isFinite(value)) as number[];
  if (known.length < 2) return null;
  let mean = 0;
  for (const value of known) mean += value / known.length;
  let variance = 0;
  for (const value of known) variance += (value - mean) ** 2 / known.length;
  if (!(variance > 0)) return null;
  const scale = Math.sqrt(variance);
  return Float64Array.from(column, (value) => (value === null || !Number.isFinite(value) ? Number.NaN : (value - mean) / scale));
}
