import { type Filter, hazardOf } from "./filter.ts";
import type { StreamSettings } from "./settings.ts";

/** What the posterior says about a change after a boundary. */
export interface Since {
  /** P(a run began after the boundary, far enough from it and from now). */
  readonly probability: number;
  /** Places in `filter.runs`: of the most probable such run, and of the ends of the 95 % interval of starts around it. */
  readonly run: number;
  readonly low: number;
  readonly high: number;
  /**
   * How many times better the best single start explains what was seen than no change does (a Bayes factor). On a stream that says little, the probability of
   * some change grows with time alone, as the hazard adds up; this does not.
   */
  readonly support: number;
}

/**
 * P(youngest <= observations of the run <= sinceBoundary - apart), where `sinceBoundary` counts the observations since the last
 * reported change (or since the filter began). null when no run lies in that range.
 */
export function readSince(filter: Filter, sinceBoundary: number, settings: StreamSettings): Since | null {
  const { count, seen, mass, logWeight, start } = filter.runs;
  const first = firstAfter(filter, sinceBoundary, settings);
  let end = count;
  while (end > first && seen[end - 1]! < settings.youngest) end -= 1;
  if (first >= end) return null;
  const unchanged = massOf(filter, first);
  const hazard = hazardOf(settings.hoursPerStep, settings.meanRunHours);
  let sum = 0;
  let run = first;
  let best = 0;
  for (let i = first; i < end; i++) {
    sum += mass[i]!;
    if (logWeight[i]! >= logWeight[run]!) run = i;
    // A run that others were merged into stands for all their starts.
    const starts = i === 0 ? 1 : start[i]! - start[i - 1]!;
    best = Math.max(best, mass[i]! / (hazard * starts));
  }
  let low = first;
  let below = mass[first]!;
  while (low < end - 1 && below < 0.025 * sum) below += mass[++low]!;
  let high = low;
  while (high < end - 1 && below < 0.975 * sum) below += mass[++high]!;
  return { probability: sum / filter.total, support: best / unchanged, run, low: Math.min(low, run), high: Math.max(high, run) };
}

/** P(the run has gone on since the boundary). Not one less `readSince`: runs too young to be told of are neither. */
export function unchangedSince(filter: Filter, sinceBoundary: number, settings: StreamSettings): number {
  return massOf(filter, firstAfter(filter, sinceBoundary, settings)) / filter.total;
}

/** The place of the first run that began after the boundary, far enough from it. */
function firstAfter({ runs: { count, seen } }: Filter, sinceBoundary: number, settings: StreamSettings): number {
  let first = 0;
  while (first < count && seen[first]! > sinceBoundary - settings.apart) first += 1;
  return first;
}

/** The mass of the runs before a place. */
function massOf({ runs: { mass } }: Filter, end: number): number {
  let sum = 0;
  for (let i = 0; i < end; i++) sum += mass[i]!;
  return sum;
}
