import { ClrFault } from "./fault.ts";

export interface FoldOptions {
  /** The longest look-back of a feature. */
  readonly horizonMs: number;
  /** Length of one window. */
  readonly gridMs: number;
  /** Kept free behind every test block, before a training look-back may begin; default: the horizon. */
  readonly embargoMs?: number;
  /** At most this many folds; with fewer days, one day each. */
  readonly maxFolds: number;
}

/** Row numbers in ascending order. */
export interface Fold {
  readonly testDays: readonly number[];
  readonly test: Int32Array;
  readonly train: Int32Array;
  /** Training rows left out because their look-back reaches into a test window. */
  readonly purged: number;
  /** Training rows left out because their look-back begins within the embargo behind a test window. */
  readonly embargoed: number;
}

/**
 * Folds of whole, consecutive days (noon to noon, so that no night is split), purged and embargoed (Lopez de Prado 2018, chapter 7).
 * A row is the window [end - grid, end) with the look-back [end - horizon, end); the order of the rows does not matter. Deterministic.
 * Fewer than two days make no fold.
 */
export function dayBlockedFolds(dayIndex: ArrayLike<number>, windowEndMs: ArrayLike<number>, options: FoldOptions): Fold[] {
  if (dayIndex.length !== windowEndMs.length) throw new ClrFault("shape mismatch", "one day per window");
  const days = [...new Set(Array.from(dayIndex))].sort((a, b) => a - b);
  const count = Math.min(days.length, options.maxFolds);
  if (count < 2) return [];
  return Array.from({ length: count }, (_, k) => {
    const testDays = days.slice(Math.floor((k * days.length) / count), Math.floor(((k + 1) * days.length) / count));
    return splitOff(testDays, dayIndex, windowEndMs, options);
  });
}

/** A report needs some days to speak of, and a first choice some days to choose on. */
const LEAST_HELD_DAYS = 3;
const LEAST_DAYS_BEFORE = 5;
/** Four weeks tell how good a model is now; longer ago it was another one. */
const MOST_HELD_DAYS = 28;
const MOST_CUTS = 3;

/**
 * An expanding walk over the last days, half of them and at most four weeks: the days of each cut are tested, those before it trained on,
 * purged and embargoed alike. Fewer than eight days leave too few before a cut, or too few behind it: no cut.
 */
export function forwardCuts(dayIndex: ArrayLike<number>, windowEndMs: ArrayLike<number>, options: Omit<FoldOptions, "maxFolds">): Fold[] {
  if (dayIndex.length !== windowEndMs.length) throw new ClrFault("shape mismatch", "one day per window");
  const days = [...new Set(Array.from(dayIndex))].sort((a, b) => a - b);
  const held = days.slice(days.length - Math.min(MOST_HELD_DAYS, Math.floor(days.length / 2), days.length - LEAST_DAYS_BEFORE));
  if (held.length < LEAST_HELD_DAYS) return [];
  const count = Math.min(held.length, MOST_CUTS);
  return Array.from({ length: count }, (_, k) => {
    const testDays = held.slice(Math.floor((k * held.length) / count), Math.floor(((k + 1) * held.length) / count));
    return splitOff(testDays, dayIndex, windowEndMs, options, testDays[0]);
  });
}

/** @param beforeDay where given, only earlier days are trained on */
function splitOff(
  testDays: readonly number[],
  dayIndex: ArrayLike<number>,
  windowEndMs: ArrayLike<number>,
  { horizonMs, gridMs, embargoMs = horizonMs }: Omit<FoldOptions, "maxFolds">,
  beforeDay = Number.POSITIVE_INFINITY,
): Fold {
  const isTestDay = new Set(testDays);
  const test: number[] = [];
  const others: number[] = [];
  for (let i = 0; i < dayIndex.length; i++) {
    if (isTestDay.has(dayIndex[i]!)) test.push(i);
    else if (dayIndex[i]! < beforeDay) others.push(i);
  }
  const spans = mergedSpans(
    test.map((row) => windowEndMs[row]!),
    gridMs,
  );
  let purged = 0;
  let embargoed = 0;
  const train = others.filter((row) => {
    const end = windowEndMs[row]!;
    const begin = end - horizonMs;
    const next = spans.findIndex((span) => span.end > begin);
    const previous = next === -1 ? spans.at(-1) : spans[next - 1];
    if (next !== -1 && spans[next]!.start < end) {
      purged++;
      return false;
    }
    if (previous !== undefined && begin < previous.end + embargoMs) {
      embargoed++;
      return false;
    }
    return true;
  });
  return { testDays, test: Int32Array.from(test), train: Int32Array.from(train), purged, embargoed };
}

interface Span {
  readonly start: number;
  end: number;
}

function mergedSpans(ends: readonly number[], gridMs: number): Span[] {
  const spans: Span[] = [];
  for (const end of ends.toSorted((a, b) => a - b)) {
    const last = spans.at(-1);
    if (last !== undefined && end - gridMs <= last.end) last.end = end;
    else spans.push({ start: end - gridMs, end });
  }
  return spans;
}
