import type { Calendar } from "./calendar.ts";
import { createRandom, nextAr1 } from "./random.ts";

const SLOT_MS = 900_000;
const SLOTS_A_DAY = 100; // 96, and 4 more for the day of 25 hours
const PHI = 0.9;
const STANDARD_DEVIATION = 0.4;

/**
 * How lively the house is just now, as a factor around 1: the exponential of an AR(1) process on quarters of an hour (0.66 from hour to hour).
 * People have restless evenings and quiet ones; counts drawn independently would make every detector look better than it is.
 */
export interface Mood {
  factorAt(atMs: number): number;
}

/** The process runs on from day to day, so days are made in order and kept. */
export function createMood(seed: number, firstDay: number, calendar: Calendar): Mood {
  const days: Float64Array[] = [];
  let last = 0;

  function slotsOf(day: number): Float64Array {
    while (days.length <= day - firstDay) {
      const random = createRandom(seed, 11, firstDay + days.length);
      const slots = new Float64Array(SLOTS_A_DAY);
      for (let i = 0; i < SLOTS_A_DAY; i += 1) {
        last = nextAr1(last, PHI, STANDARD_DEVIATION, random);
        slots[i] = Math.exp(last - (STANDARD_DEVIATION * STANDARD_DEVIATION) / 2);
      }
      days.push(slots);
    }
    return days[Math.max(0, day - firstDay)]!;
  }
  return {
    factorAt(atMs) {
      const day = calendar.dayOf(atMs);
      return slotsOf(day)[Math.floor((atMs - calendar.startMs(day)) / SLOT_MS)]!;
    },
  };
}
