import type { DayView } from "./day-view.ts";
import { type Emit, within } from "./emit.ts";
import type { Household } from "./household.ts";
import { createRandom, type Random } from "./random.ts";
import { ROOMS, type Room } from "./rooms.ts";
import { nextSolarEvent, type SolarPlace, solarPosition } from "./solar.ts";

const MINUTE = 60_000;
const LIT_ROOMS: readonly Room[] = ["bedroom", "hallway", "bathroom", "kitchen", "living_room", "office"];
/** A room is dark when the sun stands lower than this; the bathroom has no window to speak of. */
const DARK_BELOW_DEGREES: Readonly<Record<string, number>> = {
  bedroom: 2,
  hallway: 12,
  bathroom: 90,
  kitchen: 5,
  living_room: 4,
  office: 6,
};

interface Lamp {
  on: boolean;
  dimmed: boolean;
  /** Minutes nobody was there, and how many it will burn for nobody. */
  empty: number;
  patience: number;
}

export interface LightState {
  readonly lamps: readonly Lamp[];
}

export function createLightState(): LightState {
  return { lamps: LIT_ROOMS.map(() => ({ on: false, dimmed: false, empty: 0, patience: 0 })) };
}

/** Lights follow people in dark rooms; the hallway's does so by itself, the others are sometimes forgotten. */
export function emitLights(seed: number, view: DayView, state: LightState, place: SolarPlace, emit: Emit): void {
  const random = createRandom(seed, 71, view.day);
  for (let minute = 0; minute < view.minutes; minute += 1) {
    const minuteMs = view.startMs + minute * MINUTE;
    const elevation = solarPosition(minuteMs, place).elevationDegrees;
    for (const [i, room] of LIT_ROOMS.entries()) light(state.lamps[i]!, room, minute, minuteMs, elevation, view, random, emit);
  }
}

function light(
  lamp: Lamp,
  room: Room,
  minute: number,
  minuteMs: number,
  elevation: number,
  view: DayView,
  random: Random,
  emit: Emit,
): void {
  const people = view.awake[ROOMS.indexOf(room)]![minute]!;
  const enteredMs = view.enteredMs[ROOMS.indexOf(room)]![minute]!;
  const wanted = people > 0 && elevation < DARK_BELOW_DEGREES[room]! && !(room === "bedroom" && view.asleep[minute]! > 0);
  const atMs = (second: number): number => Math.min(view.endMs - 1, Math.max(enteredMs, minuteMs) + second * 1000);
  const shine = (brightness: number): void => {
    lamp.dimmed = brightness < 200;
    emit(`light.${room}`, atMs(random.between(0.8, 3.5)), "on", { color_mode: "brightness", brightness });
  };
  if (!lamp.on) {
    if (!wanted) return;
    lamp.on = true;
    lamp.empty = 0;
    shine(minute < 6 * 60 && room !== "kitchen" ? 60 : 254);
    return;
  }
  const lateEvening = minute > 21.2 * 60;
  if (room === "living_room" && people > 0 && lateEvening && !lamp.dimmed && random.chance(0.04)) shine(110);
  if (people === 0 && lamp.empty === 0) lamp.patience = room === "hallway" ? 1 : random.chance(0.82) ? 0 : random.exponential(40);
  lamp.empty = people > 0 && !(room === "bedroom" && view.asleep[minute]! > 0) ? 0 : lamp.empty + 1;
  const nobodyUp = view.atHome[minute] === 0 || view.asleep[minute] === view.atHome[minute];
  if (lamp.empty > lamp.patience || (nobodyUp && lamp.empty > 2)) {
    lamp.on = false;
    emit(`light.${room}`, Math.min(view.endMs - 1, minuteMs + random.between(2, 55) * 1000), "off");
  }
}

/** Blinds: the living room's follow the sun, the bedroom's its sleepers. They report that they move, then that they stand. */
export function emitBlinds(seed: number, view: DayView, household: Household, place: SolarPlace, emit: Emit): void {
  for (const day of [view.day - 1, view.day]) {
    const random = createRandom(seed, 72, day);
    const { people, holiday } = household.dayOf(day);
    const upMs = Math.max(people[0].upMs, people[1].upMs);
    const noonMs = view.startMs + (day - view.day) * 86_400_000 + 43_200_000;
    const dawnMs = nextSolarEvent("rising", noonMs - 43_200_000, place);
    const duskMs = nextSolarEvent("dusk", noonMs, place);
    const openLiving = Math.max(dawnMs, upMs) + MINUTE * random.between(2, 12);
    const closeLiving = duskMs + MINUTE * random.between(-5, 8);
    move("living_room", openLiving, closeLiving, random);
    if (holiday === "none")
      move(
        "bedroom",
        upMs + MINUTE * random.between(1, 15),
        Math.min(people[0].bedMs, people[1].bedMs) - MINUTE * random.between(3, 20),
        random,
      );
  }

  function move(room: string, openMs: number, closeMs: number, random: Random): void {
    const seconds = 1000 * random.between(16, 22);
    const say = (atMs: number, state: string, position: number): void => {
      if (within(atMs, view)) emit(`cover.${room}_blinds`, atMs, state, { current_position: position });
    };
    say(openMs, "opening", 0);
    say(openMs + seconds, "open", 100);
    say(closeMs, "closing", 100);
    say(closeMs + seconds, "closed", 0);
  }
}
