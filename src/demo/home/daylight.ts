import type { Calendar } from "./calendar.ts";
import type { DayView } from "./day-view.ts";
import type { Emit } from "./emit.ts";
import type { Attributes } from "./entities.ts";
import { isoMicros } from "./iso.ts";
import { createRandom, nextAr1 } from "./random.ts";
import { ROOMS } from "./rooms.ts";
import { nextSolarEvent, type SolarEvent, type SolarPlace, solarPosition } from "./solar.ts";

const MINUTE = 60_000;
const SUN_EVENTS: readonly SolarEvent[] = ["dawn", "dusk", "midnight", "noon", "rising", "setting"];

export interface DaylightState {
  cloud: number;
  outsideLux: number;
  livingLux: number;
  sunUp: boolean | null;
  nextSunMs: number;
  readonly coming: SolarCalendar;
}

/** The next of each event of the sun, computed again only when it has passed. */
export type SolarCalendar = Map<SolarEvent, { readonly atMs: number; readonly text: string }>;

export function createDaylightState(): DaylightState {
  return { cloud: 0, outsideLux: 0, livingLux: 0, sunUp: null, nextSunMs: 0, coming: new Map() };
}

/** The sun's entity: it reports its place every few minutes, mostly by attributes alone. */
export function emitSun(view: DayView, state: DaylightState, place: SolarPlace, emit: Emit): void {
  let atMs = Math.max(state.nextSunMs, view.startMs);
  while (atMs < view.endMs) {
    const { elevationDegrees } = solarPosition(atMs, place);
    const up = elevationDegrees > -0.833;
    emit("sun.sun", atMs, up ? "above_horizon" : "below_horizon", sunAttributes(atMs, place, state.coming));
    const crossing = nextSolarEvent(up ? "setting" : "rising", atMs, place);
    atMs = Math.min(
      atMs + sunStepMinutes(elevationDegrees) * MINUTE + 1.4,
      crossing > atMs + 5_000 ? crossing + 1_500 : Number.POSITIVE_INFINITY,
    );
  }
  state.nextSunMs = atMs;
}

export function sunAttributes(atMs: number, place: SolarPlace, coming: SolarCalendar): Attributes {
  const attributes: Record<string, unknown> = {};
  for (const event of SUN_EVENTS) {
    let next = coming.get(event);
    if (!next || next.atMs <= atMs) {
      const eventMs = nextSolarEvent(event, atMs, place);
      next = { atMs: eventMs, text: isoMicros(Math.floor(eventMs * 1000)) };
      coming.set(event, next);
    }
    attributes[`next_${event}`] = next.text;
  }
  const { elevationDegrees, azimuthDegrees } = solarPosition(atMs, place);
  return { ...attributes, elevation: round(elevationDegrees, 2), azimuth: round(azimuthDegrees, 2), rising: azimuthDegrees < 180 };
}

/** As Home Assistant: often at low sun, seldom at night. */
function sunStepMinutes(elevation: number): number {
  if (elevation < -18) return 20;
  if (elevation < -12) return 8;
  if (elevation < -6) return 4;
  return elevation < 10 ? 2 : 4;
}

/** Light outside (clouds are an AR(1) process) and behind the window of the living room. */
export function emitIlluminance(
  seed: number,
  view: DayView,
  state: DaylightState,
  place: SolarPlace,
  calendar: Calendar,
  emit: Emit,
): void {
  const random = createRandom(seed, 81, view.day);
  const living = ROOMS.indexOf("living_room");
  const duskMs = nextSolarEvent("dusk", view.startMs + 12 * 60 * MINUTE, place);
  for (let stepMs = view.startMs; stepMs < view.endMs; stepMs += 5 * MINUTE) {
    const atMs = Math.min(view.endMs - 1, stepMs + random.between(0, 40_000));
    state.cloud = nextAr1(state.cloud, 0.985, 0.75, random);
    const clear = clearSkyLux(solarPosition(atMs, place).elevationDegrees);
    const outside = clear * Math.min(1, 0.45 * Math.exp(state.cloud));
    const minute = Math.min(view.minutes - 1, Math.floor((atMs - view.startMs) / MINUTE));
    const lamps = view.awake[living]![minute]! > 0 && outside < 900 ? 130 : 0;
    const blindsShut = atMs > duskMs || calendar.hourAt(atMs) < 6;
    report("sensor.outside_illuminance", "outsideLux", outside, atMs);
    report("sensor.living_room_illuminance", "livingLux", outside * (blindsShut ? 0.0008 : 0.014) + lamps + random.normal(0, 0.4), atMs);
  }

  function report(entityId: string, key: "outsideLux" | "livingLux", lux: number, atMs: number): void {
    const rounded = Math.max(0, Math.round(lux));
    if (Math.abs(rounded - state[key]) < Math.max(4, 0.14 * state[key])) return;
    state[key] = rounded;
    emit(entityId, atMs, String(rounded));
  }
}

/** Rough daylight on level ground under a clear sky, lx: 400 at sunrise, a tenth for every 2.5 degrees below. */
function clearSkyLux(elevation: number): number {
  if (elevation < 0) return 400 * 10 ** (elevation / 2.5);
  return 400 + 100_000 * Math.sin((elevation * Math.PI) / 180) ** 1.2;
}

const round = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits;
