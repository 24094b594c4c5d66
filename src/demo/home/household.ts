import type { Calendar } from "./calendar.ts";
import type { HistoryShape } from "./history-shape.ts";
import { createRandom, nextAr1, type Random } from "./random.ts";

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** One adult's day: from waking on that date until waking on the next. */
export interface PersonDay {
  readonly wakeMs: number;
  readonly upMs: number;
  /** Into bed on the evening of that date, often after midnight. */
  readonly bedMs: number;
  readonly asleepMs: number;
  readonly deskDay: boolean;
  /** Out of the house, in order, apart from each other. */
  readonly outings: readonly Span[];
}

export interface HouseholdDay {
  readonly day: number;
  readonly people: readonly [PersonDay, PersonDay];
  readonly free: boolean;
  readonly holiday: "none" | "leaving" | "gone" | "returning";
  readonly dinnerMs: number;
  readonly cook: 0 | 1;
  readonly guests: (Span & { readonly stayOver: boolean }) | null;
}

export interface Household {
  dayOf(day: number): HouseholdDay;
}

interface Habit {
  readonly bedMinutes: number;
  readonly wakeMinutes: number;
  readonly lieInMinutes: number;
  /** Days of the week spent at an office elsewhere, and at the desk at home. */
  readonly officeDays: readonly number[];
  readonly deskDays: readonly number[];
  readonly sportDay: number;
}

const HABITS: readonly [Habit, Habit] = [
  { bedMinutes: 22 * 60 + 45, wakeMinutes: 6 * 60 + 50, lieInMinutes: 85, officeDays: [1, 2, 4], deskDays: [3, 5], sportDay: 4 },
  { bedMinutes: 23 * 60 + 10, wakeMinutes: 7 * 60 + 5, lieInMinutes: 70, officeDays: [2, 3, 4, 5], deskDays: [1], sportDay: 2 },
];
const MINUTE = 60_000;

/** Two adults' days. Bed and wake times drift from night to night (AR(1)) and are partly shared; days are made in order and kept. */
export function createHousehold(seed: number, shape: HistoryShape, calendar: Calendar): Household {
  const days: HouseholdDay[] = [];
  let sharedDrift = 0;
  const ownDrift = [0, 0];

  function make(day: number): HouseholdDay {
    const random = createRandom(seed, 31, day);
    const holiday = shape.holidayOn(day);
    const free = calendar.weekday(day) >= 6 || holiday !== "none" || random.chance(0.03);
    const lateEvening = [5, 6].includes(calendar.weekday(day));
    const guests = holiday === "none" ? drawGuests(day, random) : null;
    sharedDrift = nextAr1(sharedDrift, 0.45, 24, random);
    const together: Span | null = free && holiday === "none" && random.chance(0.6) ? drawOuting(day, random) : null;
    const dinnerMs = calendar.at(day, random.normal(18 * 60 + 25, 22));
    const before = days.at(-1);

    const personDay = (index: 0 | 1): PersonDay => {
      const habit = HABITS[index];
      ownDrift[index] = nextAr1(ownDrift[index]!, 0.4, 14, random);
      const wakeSpread = free ? random.normal(habit.lieInMinutes, 32) + 0.5 * sharedDrift : random.normal(0, 9);
      const lastAsleep = before?.people[index]?.asleepMs ?? Number.NEGATIVE_INFINITY;
      const wakeMs = Math.max(calendar.at(day, habit.wakeMinutes + wakeSpread), lastAsleep + 4 * 60 * MINUTE);
      const upMs = wakeMs + MINUTE * random.lognormal(free ? 14 : 6, 0.6);
      const usualBed = calendar.at(day, habit.bedMinutes + (lateEvening ? 55 : 0) + sharedDrift + ownDrift[index]!);
      const bedMs = Math.max(usualBed, guests ? guests.toMs + MINUTE * random.between(10, 40) : 0);
      const asleepMs = bedMs + MINUTE * Math.min(70, random.lognormal(15, 0.6));
      const outings = drawOutings(day, habit, free, together, upMs, random, holiday).filter(
        (span) => span.toMs <= bedMs - 40 * MINUTE || holiday !== "none",
      );
      return { wakeMs, upMs, bedMs, asleepMs, deskDay: !free && habit.deskDays.includes(calendar.weekday(day)), outings };
    };
    const people = [personDay(0), personDay(1)] as const;
    return { day, people, free, holiday, dinnerMs, cook: random.chance(0.5) ? 0 : 1, guests };
  }

  function drawGuests(day: number, random: Random): HouseholdDay["guests"] {
    const weekday = calendar.weekday(day);
    const chance = weekday === 5 || weekday === 6 ? 0.3 : 0.07;
    const comes = random.chance(chance);
    const fromMs = calendar.at(day, random.normal(19 * 60 + 30, 25));
    const toMs = calendar.at(day, Math.min(25 * 60 + 30, random.normal(weekday >= 5 ? 24 * 60 : 22 * 60 + 45, 35)));
    const stayOver = random.chance(weekday >= 5 && weekday <= 6 ? 0.25 : 0);
    return comes ? { fromMs, toMs, stayOver } : null;
  }

  function drawOuting(day: number, random: Random): Span {
    const fromMs = calendar.at(day, random.between(10.5 * 60, 14.5 * 60));
    return { fromMs, toMs: fromMs + MINUTE * random.lognormal(115, 0.4) };
  }

  function drawOutings(
    day: number,
    habit: Habit,
    free: boolean,
    together: Span | null,
    upMs: number,
    random: Random,
    holiday: HouseholdDay["holiday"],
  ): Span[] {
    const wholeDay = { fromMs: calendar.startMs(day), toMs: calendar.startMs(day + 1) };
    const leaving = calendar.at(day, random.normal(10 * 60, 4));
    const back = calendar.at(day, random.normal(16 * 60 + 30, 4));
    if (holiday === "leaving") return [{ fromMs: Math.max(leaving, upMs + 40 * MINUTE), toMs: wholeDay.toMs }];
    if (holiday === "gone") return [wholeDay];
    if (holiday === "returning") return [{ fromMs: wholeDay.fromMs, toMs: back }];
    const weekday = calendar.weekday(day);
    const spans: Span[] = [];
    if (!free && habit.officeDays.includes(weekday)) {
      const fromMs = upMs + MINUTE * random.normal(55, 6);
      spans.push({ fromMs, toMs: calendar.at(day, random.normal(17 * 60 + 20, 18)) });
    } else if (together) {
      spans.push({ fromMs: together.fromMs + MINUTE * random.between(0, 2), toMs: together.toMs + MINUTE * random.between(0, 1) });
    } else if (random.chance(free ? 0.4 : 0.25)) {
      spans.push(drawOuting(day, random));
    }
    if (weekday === habit.sportDay && random.chance(0.85)) {
      const fromMs = calendar.at(day, random.normal(19 * 60 + 35, 6));
      spans.push({ fromMs, toMs: fromMs + MINUTE * random.normal(110, 12) });
    }
    return spans.filter((span, i) => span.fromMs > upMs + 30 * MINUTE && (i === 0 || span.fromMs > spans[i - 1]!.toMs + 20 * MINUTE));
  }

  return {
    dayOf(day) {
      while (days.length <= day - shape.firstDay + 1) days.push(make(shape.firstDay - 1 + days.length));
      return days[day - shape.firstDay + 1]!;
    },
  };
}
