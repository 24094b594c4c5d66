import type { Calendar } from "./calendar.ts";
import { datetimeAttributes } from "./datetime-attributes.ts";
import { type Emit, within } from "./emit.ts";
import type { Household, Span } from "./household.ts";
import { createRandom, type Random } from "./random.ts";

const MINUTE = 60_000;
type Helper = "sleep_start" | "sleep_end";

/** Anna's true sleep that ended on that morning, or null when she slept elsewhere. */
export function trueSleep(day: number, household: Household): Span | null {
  const before = household.dayOf(day - 1);
  if (before.holiday === "leaving" || before.holiday === "gone") return null;
  return { fromMs: before.people[0].asleepMs, toMs: household.dayOf(day).people[0].wakeMs };
}

interface Note {
  readonly atMs: number;
  readonly helper: Helper;
  readonly valueMs: number;
}

/**
 * How Anna notes her sleep with the two helpers: within minutes after waking on most mornings, some days late, some not at all, now and then wrongly
 * and corrected, and often in two steps, because the dialogue sets the date and the time one after the other.
 */
export function emitSleepNotes(
  seed: number,
  day: { readonly day: number; readonly startMs: number; readonly endMs: number },
  household: Household,
  calendar: Calendar,
  emit: Emit,
): void {
  const sleep = trueSleep(day.day, household);
  if (!sleep) return;
  const random = createRandom(seed, 121, day.day);
  const notes = noteSleep(sleep, day.day, calendar, random);
  for (const note of notes) {
    if (!within(note.atMs, day)) continue;
    const text = calendar.textAt(note.valueMs);
    emit(`input_datetime.${note.helper}`, note.atMs, text, datetimeAttributes(text, calendar.instantOf(text) / 1000));
  }
}

function noteSleep(sleep: Span, day: number, calendar: Calendar, random: Random): Note[] {
  const said: Readonly<Record<Helper, number>> = {
    sleep_start: round5(sleep.fromMs + MINUTE * random.normal(0, 5)),
    sleep_end: round5(sleep.toMs + MINUTE * random.normal(0, 3)),
  };
  const [forgotten, late, wrong, twoSteps, endFirst] = [0.07, 0.1, 0.08, 0.25, 0.2].map((chance) => random.chance(chance));
  if (forgotten) return [];
  let atMs = sleep.toMs + MINUTE * random.between(3, 18);
  if (late) atMs = calendar.at(day, 60 * random.between(12.3, 20.5));
  const order: readonly Helper[] = endFirst ? ["sleep_end", "sleep_start"] : ["sleep_start", "sleep_end"];
  const notes: Note[] = [];
  for (const helper of order) {
    const slip = wrong && helper === order[0] ? MINUTE * (random.chance(0.5) ? 60 : -45) : 0;
    // The date first, still with another hour beside it; the time some seconds later.
    if (twoSteps) notes.push({ atMs, helper, valueMs: said[helper] - MINUTE * (30 + 5 * Math.floor(random.between(0, 12))) });
    if (twoSteps) atMs += 1000 * random.between(5, 14);
    notes.push({ atMs, helper, valueMs: said[helper] + slip });
    if (slip !== 0) notes.push({ atMs: atMs + MINUTE * random.between(3, 35), helper, valueMs: said[helper] });
    atMs += 1000 * random.between(9, 45);
  }
  return notes;
}

/** A switch that an automation keeps near to the truth. */
export function emitAsleep(
  seed: number,
  day: { readonly day: number; readonly startMs: number; readonly endMs: number },
  household: Household,
  emit: Emit,
): void {
  // Sleep that began on this evening ends on the next date, sleep that ended this morning may have begun on this date, too.
  for (const date of [day.day, day.day + 1]) {
    const sleep = trueSleep(date, household);
    const random = createRandom(seed, 122, date);
    const onMs = (sleep?.fromMs ?? 0) + MINUTE * random.between(1, 5);
    const offMs = (sleep?.toMs ?? 0) + MINUTE * random.between(0.5, 7);
    if (within(onMs, day)) emit("input_boolean.asleep", onMs, "on");
    if (within(offMs, day)) emit("input_boolean.asleep", offMs, "off");
  }
}

const round5 = (atMs: number): number => Math.round(atMs / (5 * MINUTE)) * 5 * MINUTE;
