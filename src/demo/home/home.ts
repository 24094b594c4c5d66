import { type Calendar, createCalendar } from "./calendar.ts";
import { ENTITIES } from "./catalogue.ts";
import { createClimateState, emitClimate } from "./climate.ts";
import { datetimeAttributes } from "./datetime-attributes.ts";
import { createDayLog, type HomeEvent } from "./day-log.ts";
import { type DayView, viewDay } from "./day-view.ts";
import { createDaylightState, emitIlluminance, emitSun, sunAttributes } from "./daylight.ts";
import { PEOPLE } from "./entities.ts";
import { createHistoryShape, type HistoryShape } from "./history-shape.ts";
import { createHousehold, type Span } from "./household.ts";
import { createLightState, emitBlinds, emitLights } from "./lights.ts";
import { createMood } from "./mood.ts";
import { outagesOf } from "./outages.ts";
import { createPowerState, emitPower } from "./power.ts";
import { emitPresence } from "./presence.ts";
import { emitAsleep, emitSleepNotes, trueSleep } from "./sleep-notes.ts";
import type { SolarPlace } from "./solar.ts";
import { createTelevisionState, emitTelevision } from "./television.ts";
import { traceDay } from "./trace.ts";

export interface HomeOptions {
  readonly seed: number;
  /** The first instant of the home; a local midnight, so that the first day is whole. */
  readonly bornMs: number;
  /** Days of past that the turns of the home's history are laid into. */
  readonly pastDays: number;
  readonly timeZone: string;
}

export interface SimulatedHome {
  readonly place: SolarPlace;
  readonly shape: HistoryShape;
  readonly bornMs: number;
  readonly timeZone: string;
  /**
   * Everything that is reported in [fromUs, toUs), in order. The same events come out whatever ranges are asked for, in any order.
   * @throws RangeError when part of the range was forgotten.
   */
  eventsBetween(fromUs: number, toUs: number): readonly HomeEvent[];
  /** Whether a restart brings the entity back: a state that a client made of nothing is gone with it. */
  has(entityId: string): boolean;
  /** Days that ended before that instant will not be asked for again. */
  forgetBefore(atUs: number): void;
  /** Anna's true sleep by local date of waking, for tests of what can be learned here. */
  sleepEndingOn(day: number): Span | null;
  readonly calendar: Calendar;
}

const KNOWN: ReadonlySet<string> = new Set(ENTITIES.map((entity) => entity.entityId));
const HELPER = /^input_/;
const PLACE: SolarPlace = { latitude: 52.1, longitude: 4.9 };

/** A house with two adults, from its birth on for ever; everything follows from the options. */
export function createHome(options: HomeOptions): SimulatedHome {
  const { seed, bornMs } = options;
  const calendar = createCalendar(options.timeZone);
  const shape = createHistoryShape(seed, bornMs, options.pastDays, calendar);
  const mood = createMood(seed, shape.firstDay - 1, calendar);
  const household = createHousehold(seed, shape, calendar);
  const context = { seed, calendar, shape, mood };
  const [light, climate, power] = [createLightState(), createClimateState(), createPowerState()];
  const [daylight, television] = [createDaylightState(), createTelevisionState()];
  const log = createDayLog(ENTITIES);
  /** Null: forgotten. */
  const days: (readonly HomeEvent[] | null)[] = [];
  let lastTrace = traceDay(shape.firstDay - 1, household, context);

  function makeNextDay(): void {
    const day = shape.firstDay + days.length;
    const trace = traceDay(day, household, context);
    const view = viewDay(day, [lastTrace, trace], calendar);
    lastTrace = trace;
    if (days.length === 0) beBorn(view);
    emitPresence(seed, view, log.emit);
    emitLights(seed, view, light, PLACE, log.emit);
    emitBlinds(seed, view, household, PLACE, log.emit);
    emitSun(view, daylight, PLACE, log.emit);
    emitIlluminance(seed, view, daylight, PLACE, calendar, log.emit);
    emitClimate(seed, view, climate, shape, calendar, log.emit);
    emitPower(seed, view, household.dayOf(day), power, log.emit);
    emitTelevision(seed, view, television, log.emit);
    emitSleepNotes(seed, view, household, calendar, (entityId, atMs, state, changing) =>
      log.emit(entityId, atMs, state, changing, PEOPLE[0].userId),
    );
    emitAsleep(seed, view, household, log.emit);
    if ((day - shape.firstDay) % 6 === 5)
      log.emit("sensor.front_door_battery", view.startMs + 45_296_317.25, String(93 - Math.floor((day - shape.firstDay) / 6)));
    days.push(log.closeDay(outagesOf(seed, view, shape, calendar)));
  }

  /** Home Assistant comes up for the first time: every entity shows a first state, seconds apart. */
  function beBorn(view: DayView): void {
    const midnight = calendar.textAt(bornMs);
    for (const [i, entity] of ENTITIES.entries()) {
      const atMs = view.startMs + 900 + 41.317 * i;
      if (entity.entityId.startsWith("input_datetime.")) {
        log.emit(entity.entityId, atMs, midnight, datetimeAttributes(midnight, bornMs / 1000));
      } else if (entity.entityId === "sun.sun") {
        log.emit(entity.entityId, atMs, entity.firstState, sunAttributes(bornMs, PLACE, daylight.coming));
      } else log.emit(entity.entityId, atMs, entity.firstState);
    }
    daylight.nextSunMs = view.startMs + 20 * 60_000;
  }

  return {
    place: PLACE,
    shape,
    bornMs,
    timeZone: options.timeZone,
    calendar,
    eventsBetween(fromUs, toUs) {
      const events: HomeEvent[] = [];
      const first = Math.max(0, calendar.dayOf(Math.floor(fromUs / 1000)) - shape.firstDay);
      for (let i = first; calendar.startMs(shape.firstDay + i) * 1000 < toUs; i += 1) {
        while (days.length <= i) makeNextDay();
        const day = days[i];
        if (!day) throw new RangeError("that day of the simulated home was forgotten");
        for (const event of day) if (event.atUs >= fromUs && event.atUs < toUs) events.push(event);
      }
      return events;
    },
    has: (entityId) => KNOWN.has(entityId) || HELPER.test(entityId),
    forgetBefore(atUs) {
      for (let i = calendar.dayOf(Math.floor(atUs / 1000)) - shape.firstDay - 1; i >= 0 && days[i]; i -= 1) days[i] = null;
    },
    sleepEndingOn: (day) => trueSleep(day, household),
  };
}
