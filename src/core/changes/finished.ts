import { mostAgreed } from "./agreement.ts";
import { lagOneCorrelation, median, robustScale } from "./robust.ts";
import { createLineEvidence, type SegmentEvidence } from "./segment-evidence.ts";
import { mostProbableSegmentation } from "./segmentation.ts";

/** Constants of the read-out for finished series: one setting for all. */
export interface FinishedSettings {
  readonly kappaLevel: number;
  readonly kappaSlope: number;
  readonly flatShare: number;
  readonly alpha0: number;
  readonly hazard: number;
  readonly shortest: number;
  /** Points by which two statements of the same change may differ. */
  readonly margin: number;
  /** However much neighbours depend on each other, a point counts for so much. */
  readonly leastPower: number;
  /** One opinion for each pair: factor on the exponent of the likelihood, and noise variance as a share of the series' variance. */
  readonly powerFactors: readonly number[];
  readonly noiseShares: readonly number[];
}

/** Chosen by leaving series out (bench `changes`, option leaveOneOut), inside a broad plateau. */
export const FINISHED_SETTINGS: FinishedSettings = {
  kappaLevel: 0.05,
  kappaSlope: 0.002,
  flatShare: 0.5,
  alpha0: 6,
  hazard: 0.003,
  shortest: 5,
  margin: 5,
  leastPower: 0.4,
  powerFactors: [0.6, 0.85, 1.2, 1.7],
  noiseShares: [0.03, 0.06, 0.1, 0.15],
};

/**
 * Change points of a finished series: the first index of each new segment, ascending. `columns` has one list per dimension, all of the
 * same length; dimensions change together. null = missing. Units and offsets of the columns do not matter.
 *
 * Each opinion is the most probable segmentation of Bayesian change point detection under one pair of noise level and likelihood
 * exponent; the segmentation that agrees best with all opinions is returned. One series of unknown kind cannot tell these
 * two: its marginal likelihood rewards ever shorter runs. Costs O(length^2) for each pair.
 */
export function detectChanges(
  columns: readonly (readonly (number | null)[])[],
  settings: FinishedSettings = FINISHED_SETTINGS,
): readonly number[] {
  const length = columns[0]?.length ?? 0;
  const scaled = columns.map(standardise).filter((column) => column !== null);
  if (scaled.length === 0) return [];
  const powers = scaled.map((column) => Math.max(settings.leastPower, independence(column)));
  const opinions = settings.powerFactors.flatMap((factor) =>
    settings.noiseShares.map((share) => {
      const beta0 = settings.alpha0 * share;
      const each = scaled.map((column, k) => createLineEvidence(column, { ...settings, beta0, power: Math.min(1, factor * powers[k]!) }));
      return mostProbableSegmentation(length, together(each), settings.hazard, settings.shortest);
    }),
  );
  return mostAgreed(opinions, length, settings.margin);
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

/**
 * How many independent points a point of the series is worth: (1 - phi) / (1 + phi), where the noise is taken as AR(1). phi = 1 + 2 c from the
 * lag-1 correlation c of the differences, which hardly feel changes of level and slope; large differences are cut at 3 scales.
 */
export function independence(column: Float64Array): number {
  const differences: number[] = [];
  for (let i = 1; i < column.length; i++) differences.push(column[i]! - column[i - 1]!);
  const known = differences.filter((difference) => !Number.isNaN(difference));
  if (known.length < 10) return 0;
  const centre = median(known);
  const reach = 3 * (robustScale(known, centre) || Math.sqrt(known.reduce((sum, one) => sum + (one - centre) ** 2, 0) / known.length));
  const cut = differences.map((difference) => Math.max(centre - reach, Math.min(centre + reach, difference)));
  const phi = Math.min(1, Math.max(0, 1 + 2 * lagOneCorrelation(cut, centre)));
  return (1 - phi) / (1 + phi);
}

/** Mean 0 and variance 1, missing values as NaN; null when there is nothing to see. */
function standardise(column: readonly (number | null)[]): Float64Array | null {
  const known = column.filter((value): value is number => value !== null && Number.isFinite(value));
  if (known.length < 2) return null;
  let mean = 0;
  for (const value of known) mean += value / known.length;
  let variance = 0;
  for (const value of known) variance += (value - mean) ** 2 / known.length;
  if (!(variance > 1e-24 * mean * mean)) return null;
  const scale = Math.sqrt(variance);
  return Float64Array.from(column, (value) => (value === null || !Number.isFinite(value) ? Number.NaN : (value - mean) / scale));
}
