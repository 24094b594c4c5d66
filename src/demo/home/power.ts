import type { DayView } from "./day-view.ts";
import type { Emit } from "./emit.ts";
import type { HouseholdDay } from "./household.ts";
import { createRandom, nextAr1, type Random } from "./random.ts";
import { ROOMS } from "./rooms.ts";

const MINUTE = 60_000;
const KITCHEN = ROOMS.indexOf("kitchen");

export interface PowerState {
  base: number;
  fridgeMinute: number;
  cooking: number;
  deskNoise: number;
  coffeeMinutes: number;
  /** Minutes of the running programme of the washing machine, or -1. */
  washMinute: number;
  energyKwh: number;
  readonly reported: Map<string, number>;
}

export function createPowerState(): PowerState {
  return { base: 0, fridgeMinute: 0, cooking: 0, deskNoise: 0, coffeeMinutes: 0, washMinute: -1, energyKwh: 4210, reported: new Map() };
}

/** Power by the minute: what runs is what people do; the meter adds it up. */
export function emitPower(seed: number, view: DayView, today: HouseholdDay, state: PowerState, emit: Emit): void {
  const random = createRandom(seed, 101, view.day);
  const washMs =
    today.holiday === "none" && random.chance(today.free ? 0.6 : 0.3) ? today.people[1].upMs + MINUTE * random.between(60, 600) : 0;
  for (let minute = 0; minute < view.minutes; minute += 1) {
    const minuteMs = view.startMs + minute * MINUTE;
    const at = (): number => minuteMs + random.between(0, 59_900);
    if (washMs >= minuteMs && washMs < minuteMs + MINUTE) state.washMinute = 0;
    const coffee = coffeeWatts(view, minute, state, random);
    const desk = deskWatts(view.atDesk[minute]!, state, random);
    const wash = washWatts(state);
    const watts = houseWatts(view, minute, state, random) + coffee + desk + wash;
    state.energyKwh += watts / 60_000;
    say("sensor.coffee_machine_power", coffee === 0 ? 0 : coffee + random.normal(0, 12), 40, 0, at(), state, emit);
    say("sensor.office_desk_power", desk, desk > 10 ? 9 : 3, 0.08, at(), state, emit);
    say("sensor.washing_machine_power", wash === 0 ? 0 : wash * random.between(0.9, 1.1), 6, 0.3, at(), state, emit);
    if (minute % 2 === 0) say("sensor.house_power", watts, 18, 0.08, at(), state, emit);
    if (minute % 15 === 7) emit("sensor.house_energy", at(), state.energyKwh.toFixed(2));
  }
}

/** A cup takes four minutes; most are drawn in the morning by whoever is in the kitchen. */
function coffeeWatts(view: DayView, minute: number, state: PowerState, random: Random): number {
  const chance = minute > 330 && minute < 630 ? 0.06 : minute >= 630 && minute < 960 ? 0.015 : 0.002;
  if (state.coffeeMinutes === 0 && view.awake[KITCHEN]![minute]! > 0 && random.chance(chance)) state.coffeeMinutes = 4;
  if (state.coffeeMinutes === 0) return 0;
  state.coffeeMinutes -= 1;
  return 1240;
}

function deskWatts(people: number, state: PowerState, random: Random): number {
  state.deskNoise = nextAr1(state.deskNoise, 0.93, 14, random);
  return people > 0 ? 96 + state.deskNoise : 5.5;
}

function washWatts(state: PowerState): number {
  if (state.washMinute < 0) return 0;
  const minute = state.washMinute;
  state.washMinute = minute >= 74 ? -1 : minute + 1;
  if (minute < 18) return minute > 2 ? 1950 : 60;
  if (minute < 60) return minute % 9 < 5 ? 180 : 45;
  return minute < 72 ? 420 : 12;
}

function houseWatts(view: DayView, minute: number, state: PowerState, random: Random): number {
  state.base = nextAr1(state.base, 0.97, 16, random);
  state.fridgeMinute = (state.fridgeMinute + 1) % 46;
  if (view.cooking[minute]! > 0 && random.chance(0.25)) state.cooking = random.between(600, 2300);
  if (view.cooking[minute] === 0) state.cooking = 0;
  const awake = view.atHome[minute]! - view.asleep[minute]!;
  return 150 + state.base + (state.fridgeMinute < 19 ? 82 : 0) + state.cooking + 28 * awake + (view.television[minute]! > 0 ? 105 : 0);
}

/** Reports when the value has moved by more than `least` watts and by more than that share. */
function say(entityId: string, value: number, least: number, share: number, atMs: number, state: PowerState, emit: Emit): void {
  const last = state.reported.get(entityId);
  const rounded = Math.max(0, Math.round(value * 10) / 10);
  if (last !== undefined && (rounded === last || Math.abs(rounded - last) < Math.max(least, share * last))) return;
  state.reported.set(entityId, rounded);
  emit(entityId, atMs, rounded.toFixed(1));
}
