import type { Filter } from "./filter.ts";
import type { StreamSettings } from "./settings.ts";

/** What the posterior says about a change after a boundary, in steps. */
export interface Since {
  /** P(a run began after the boundary, far enough from it and from now). */
  readonly probability: number;
  /** Place in `filter.runs` of the most probable such run. */
  readonly run: number;
  /** 95 % interval of its start. */
  readonly low: number;
  readonly high: number;
}

/**
 * Reads P(youngest <= run's observations <= observations since the boundary - apart). `since` = how many observations the stream has had
 * since the last reported change, or since the filter began. null when no run lies in that range.
 */
export function readSince(filter: Filter, since: number, settings: StreamSettings): Since | null {
  const { count, seen, mass, logWeight, start } = filter.runs;
  let first = 0;
  while (first < count && seen[first]! > since - settings.apart) first += 1;
  let end = count;
  while (end > first && seen[end - 1]! < settings.youngest) end -= 1;
  if (first >= end) return null;
  let sum = 0;
  let run = first;
  for (let i = first; i < end; i++) {
    sum += mass[i]!;
    if (logWeight[i]! >= logWeight[run]!) run = i;
  }
  let low = first;
  let below = mass[first]!;
  while (below < 0.025 * sum && low < end - 1) below += mass[++low]!;
  let high = low;
  while (below < 0.975 * sum && high < end - 1) below += mass[++high]!;
  return { probability: sum / filter.total, run, low: Math.min(start[low]!, start[run]!), high: Math.max(start[high]!, start[run]!) };
}
