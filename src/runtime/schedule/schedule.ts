import { DAY_MS, isoMs, knownTimeZone } from "../../core/time.ts";
import { cronCadence } from "./cron.ts";
import type { Cadence } from "./due.ts";
import type { Place } from "./place.ts";
import { spreadOut } from "./spread.ts";
import { sunCadence } from "./sun.ts";
import { WrongSchedule } from "./wrong-schedule.ts";

export type { Place } from "./place.ts";

/** When a job is due. `spreadMs`: later by up to that, as chance has it, so that not everything happens at one instant. */
export type Schedule = { readonly spreadMs?: number } & (
  | { /** Five fields, or six with seconds first; by the wall clock of the home. */ readonly kind: "cron"; readonly expression: string }
  | {
      /** `fromMs` is the first due time; without it multiples since the epoch. */ readonly kind: "every";
      readonly everyMs: number;
      readonly fromMs?: number;
    }
  | { /** `07:30` or `07:30:15` by the wall clock of the home. */ readonly kind: "daily"; readonly at: string }
  | { readonly kind: "once"; readonly atMs: number }
  | { /** Below zero: before the sun's event. */ readonly kind: "sunrise" | "sunset"; readonly offsetMs: number }
);

/** Shorter is no schedule but a loop: every run leaves a row. */
const SHORTEST_PERIOD_MS = 1000;

/**
 * The due times of a schedule at a place, as a pure function that any thread can ask at any time.
 * @param seed decides the chance of the spread; the name of the job, so that two jobs of one schedule do not meet
 * @throws WrongSchedule in words for whoever wrote the schedule
 */
export function cadenceOf(schedule: Schedule, place: Place, seed = ""): Cadence {
  const { spreadMs = 0 } = schedule;
  const cadence = evenCadence(schedule, place);
  if (spreadMs === 0) return cadence;
  return spreadOut(cadence, wholeWithin("spreadMs", spreadMs, 0, DAY_MS), seed);
}

function evenCadence(schedule: Schedule, place: Place): Cadence {
  if (!knownTimeZone(place.timeZone)) {
    throw new WrongSchedule(`${JSON.stringify(place.timeZone)} is not a time zone like Europe/Amsterdam`);
  }
  switch (schedule.kind) {
    case "cron":
      return cronCadence(schedule.expression, place.timeZone);
    case "daily":
      return cronCadence(dailyExpression(schedule.at), place.timeZone);
    case "every":
      return everyCadence(
        wholeWithin("everyMs", schedule.everyMs, SHORTEST_PERIOD_MS, Number.MAX_SAFE_INTEGER),
        instant("fromMs", schedule.fromMs ?? 0),
      );
    case "once": {
      const atMs = instant("atMs", schedule.atMs);
      return { followsWallClock: false, next: (afterMs) => (afterMs < atMs ? atMs : null) };
    }
    case "sunrise":
    case "sunset":
      return sunCadence(schedule.kind, wholeWithin("offsetMs", schedule.offsetMs, -DAY_MS, DAY_MS), place);
  }
}

function everyCadence(everyMs: number, fromMs: number): Cadence {
  return {
    followsWallClock: false,
    next: (afterMs) => (afterMs < fromMs ? fromMs : fromMs + (Math.floor((afterMs - fromMs) / everyMs) + 1) * everyMs),
  };
}

function dailyExpression(at: string): string {
  const parts = /^([01]?\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?$/.exec(at);
  if (parts === null) throw new WrongSchedule(`${JSON.stringify(at)} is not a time of day like "07:30" or "07:30:15"`);
  const [, hour, minute, second = "0"] = parts;
  return `${Number(second)} ${Number(minute)} ${Number(hour)} * * *`;
}

function wholeWithin(name: string, value: number, least: number, most: number): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
  const bounds = most === Number.MAX_SAFE_INTEGER ? `at least ${least}` : `from ${least} to ${most}`;
  throw new WrongSchedule(`${name} is ${value}; it must be a whole number of milliseconds, ${bounds}`);
}

/** Far enough for any home, and what a Date can hold. */
const FARTHEST_MS = Date.UTC(9999, 11, 31);

function instant(name: string, atMs: number): number {
  if (Number.isSafeInteger(atMs) && Math.abs(atMs) <= FARTHEST_MS) return atMs;
  throw new WrongSchedule(`${name} is ${atMs}; it must be whole milliseconds since 1970 (UTC), and not after ${isoMs(FARTHEST_MS)}`);
}
