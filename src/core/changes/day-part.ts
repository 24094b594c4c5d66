import type { Zone } from "../time.ts";
import { DAY_PARTS, type DayPart } from "./words.ts";

/** An hour by its end, with its value and how much of it was observed (0 to 1). */
export interface SeenHour {
  readonly endMs: number;
  readonly value: number;
  readonly exposure: number;
}

/** Hours of a part that must be known on either side: three days of it. */
const FEWEST_HOURS = 18;
/** A change is of one part of the day when that part alone makes up so much of it. */
const MOST_OF_IT = 0.75;

const HOUR_MS = 3_600_000;

/**
 * The part of the day that a change is in: where one quarter makes up at least three quarters of all differences before and after. Null where
 * it is spread, or where too few days are known on either side.
 */
export function changedPart(
  before: readonly SeenHour[],
  after: readonly SeenHour[],
  zone: Zone,
): { readonly name: DayPart; readonly beforeMean: number; readonly afterMean: number } | null {
  const means = [meansOf(before, zone), meansOf(after, zone)] as const;
  const parts = DAY_PARTS.map((name, k) => ({ name, beforeMean: means[0][k]!, afterMean: means[1][k]! }));
  if (parts.some(({ beforeMean, afterMean }) => Number.isNaN(beforeMean) || Number.isNaN(afterMean))) return null;
  const size = ({ beforeMean, afterMean }: (typeof parts)[number]): number => Math.abs(afterMean - beforeMean);
  const total = parts.reduce((sum, part) => sum + size(part), 0);
  return parts.find((part) => total > 0 && size(part) >= MOST_OF_IT * total) ?? null;
}

/** Mean of each quarter of the day, weighed by what was observed; NaN where too little was. */
function meansOf(hours: readonly SeenHour[], zone: Zone): number[] {
  const sums = DAY_PARTS.map(() => ({ value: 0, exposure: 0, hours: 0 }));
  for (const { endMs, value, exposure } of hours) {
    const part = sums[Math.floor(zone.hourAt(endMs - HOUR_MS) / 6)]!;
    part.value += value;
    part.exposure += exposure;
    part.hours += 1;
  }
  return sums.map((sum) => (sum.hours >= FEWEST_HOURS ? sum.value / sum.exposure : Number.NaN));
}
