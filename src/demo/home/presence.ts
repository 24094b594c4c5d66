import { type DayView, mergeSpans } from "./day-view.ts";
import { type Emit, within } from "./emit.ts";
import { PEOPLE } from "./entities.ts";
import type { Span } from "./household.ts";
import { createRandom } from "./random.ts";
import { ROOMS } from "./rooms.ts";

const MINUTE = 60_000;
/** How long each motion sensor stays on after the last sighting, by room. */
const HOLD_MS = [60_000, 40_000, 75_000, 60_000, 90_000, 90_000, 45_000] as const;

/** Motion, doors, windows, beds and persons of one day. What crosses midnight is the same span on both days, so nothing is carried over. */
export function emitPresence(seed: number, view: DayView, emit: Emit): void {
  const [before, today] = view.traces;
  for (const [room, name] of ROOMS.entries()) {
    emitMotion(`binary_sensor.${name}_motion`, [...before.sightings[room]!, ...today.sightings[room]!], HOLD_MS[room]!, view, emit);
  }
  emitMotion("binary_sensor.garden_motion", prowl(seed, view), 30_000, view, emit);

  emitSpans("binary_sensor.front_door", [...before.frontDoor, ...today.frontDoor], 1_500, view, emit);
  emitSpans("binary_sensor.bathroom_door", [...before.bathroomShut, ...today.bathroomShut], 3_000, view, emit, "off", "on");
  emitSpans("binary_sensor.fridge_door", [...before.fridgeDoor, ...today.fridgeDoor], 2_000, view, emit);
  emitSpans("binary_sensor.bedroom_window", [...before.windowOpen, ...today.windowOpen], 3_000, view, emit);
  emitSpans("binary_sensor.bathroom_window", airBathroom(seed, view), 3_000, view, emit);
  for (const [i, person] of PEOPLE.entries()) {
    emitSpans(`binary_sensor.bed_${person.id}`, [...before.beds[i]!, ...today.beds[i]!], 1_000, view, emit);
    // Holidays are a chain of days away: two spans that all but touch are one absence.
    emitSpans(`person.${person.id}`, [...before.away[i]!, ...today.away[i]!], 12 * MINUTE, view, emit, "not_home", "home");
  }
}

function emitSpans(
  entityId: string,
  spans: readonly Span[],
  joinMs: number,
  view: DayView,
  emit: Emit,
  inside = "on",
  outside = "off",
): void {
  for (const span of mergeSpans(spans, joinMs)) {
    if (within(span.fromMs, view)) emit(entityId, span.fromMs, inside);
    if (within(span.toMs, view)) emit(entityId, span.toMs, outside);
  }
}

function emitMotion(entityId: string, sightings: readonly number[], holdMs: number, view: DayView, emit: Emit): void {
  const sorted = Float64Array.from(sightings).sort();
  for (let i = 0; i < sorted.length; ) {
    const onMs = sorted[i]!;
    let lastMs = onMs;
    for (i += 1; i < sorted.length && sorted[i]! <= lastMs + holdMs; i += 1) lastMs = sorted[i]!;
    if (within(onMs, view)) emit(entityId, onMs, "on");
    if (within(lastMs + holdMs, view)) emit(entityId, lastMs + holdMs, "off");
  }
}

/** Cats and wind: they know no people, and come in bouts. */
function prowl(seed: number, view: DayView): number[] {
  const random = createRandom(seed, 61, view.day);
  const sightings: number[] = [];
  const lastMs = view.endMs - 20 * MINUTE;
  for (let bout = view.startMs + random.exponential(130 * MINUTE); bout < lastMs; bout += random.exponential(130 * MINUTE)) {
    const endMs = Math.min(lastMs, bout + MINUTE * random.exponential(5));
    for (let at = bout; at < endMs; at += random.exponential(60_000)) sightings.push(at);
  }
  return sightings;
}

function airBathroom(seed: number, view: DayView): Span[] {
  const random = createRandom(seed, 62, view.day);
  const showers = view.showering.findIndex((people) => people > 0);
  if (showers < 0 || random.chance(0.35)) return [];
  const fromMs = view.startMs + showers * MINUTE + MINUTE * random.between(10, 18);
  return [{ fromMs, toMs: Math.min(view.endMs - MINUTE, fromMs + MINUTE * random.lognormal(35, 0.5)) }];
}
