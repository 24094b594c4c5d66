import { createCalendar } from "../../src/demo/home/calendar.ts";
import type { HomeEvent } from "../../src/demo/home/day-log.ts";
import { createHome, type HomeOptions, type SimulatedHome } from "../../src/demo/home/home.ts";

const calendar = createCalendar("Europe/Amsterdam");
export const DAYS = 56;
/** The past reaches over the end of summer time. */
export const END_MS = Date.parse("2026-11-21T12:00:00Z");

export function optionsFor(seed: number): HomeOptions {
  return { seed, bornMs: calendar.startMs(calendar.dayOf(END_MS) - DAYS), pastDays: DAYS, timeZone: "Europe/Amsterdam" };
}

export interface Past {
  readonly home: SimulatedHome;
  readonly events: readonly HomeEvent[];
  of(entityId: string): readonly HomeEvent[];
  /** Events of an entity with that state in [from, to), ms. */
  count(entityId: string, state: string, fromMs: number, toMs: number): number;
}

const pasts = new Map<number, Past>();

/** Eight weeks of a home of that seed; made once. */
export function pastOf(seed: number): Past {
  let past = pasts.get(seed);
  if (!past) {
    const home = createHome(optionsFor(seed));
    const events = home.eventsBetween(0, END_MS * 1000);
    const by = Map.groupBy(events, (event) => event.entityId);
    past = {
      home,
      events,
      of: (entityId) => by.get(entityId) ?? [],
      count: (entityId, state, fromMs, toMs) =>
        (by.get(entityId) ?? []).filter((event) => event.state === state && event.atUs >= fromMs * 1000 && event.atUs < toMs * 1000).length,
    };
    pasts.set(seed, past);
  }
  return past;
}
