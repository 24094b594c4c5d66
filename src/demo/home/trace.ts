import { type PlanContext, planPerson } from "./day-plan.ts";
import { planGuests } from "./guest-plan.ts";
import type { Household, Span } from "./household.ts";
import { createRandom, type Random } from "./random.ts";
import { ROOMS, SIGHTINGS_A_MINUTE, type Stay } from "./rooms.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** What people do from waking on one date until waking on the next, and the marks they leave on sensors. */
export interface Trace {
  /** The two adults, then the guests if there are any. */
  readonly stays: readonly (readonly Stay[])[];
  /** Per room: the instants at which a motion sensor sees somebody, unsorted. */
  readonly sightings: readonly (readonly number[])[];
  readonly frontDoor: readonly Span[];
  readonly bathroomShut: readonly Span[];
  readonly fridgeDoor: readonly Span[];
  readonly windowOpen: readonly Span[];
  /** Per adult: when the sensor under the mattress reports somebody; when the telephone is away from home. */
  readonly beds: readonly [readonly Span[], readonly Span[]];
  readonly away: readonly [readonly Span[], readonly Span[]];
}

export function traceDay(day: number, household: Household, context: PlanContext): Trace {
  const today = household.dayOf(day);
  const next = household.dayOf(day + 1);
  const random = createRandom(context.seed, 51, day);
  const stays: (readonly Stay[])[] = [
    planPerson(0, today, next.people[0].wakeMs, context),
    planPerson(1, today, next.people[1].wakeMs, context),
  ];
  if (today.guests) stays.push(planGuests(today.guests, day, next.people[0].upMs, context));

  const sightings: number[][] = ROOMS.map(() => []);
  const frontDoor: Span[] = [];
  const bathroomShut: Span[] = [];
  const fridgeDoor: Span[] = [];
  for (const [index, own] of stays.entries()) {
    const people = index === 2 ? 1.8 : 1;
    for (const [i, stay] of own.entries()) {
      if (stay.place !== "out") see(stay, people, sightings[ROOMS.indexOf(stay.place)]!, context, random);
      if (stay.place === "entrance" && (own[i - 1]?.place === "out" || own[i + 1]?.place === "out")) {
        const atMs = own[i + 1]?.place === "out" ? stay.toMs - random.between(4_000, 9_000) : stay.fromMs - random.between(2_000, 6_000);
        frontDoor.push({ fromMs: atMs, toMs: atMs + random.lognormal(7_000, 0.5) });
      }
      if (stay.place === "bathroom" && stay.toMs - stay.fromMs > 40_000 && random.chance(0.75)) {
        bathroomShut.push({ fromMs: stay.fromMs + random.between(2_000, 6_000), toMs: stay.toMs - random.between(500, 4_000) });
      }
      if (stay.place === "kitchen") openFridge(stay, fridgeDoor, random);
    }
  }
  return {
    stays,
    sightings,
    frontDoor,
    bathroomShut,
    fridgeDoor,
    windowOpen: airRoom(today.people[0].upMs, today.holiday === "gone" || today.holiday === "returning", random),
    beds: [restOnBed(stays[0]!, random), restOnBed(stays[1]!, random)],
    away: [awayFrom(stays[0]!, random), awayFrom(stays[1]!, random)],
  };
}

function see(stay: Stay, people: number, out: number[], context: PlanContext, random: Random): void {
  const perMinute = SIGHTINGS_A_MINUTE[stay.activity] * people * context.mood.factorAt(stay.fromMs);
  if (stay.activity !== "sleep" && random.chance(0.93)) out.push(stay.fromMs + random.between(300, 2_500));
  const gapMs = MINUTE / perMinute;
  for (let at = stay.fromMs + random.exponential(gapMs); at < stay.toMs; at += random.exponential(gapMs)) out.push(at);
}

function openFridge(stay: Stay, out: Span[], random: Random): void {
  const meanGap = stay.activity === "cook" ? 7 * MINUTE : stay.activity === "snack" ? 3 * MINUTE : 14 * MINUTE;
  for (let at = stay.fromMs + random.exponential(meanGap); at < stay.toMs - 10_000; at += 30_000 + random.exponential(meanGap)) {
    out.push({ fromMs: at, toMs: at + random.lognormal(9_000, 0.6) });
  }
}

function airRoom(upMs: number, nobodyThere: boolean, random: Random): Span[] {
  const fromMs = upMs + MINUTE * random.between(4, 40);
  const span = { fromMs, toMs: fromMs + MINUTE * random.lognormal(22, 0.6) };
  return random.chance(0.7) && !nobodyThere ? [span] : [];
}

/** A telephone is noticed to be away some minutes after its owner left, and to be back a little before the door opens. */
function awayFrom(stays: readonly Stay[], random: Random): Span[] {
  return stays
    .filter((stay) => stay.place === "out" && stay.toMs - stay.fromMs > 10 * MINUTE)
    .map((stay) => ({ fromMs: stay.fromMs + MINUTE * random.between(2, 6), toMs: stay.toMs - MINUTE * random.between(0.2, 2) }));
}

/** In bed, as the mat reports it: late by half a minute, with gaps when somebody turns over, and now and then with laundry on it. */
function restOnBed(stays: readonly Stay[], random: Random): Span[] {
  const spans: Span[] = [];
  let from: number | null = null;
  let to = 0;
  for (const stay of [...stays, null]) {
    const inBed =
      stay !== null && stay.place === "bedroom" && (stay.activity === "sleep" || stay.activity === "read" || stay.activity === "lie awake");
    if (inBed) {
      from ??= stay.fromMs + random.between(8_000, 70_000);
      to = stay.toMs + random.between(5_000, 45_000);
    } else if (from !== null) {
      for (let gap = from + random.exponential(2.5 * HOUR); gap < to - 3 * MINUTE; gap += 5 * MINUTE + random.exponential(2.5 * HOUR)) {
        if (gap - from > MINUTE) spans.push({ fromMs: from, toMs: gap });
        from = gap + random.lognormal(40_000, 0.6);
      }
      if (to > from) spans.push({ fromMs: from, toMs: to });
      from = null;
    }
  }
  const last = stays.at(-1);
  if (last && random.chance(0.06)) {
    const fromMs = stays[0]!.fromMs + HOUR * random.between(3, 8);
    if (!spans.some((span) => span.fromMs < fromMs + 2 * HOUR && span.toMs > fromMs))
      spans.push({ fromMs, toMs: fromMs + MINUTE * random.between(15, 90) });
  }
  return spans;
}
