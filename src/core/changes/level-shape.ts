import { believableContrast } from "./day-types.ts";
import { median, robustScale, trimmedMean } from "./robust.ts";
import type { Slot } from "./slot.ts";

/**
 * What the time of day and the weekend add to a level: 24 weekday values, then 24 weekend ones, whose mean over a week is 0. It
 * learns only how hours and day types differ from their own day and week, so a change of the level itself is never absorbed.
 */
export interface LevelShape {
  readonly values: Float32Array;
  /** Days learned from, by day type. */
  readonly days: Float32Array;
  /** Robust scale of an hour about shape and day: what is beyond four of it teaches no more than four. */
  readonly spread: Float32Array;
  /** The running day's values; NaN where none. */
  readonly today: Float32Array;
  day: number;
  weekend: 0 | 1;
  /** Of the running week, by day type: sum of the days' levels, and how many days. */
  readonly week: Float32Array;
}

const HOURS = 24;
/** A day with fewer hours says too little about its own level. */
const FEWEST_HOURS = 18;

/** A shape that adds nothing and knows nothing. */
export function flatLevelShape(): LevelShape {
  return {
    values: new Float32Array(2 * HOURS),
    days: new Float32Array(2),
    spread: new Float32Array(1),
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
  const { values, days, spread, today, week } = shape;
  return { ...shape, values: values.slice(), days: days.slice(), spread: spread.slice(), today: today.slice(), week: week.slice() };
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
  const residuals = new Map<number, number>();
  for (let hour = 0; hour < HOURS; hour++) {
    if (!Number.isNaN(shape.today[hour]!)) residuals.set(hour, shape.today[hour]! - shape.values[base + hour]!);
  }
  if (residuals.size < FEWEST_HOURS) return;
  const level = median([...residuals.values()]);
  const weight = Math.max(rate, 1 / (shape.days[shape.weekend]! + 1));
  const reach = 4 * shape.spread[0]!;
  let moved = 0;
  for (const [hour, residual] of residuals) {
    const step = Math.max(-reach, Math.min(reach, residual - level));
    shape.values[base + hour] = shape.values[base + hour]! + weight * step;
    moved += weight * step;
  }
  for (let k = base; k < base + HOURS; k++) shape.values[k] = shape.values[k]! - moved / HOURS;
  shape.spread[0] = (1 - rate) * shape.spread[0]! + rate * robustScale([...residuals.values()], level);
  shape.days[shape.weekend] = shape.days[shape.weekend]! + 1;
  shape.week[shape.weekend * 2] = shape.week[shape.weekend * 2]! + level;
  shape.week[shape.weekend * 2 + 1] = shape.week[shape.weekend * 2 + 1]! + 1;
}

function closeWeek(shape: LevelShape, rate: number): void {
  const [workSum = 0, workDays = 0, freeSum = 0, freeDays = 0] = shape.week;
  shape.week.fill(0);
  if (workDays < 3 || freeDays < 1) return;
  const weeks = shape.days[1]! / 2;
  shiftWeekend(shape.values, Math.max(2 * rate, 1 / (weeks + 2)) * (freeSum / freeDays - workSum / workDays));
}

/** Raises the weekend against the weekdays by `contrast`, leaving the mean of a week where it is. */
function shiftWeekend(values: Float32Array, contrast: number): void {
  for (let hour = 0; hour < HOURS; hour++) {
    values[hour] = values[hour]! - (contrast * 2) / 7;
    values[HOURS + hour] = values[HOURS + hour]! + (contrast * 5) / 7;
  }
}

interface Day {
  readonly weekend: 0 | 1;
  readonly hours: number[];
  readonly levels: number[];
}

/**
 * The shape of the learning time: trimmed mean deviation of each hour from its own day, the same for both day types except for the
 * part of the weekend's own hours and level that so few days can carry.
 */
export function learnLevelShape(slots: readonly Slot[], levels: readonly number[]): LevelShape {
  const days = new Map<number, Day>();
  for (const [i, slot] of slots.entries()) {
    const day = days.get(slot.day) ?? { weekend: slot.weekend, hours: [], levels: [] };
    days.set(slot.day, day);
    day.hours.push(slot.hour);
    day.levels.push(levels[i]!);
  }
  const full = [...days.values()].filter((day) => day.hours.length >= FEWEST_HOURS);
  const free = full.filter((day) => day.weekend === 1);
  const rough = deviations(full, new Float64Array(HOURS));
  const common = deviations(full, rough);
  const own = deviations(free, common);
  const shape = flatLevelShape();
  for (let hour = 0; hour < HOURS; hour++) {
    shape.values[hour] = common[hour]!;
    shape.values[HOURS + hour] = common[hour]! + (free.length / (free.length + 6)) * (own[hour]! - common[hour]!);
  }
  const residuals = full.map((day) => day.levels.map((level, k) => level - shape.values[day.weekend * HOURS + day.hours[k]!]!));
  const dayLevels = residuals.map((day) => trimmedMean(day));
  shape.spread[0] = robustScale(
    residuals.flatMap((day, k) => day.map((residual) => residual - dayLevels[k]!)),
    0,
  );
  shiftWeekend(
    shape.values,
    believableContrast(
      full.map((day) => day.weekend),
      dayLevels,
    ),
  );
  shape.days.set([full.length, free.length + 4]);
  return shape;
}

/** Trimmed mean over days of each hour's deviation from its day's level, which is read after taking off `shape`; mean 0 over the day. */
function deviations(days: readonly Day[], shape: Float64Array): Float64Array {
  const byHour = Array.from({ length: HOURS }, (): number[] => []);
  for (const day of days) {
    const level = trimmedMean(day.levels.map((value, k) => value - shape[day.hours[k]!]!));
    for (const [k, hour] of day.hours.entries()) byHour[hour]!.push(day.levels[k]! - level);
  }
  const found = Float64Array.from(byHour, (values) => (values.length === 0 ? 0 : trimmedMean(values)));
  const centre = found.reduce((sum, value) => sum + value, 0) / HOURS;
  return found.map((value) => value - centre);
}
