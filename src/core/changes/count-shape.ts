import { believableContrast } from "./day-types.ts";
import type { Slot } from "./slot.ts";

/**
 * How many times the week's average a count is expected at each hour: 24 weekday factors, then 24 weekend ones, mean over a week 1.
 * It multiplies the exposure. As for levels only the shape is learned: hours against their own day, day types against their week.
 */
export interface CountShape {
  /** Counts by hour and day type, fading. */
  readonly counts: Float32Array;
  /** What a flat day of the same size would have given. */
  readonly expected: Float32Array;
  /** Level of weekdays and of weekends against the week. */
  readonly levels: Float32Array;
  readonly todayCounts: Float32Array;
  readonly todayExposure: Float32Array;
  day: number;
  weekend: 0 | 1;
  /** Of the running week, by day type: counts, and exposure times shape. */
  readonly week: Float32Array;
}

const HOURS = 24;
/** An hour that never had a count is still expected to have this share of an average one. */
const LEAST = 0.02;
/** Worth of the flat shape, in counts: what one knows before counting. */
const FLAT = 0.5;

/** A shape of factor 1 everywhere. */
export function flatCountShape(): CountShape {
  return {
    counts: new Float32Array(2 * HOURS),
    expected: new Float32Array(2 * HOURS),
    levels: Float32Array.of(1, 1),
    todayCounts: new Float32Array(HOURS),
    todayExposure: new Float32Array(HOURS),
    day: Number.NEGATIVE_INFINITY,
    weekend: 0,
    week: new Float32Array(4),
  };
}

export function countShapeAt(shape: CountShape, slot: Slot): number {
  return shape.levels[slot.weekend]! * hourFactor(shape, slot.weekend, slot.hour);
}

function hourFactor(shape: CountShape, weekend: number, hour: number): number {
  const k = weekend * HOURS + hour;
  return Math.max(LEAST, (shape.counts[k]! + FLAT) / (shape.expected[k]! + FLAT));
}

export function copyCountShape(shape: CountShape): CountShape {
  return {
    ...shape,
    counts: shape.counts.slice(),
    expected: shape.expected.slice(),
    levels: shape.levels.slice(),
    todayCounts: shape.todayCounts.slice(),
    todayExposure: shape.todayExposure.slice(),
    week: shape.week.slice(),
  };
}

/** Takes in one hour's count and exposure; the day before is learned when a new one begins. */
export function noteCount(shape: CountShape, slot: Slot, count: number, exposure: number, rate: number): void {
  if (slot.day !== shape.day) {
    closeDay(shape, rate);
    if (shape.weekend === 1 && slot.weekend === 0) closeWeek(shape, rate);
    shape.day = slot.day;
    shape.weekend = slot.weekend;
    shape.todayCounts.fill(0);
    shape.todayExposure.fill(0);
  }
  shape.todayCounts[slot.hour] = shape.todayCounts[slot.hour]! + count;
  shape.todayExposure[slot.hour] = shape.todayExposure[slot.hour]! + exposure;
}

function closeDay(shape: CountShape, rate: number): void {
  let counts = 0;
  let exposure = 0;
  for (let hour = 0; hour < HOURS; hour++) {
    counts += shape.todayCounts[hour]!;
    exposure += shape.todayExposure[hour]! * hourFactor(shape, shape.weekend, hour);
  }
  if (!(exposure > 0) || counts === 0) return;
  shape.week[shape.weekend * 2] = shape.week[shape.weekend * 2]! + counts;
  shape.week[shape.weekend * 2 + 1] = shape.week[shape.weekend * 2 + 1]! + exposure;
  const base = shape.weekend * HOURS;
  // A weekend has fewer days to learn from, so each weighs more.
  const kept = 1 - (shape.weekend === 1 ? 2 * rate : rate);
  for (let hour = 0; hour < HOURS; hour++) {
    shape.counts[base + hour] = kept * shape.counts[base + hour]! + shape.todayCounts[hour]!;
    shape.expected[base + hour] = kept * shape.expected[base + hour]! + (shape.todayExposure[hour]! * counts) / exposure;
  }
  normalise(shape, base);
}

function closeWeek(shape: CountShape, rate: number): void {
  const [workCounts = 0, workExposure = 0, freeCounts = 0, freeExposure = 0] = shape.week;
  shape.week.fill(0);
  if (workCounts === 0 || freeCounts === 0) return;
  const seen = Math.log(freeCounts / freeExposure) - Math.log(workCounts / workExposure);
  const known = Math.log(shape.levels[1]! / shape.levels[0]!);
  setContrast(shape, known + 2 * rate * Math.max(-1, Math.min(1, seen - known)));
}

/** Sets log(weekend level / weekday level), with a mean over the week of 1. */
function setContrast(shape: CountShape, contrast: number): void {
  const ratio = Math.exp(contrast);
  shape.levels[0] = 7 / (5 + 2 * ratio);
  shape.levels[1] = ratio * shape.levels[0]!;
}

/** Scales the hours of a day type to a mean factor of 1. */
function normalise(shape: CountShape, base: number): void {
  let sum = 0;
  for (let hour = 0; hour < HOURS; hour++) sum += hourFactor(shape, base / HOURS, hour);
  const scale = HOURS / sum;
  for (let k = base; k < base + HOURS; k++) shape.counts[k] = shape.counts[k]! * scale;
}

/** The shape of the learning time; both day types begin with the same hours. */
export function learnCountShape(slots: readonly Slot[], counts: readonly number[], exposures: readonly number[]): CountShape {
  const shape = flatCountShape();
  let total = 0;
  let observed = 0;
  for (const [i, count] of counts.entries()) {
    total += count;
    observed += exposures[i]!;
  }
  const rate = observed > 0 ? total / observed : 0;
  for (const [i, slot] of slots.entries()) {
    // The weekend gets the same hours with less weight, so that it soon follows its own.
    for (const [base, worth] of [
      [0, 1],
      [HOURS, 0.3],
    ] as const) {
      shape.counts[base + slot.hour] = shape.counts[base + slot.hour]! + worth * counts[i]!;
      shape.expected[base + slot.hour] = shape.expected[base + slot.hour]! + worth * rate * exposures[i]!;
    }
  }
  normalise(shape, 0);
  normalise(shape, HOURS);
  setContrast(shape, believableCountContrast(shape, slots, counts, exposures));
  return shape;
}

function believableCountContrast(
  shape: CountShape,
  slots: readonly Slot[],
  counts: readonly number[],
  exposures: readonly number[],
): number {
  const days = new Map<number, { weekend: 0 | 1; count: number; exposure: number }>();
  for (const [i, slot] of slots.entries()) {
    const day = days.get(slot.day) ?? { weekend: slot.weekend, count: 0, exposure: 0 };
    days.set(slot.day, day);
    day.count += counts[i]!;
    day.exposure += exposures[i]! * hourFactor(shape, slot.weekend, slot.hour);
  }
  const full = [...days.values()].filter((day) => day.exposure > 0);
  const logs = full.map((day) => Math.log((day.count + FLAT) / day.exposure));
  return Math.max(
    -1,
    Math.min(
      1,
      believableContrast(
        full.map((day) => day.weekend),
        logs,
      ),
    ),
  );
}
