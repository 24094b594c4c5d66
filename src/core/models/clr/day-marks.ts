/** What was said of each day, four hexadecimal digits a day from the first on; `----` where nothing was. */
export interface DayMarks {
  readonly from_day: number;
  readonly marks: string;
}

const UNSAID = "----";

/** One row per labelled window, in time order: its day, its end and whether it was so. */
export function markDays(dayIndex: ArrayLike<number>, windowEndMs: ArrayLike<number>, labels: ArrayLike<number>): DayMarks {
  const hashes = new Map<number, number>();
  for (let i = 0; i < dayIndex.length; i++) {
    const day = dayIndex[i]!;
    const hash = hashes.get(day) ?? 0x811c9dc5;
    // A day is what was so on it: which quiet windows were seen changes with what came late.
    hashes.set(day, labels[i] === 1 ? Math.imul(hash ^ Math.round(windowEndMs[i]! / 1000), 0x01000193) : hash);
  }
  const days = [...hashes.keys()].sort((a, b) => a - b);
  const from = days[0] ?? 0;
  const last = days.at(-1) ?? from - 1;
  const markOf = (hash: number): string => (((hash >>> 16) ^ hash) & 0xffff).toString(16).padStart(4, "0");
  const marks = Array.from({ length: last - from + 1 }, (_, k) => {
    const hash = hashes.get(from + k);
    return hash === undefined ? UNSAID : markOf(hash);
  });
  return { from_day: from, marks: marks.join("") };
}

export function lastDay({ from_day, marks }: DayMarks): number {
  return from_day + marks.length / 4 - 1;
}

/** Null where nothing was said of the day. */
export function markOf({ from_day, marks }: DayMarks, day: number): string | null {
  const at = 4 * (day - from_day);
  const mark = at < 0 ? "" : marks.slice(at, at + 4);
  return mark === "" || mark === UNSAID ? null : mark;
}
