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

function lastDay({ from_day, marks }: DayMarks): number {
  return from_day + marks.length / 4 - 1;
}

/** Null where nothing was said of the day. */
export function markOf({ from_day, marks }: DayMarks, day: number): string | null {
  const at = 4 * (day - from_day);
  const mark = at < 0 ? "" : marks.slice(at, at + 4);
  return mark === "" || mark === UNSAID ? null : mark;
}

/** What a serving model had been told of a day: what is said of it now, something else (or nothing, and it was imported), or nothing yet. */
export type Knew = "as now" | "otherwise" | "nothing yet";

/** What a model was told of each day, beside what is said now. One that does not tell it (of an older version) can be judged by no day. */
export function knowledgeOf(told: DayMarks | undefined, now: DayMarks): (day: number) => Knew {
  if (told === undefined) return () => "otherwise";
  return (day) => {
    if (day > lastDay(told)) return "nothing yet";
    const mark = markOf(told, day);
    return mark !== null && mark === markOf(now, day) ? "as now" : "otherwise";
  };
}
