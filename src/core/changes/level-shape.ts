import { mean } from "./robust.ts";
import type { Slot } from "./slot.ts";

/**
 * What the time of day and the weekend add to a level: 24 weekday values, then 24 weekend ones, whose mean over a week is 0. It
 * learns only how hours and day types differ from their own day and week, so a change of the level itself is never absorbed.
 */
export interface LevelShape {
  readonly values: Float32Array;
  /** Days learned from, by day type. */
  readonly days: Float32Array;
  /** The running day's values; NaN where none. */
  readonly today: Float32Array;
  day: number;
  weekend: 0 | 1;
  /** Of the running week, by day type: sum of the days' mean residuals, and how many days. */
  readonly week: Float32Array;
}

const HOURS = 24;
/** A day with fewer hours says too little about its own mean. */
const FEWEST_HOURS = 18;

/** A shape that adds nothing and knows nothing. */
export function flatLevelShape(): LevelShape {
  return {
    values: new Float32Array(2 * HOURS),
    days: new Float32Array(2),
    today: new Float32Array(HOURS).fill(Number.NaN),
    day: Number.NEGATIVE_INFINITY,
    weekend: 0,
    week: new Float32Array(4),
  };
}

export function levelShapeAt(shape: LevelShape, slot: Slot): number {
  return shape.values[slot.weekend * HOURS + slot.hour]!;
}

export function copyLevelShape(shape: LevelShape): LevelShape {
  return { ...shape, values: shape.values.slice(), days: shape.days.slice(), today: shape.today.slice(), week: shape.week.slice() };
}

/** Takes in one hour's value; the day before is learned when a new one begins. `rate` = weight of a day once many were seen. */
export function noteLevel(shape: LevelShape, slot: Slot, value: number, rate: number): void {
  if (slot.day !== shape.day) {
    closeDay(shape, rate);
    if (shape.weekend === 1 && slot.weekend === 0) closeWeek(shape, rate);
    shape.day = slot.day;
    shape.weekend = slot.weekend;
    shape.today.fill(Number.NaN);
  }
  shape.today[slot.hour] = value;
}

function closeDay(shape: LevelShape, rate: number): void {
  const base = shape.weekend * HOURS;
  let sum = 0;
  let hours = 0;
  for (let hour = 0; hour < HOURS; hour++) {
    const value = shape.today[hour]!;
    if (Number.isNaN(value)) continue;
    sum += value - shape.values[base + hour]!;
    hours += 1;
  }
  if (hours < FEWEST_HOURS) return;
  const level = sum / hours;
  const weight = Math.max(rate, 1 / (shape.days[shape.weekend]! + 1));
  for (let hour = 0; hour < HOURS; hour++) {
    const value = shape.today[hour]!;
    if (Number.isNaN(value)) continue;
    shape.values[base + hour] = shape.values[base + hour]! + weight * (value - shape.values[base + hour]! - level);
  }
  shape.days[shape.weekend] = shape.days[shape.weekend]! + 1;
  shape.week[shape.weekend * 2] = shape.week[shape.weekend * 2]! + level;
  shape.week[shape.weekend * 2 + 1] = shape.week[shape.weekend * 2 + 1]! + 1;
}

function closeWeek(shape: LevelShape, rate: number): void {
  const [workSum = 0, workDays = 0, freeSum = 0, freeDays = 0] = shape.week;
  shape.week.fill(0);
  if (workDays < 3 || freeDays < 1) return;
  const contrast = freeSum / freeDays - workSum / workDays;
  const weeks = shape.days[1]! / 2;
  shiftWeekend(shape.values, Math.max(2 * rate, 1 / (weeks + 2)) * contrast);
}

/** Raises the weekend against the weekdays by `contrast`, leaving the mean of a week where it is. */
function shiftWeekend(values: Float32Array, contrast: number): void {
  for (let hour = 0; hour < HOURS; hour++) {
    values[hour] = values[hour]! - (contrast * 2) / 7;
    values[HOURS + hour] = values[HOURS + hour]! + (contrast * 5) / 7;
  }
}

/**
 * The shape of the learning time: mean deviation of each hour from its own day, the same for both day types except for the part of
 * the weekend's own deviation and level that so few days can carry.
 */
export function learnLevelShape(slots: readonly Slot[], levels: readonly number[]): LevelShape {
  const days = new Map<number, { weekend: 0 | 1; hours: number[]; levels: number[] }>();
  for (const [i, slot] of slots.entries()) {
    const day = days.get(slot.day) ?? { weekend: slot.weekend, hours: [], levels: [] };
    days.set(slot.day, day);
    day.hours.push(slot.hour);
    day.levels.push(levels[i]!);
  }
  const values = new Float32Array(2 * HOURS);
  const full = [...days.values()].filter((day) => day.hours.length >= FEWEST_HOURS);
  const common = meanDeviations(full);
  const free = full.filter((day) => day.weekend === 1);
  const own = meanDeviations(free);
  for (let hour = 0; hour < HOURS; hour++) {
    values[hour] = common[hour]!;
    values[HOURS + hour] = common[hour]! + (free.length / (free.length + 6)) * (own[hour]! - common[hour]!);
  }
  const residualMeans = full.map((day) => mean(day.levels.map((level, k) => level - values[day.weekend * HOURS + day.hours[k]!]!)));
  shiftWeekend(
    values,
    believableContrast(
      full.map((day) => day.weekend),
      residualMeans,
    ),
  );
  return { ...flatLevelShape(), values, days: Float32Array.of(full.length, free.length + 4) };
}

function meanDeviations(days: readonly { readonly hours: readonly number[]; readonly levels: readonly number[] }[]): Float64Array {
  const sums = new Float64Array(HOURS);
  const counts = new Float64Array(HOURS);
  for (const day of days) {
    const level = mean(day.levels);
    for (const [k, hour] of day.hours.entries()) {
      sums[hour] = sums[hour]! + day.levels[k]! - level;
      counts[hour] = counts[hour]! + 1;
    }
  }
  return sums.map((sum, hour) => (counts[hour]! > 0 ? sum / counts[hour]! : 0));
}

/** Weekend minus weekday mean, shrunk by what chance alone would give it (positive-part James-Stein). */
export function believableContrast(weekends: readonly (0 | 1)[], levels: readonly number[]): number {
  const free = levels.filter((_, k) => weekends[k] === 1);
  const work = levels.filter((_, k) => weekends[k] === 0);
  if (free.length < 2 || work.length < 3) return 0;
  const contrast = mean(free) - mean(work);
  let squares = 0;
  for (const level of free) squares += (level - mean(free)) ** 2;
  for (const level of work) squares += (level - mean(work)) ** 2;
  const chance = (squares / (levels.length - 2)) * (1 / free.length + 1 / work.length);
  return contrast * Math.max(0, 1 - chance / (contrast * contrast + 1e-300));
}
