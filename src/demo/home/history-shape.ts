import type { Calendar } from "./calendar.ts";
import { createRandom } from "./random.ts";

/** The turns in the life of one home that do not come back every week. All follow from the seed, the birth of the home and the length of its past. */
export interface HistoryShape {
  readonly firstDay: number;
  /** From here on the house is restless (people pass the hallway and the night kitchen more) and the office is warmer. */
  readonly habitChangeAtMs: number;
  /** The bathroom window sensor says nothing more from here on. */
  readonly sensorDeathAtMs: number;
  /** Everybody is away on a holiday on that day: `leaving` and `returning` are its first and last day. */
  holidayOn(day: number): "none" | "leaving" | "gone" | "returning";
}

const CYCLE_DAYS = 91;
const CHANGE_DAYS_BEFORE_END = 21;

export function createHistoryShape(seed: number, bornMs: number, pastDays: number, calendar: Calendar): HistoryShape {
  const firstDay = calendar.dayOf(bornMs);
  const changeDays = pastDays >= 35 ? pastDays - CHANGE_DAYS_BEFORE_END : Math.round(pastDays * 0.6);
  const random = createRandom(seed, 21);

  function holidayIn(cycle: number): { readonly first: number; readonly last: number } | null {
    // The first one lies in the past, clear of its ends and of the change of habit; a past shorter than five weeks has none.
    if (cycle === 0 && pastDays < 35) return null;
    const own = createRandom(seed, 22, cycle);
    const days = 6 + Math.floor(own.between(0, 4));
    const start =
      cycle === 0 ? Math.min(20, changeDays - 12) - Math.floor(own.between(0, 5)) : 20 + Math.floor(own.between(0, CYCLE_DAYS - 40));
    const first = firstDay + cycle * CYCLE_DAYS + Math.max(5, start);
    return { first, last: first + days };
  }
  const cycles = new Map<number, ReturnType<typeof holidayIn>>();
  return {
    firstDay,
    habitChangeAtMs: calendar.at(firstDay + changeDays, 60 * random.between(9, 12)),
    sensorDeathAtMs: calendar.at(firstDay + Math.round(pastDays * 0.45), 60 * random.between(1, 23)),
    holidayOn(day) {
      const cycle = Math.floor((day - firstDay) / CYCLE_DAYS);
      if (cycle < 0) return "none";
      if (!cycles.has(cycle)) cycles.set(cycle, holidayIn(cycle));
      const holiday = cycles.get(cycle);
      if (!holiday || day < holiday.first || day > holiday.last) return "none";
      if (day === holiday.first) return "leaving";
      return day === holiday.last ? "returning" : "gone";
    },
  };
}
