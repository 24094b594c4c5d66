/** Which of the rows a costly candidate sees: one window in so many of each day, one day in so many. */
export interface Thinning {
  readonly everyRow: number;
  readonly everyDay: number;
}

export const ALL_ROWS: Thinning = { everyRow: 1, everyDay: 1 };

/** An hour of windows: their features, which look back at least as long, hardly differ within it. */
const MOST_ROW_STRIDE = 12;
/** Fewer days would say nothing of the next. */
const MIN_DAYS = 7;

/** The mildest thinning that makes the rows fewer by the factor: windows first, because they tell less than days. Null: none does. */
export function thinningFor(factor: number, days: number): Thinning | null {
  if (factor <= 1) return ALL_ROWS;
  const everyRow = Math.min(MOST_ROW_STRIDE, Math.ceil(factor));
  const everyDay = Math.max(1, Math.ceil(factor / everyRow));
  return everyDay === 1 || days / everyDay >= MIN_DAYS ? { everyRow, everyDay } : null;
}

/** Positions of the rows that are taken; `days` is the day of each row, in time order. */
export function takenRows(days: ArrayLike<number>, { everyRow, everyDay }: Thinning): Int32Array {
  const taken: number[] = [];
  let dayCount = -1;
  let rowOfDay = 0;
  for (let row = 0; row < days.length; row++) {
    if (row === 0 || days[row] !== days[row - 1]) {
      dayCount++;
      rowOfDay = 0;
    }
    // Not the same hours of every day.
    if (dayCount % everyDay === 0 && (rowOfDay + dayCount) % everyRow === 0) taken.push(row);
    rowOfDay++;
  }
  return Int32Array.from(taken);
}
