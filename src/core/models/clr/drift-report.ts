import { quantile } from "simple-statistics";
import { columnOf, type Design } from "./design.ts";
import { equalMassEdges, populationStability } from "./drift.ts";

/** What is compared: one row per window, in time order; NaN where a value was unknown. */
export interface DriftWindows {
  readonly design: Design;
  /** Number of the day of each row: any 24 hours or so that hold each hour once. */
  readonly days: Int32Array;
}

export interface Drift {
  readonly psi: number;
  /** Above it the recent days differ more than days of the reference differ from each other. */
  readonly limit: number;
  readonly hasDrifted: boolean;
}

export interface DriftReport {
  /** Whole days that were compared: first and last of either side. */
  readonly reference: { readonly days: number; readonly firstDay: number; readonly lastDay: number };
  readonly current: { readonly days: number; readonly firstDay: number; readonly lastDay: number };
  /** Of each column, in their order. */
  readonly columns: readonly Drift[];
}

/** A week holds each weekday once, so that weekends do not pass for a drift. */
export const CURRENT_DAYS = 7;
/** Two weeks make the blocks that tell how much weeks differ by themselves. */
export const MIN_REFERENCE_DAYS = 14;
/** What lies further back is no longer how the home lives. */
const MOST_REFERENCE_DAYS = 60;
/** A day with less of its windows than this would be compared by its hours. */
const WHOLE_DAY = 0.8;
/** Below it nobody would call two weeks different. */
const LEAST_LIMIT = 0.1;
const LIMIT_QUANTILE = 0.95;

/**
 * Population stability index of each column: the newest week against the days before. A column has drifted beyond
 * max(0.1, 95th percentile of the index between a block of as many consecutive days and the other days of the reference): the fixed limits 0.1
 * and 0.25 ignore how many independent days there are. A value that is not known is a bin of its own, so a sensor that falls silent shows.
 * Days after `untilDay` are left away. Null: too few whole days to compare.
 */
export function measureDrift({ design, days }: DriftWindows, untilDay = Number.POSITIVE_INFINITY): DriftReport | null {
  const whole = wholeDays(days)
    .filter((day) => day <= untilDay)
    .slice(-(MOST_REFERENCE_DAYS + CURRENT_DAYS));
  const reference = whole.slice(0, -CURRENT_DAYS);
  const current = whole.slice(-CURRENT_DAYS);
  if (reference.length < MIN_REFERENCE_DAYS) return null;
  const place = new Map(whole.map((day, k) => [day, k]));
  const placeOfRow = Int32Array.from(days, (day) => place.get(day) ?? -1);
  const columns = Array.from({ length: design.cols }, (_, j) => driftOf(columnOf(design, j), placeOfRow, whole.length));
  const spanOf = (list: readonly number[]) => ({ days: list.length, firstDay: list[0]!, lastDay: list.at(-1)! });
  return { reference: spanOf(reference), current: spanOf(current), columns };
}

function wholeDays(days: Int32Array): number[] {
  const sizes = new Map<number, number>();
  for (const day of days) sizes.set(day, (sizes.get(day) ?? 0) + 1);
  const most = Math.max(0, ...sizes.values());
  return [...sizes].filter(([, size]) => size >= WHOLE_DAY * most).map(([day]) => day);
}

function driftOf(cells: Float64Array, placeOfRow: Int32Array, days: number): Drift {
  const referenceDays = days - CURRENT_DAYS;
  const edges = equalMassEdges(cells.filter((_, row) => placeOfRow[row]! >= 0 && placeOfRow[row]! < referenceDays));
  const counts = countByDay(cells, placeOfRow, days, edges);
  const bins = edges.length + 2;
  const sum = (from: number, to: number): number[] =>
    Array.from({ length: bins }, (_, bin) => {
      let total = 0;
      for (let day = from; day < to; day++) total += counts[day * bins + bin]!;
      return total;
    });
  const all = sum(0, referenceDays);
  const between = Array.from({ length: referenceDays - CURRENT_DAYS + 1 }, (_, from) => {
    const block = sum(from, from + CURRENT_DAYS);
    return populationStability(
      all.map((count, bin) => count - block[bin]!),
      block,
    );
  });
  const limit = Math.max(LEAST_LIMIT, quantile(between, LIMIT_QUANTILE));
  const psi = populationStability(all, sum(referenceDays, days));
  return { psi, limit, hasDrifted: psi > limit };
}

/** Rows of each day per bin; the last bin holds what is not known. */
function countByDay(cells: Float64Array, placeOfRow: Int32Array, days: number, edges: readonly number[]): Int32Array {
  const bins = edges.length + 2;
  const counts = new Int32Array(days * bins);
  for (let row = 0; row < cells.length; row++) {
    const day = placeOfRow[row]!;
    if (day < 0) continue;
    const cell = cells[row]!;
    let bin = 0;
    if (Number.isNaN(cell)) bin = bins - 1;
    else while (bin < edges.length && cell >= edges[bin]!) bin++;
    const at = day * bins + bin;
    counts[at] = counts[at]! + 1;
  }
  return counts;
}
