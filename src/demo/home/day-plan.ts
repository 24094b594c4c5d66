import type { Calendar } from "./calendar.ts";
import { chooseStay, runErrand } from "./free-time.ts";
import type { HistoryShape } from "./history-shape.ts";
import type { HouseholdDay } from "./household.ts";
import type { Mood } from "./mood.ts";
import { createRandom } from "./random.ts";
import type { Place, Stay } from "./rooms.ts";
import { createTimeline } from "./timeline.ts";

const MINUTE = 60_000;
/** Short ways through the hallway an hour: before the change of habit and after it. */
const ERRANDS_AN_HOUR = { before: 0.55, after: 2.5 };
/** Visits to the kitchen a night, and to the bathroom. */
const NIGHT_KITCHEN = { before: 0.3, after: 1.1 };
const NIGHT_BATHROOM = [0.9, 0.5] as const;

export interface PlanContext {
  readonly seed: number;
  readonly calendar: Calendar;
  readonly shape: HistoryShape;
  readonly mood: Mood;
}

/** What one adult does from waking on `today` until waking on the next day, without holes. */
export function planPerson(person: 0 | 1, today: HouseholdDay, nextWakeMs: number, context: PlanContext): readonly Stay[] {
  const { calendar, shape, mood } = context;
  const random = createRandom(context.seed, 41, today.day, person);
  const own = today.people[person];
  const awayAtStart = today.holiday === "gone" || today.holiday === "returning";
  const time = createTimeline(own.wakeMs, awayAtStart ? "out" : "bedroom", random);
  const changed = (atMs: number): boolean => atMs >= shape.habitChangeAtMs;
  let lunchEaten = false;
  let dinnerEaten = false;

  if (!awayAtStart) getUp();
  for (const outing of own.outings) {
    live(outing.fromMs);
    if (outing.toMs > time.nowMs()) time.be("out", "away", outing.toMs);
  }
  if (today.holiday === "leaving" || today.holiday === "gone") {
    time.be("out", "away", nextWakeMs);
    return time.stays();
  }
  live(own.bedMs - 14 * MINUTE);
  goToBed();
  sleep();
  return time.stays();

  function getUp(): void {
    time.be("bedroom", "lie awake", own.upMs);
    const first = own.outings[0];
    const hurry = first !== undefined && first.fromMs < own.upMs + 80 * MINUTE;
    time.be("bedroom", "dress", time.nowMs() + MINUTE * random.lognormal(4, 0.4));
    const showers = random.chance(0.7);
    time.be("bathroom", "wash", time.nowMs() + MINUTE * random.lognormal(7, 0.3));
    if (showers) time.be("bathroom", "shower", time.nowMs() + MINUTE * random.lognormal(8, 0.3));
    time.be("kitchen", "eat", time.nowMs() + MINUTE * random.lognormal(hurry ? 14 : 24, 0.3));
  }

  /** Spends the time at home until then: meals when they are due, else one thing after another. */
  function live(untilMs: number): void {
    while (untilMs - time.nowMs() > MINUTE) {
      const meal = nextMeal(untilMs);
      if (meal && meal.atMs <= time.nowMs() + 3 * MINUTE) eat(meal.kind, untilMs);
      else linger(Math.min(untilMs, meal?.atMs ?? untilMs));
    }
  }

  function nextMeal(untilMs: number): { readonly kind: "lunch" | "dinner"; readonly atMs: number } | null {
    const lunchMs = calendar.at(today.day, 12 * 60 + 40 + (person === 0 ? 0 : 7));
    if (!lunchEaten && lunchMs < untilMs - 20 * MINUTE && time.nowMs() < lunchMs + 90 * MINUTE) return { kind: "lunch", atMs: lunchMs };
    if (!dinnerEaten && today.dinnerMs < untilMs - 30 * MINUTE && time.nowMs() < today.dinnerMs + 180 * MINUTE) {
      return { kind: "dinner", atMs: today.dinnerMs };
    }
    return null;
  }

  function eat(kind: "lunch" | "dinner", untilMs: number): void {
    const until = (minutes: number): number => Math.min(untilMs, time.nowMs() + minutes * MINUTE);
    if (kind === "lunch") {
      lunchEaten = true;
      time.be("kitchen", "cook", until(random.lognormal(9, 0.4)));
      time.be("kitchen", "eat", until(random.lognormal(18, 0.3)));
      return;
    }
    dinnerEaten = true;
    if (today.cook === person) time.be("kitchen", "cook", until(random.lognormal(36, 0.25)));
    else linger(until(36));
    time.be("living_room", "eat", until(random.lognormal(28, 0.25)));
    if (today.cook !== person) time.be("kitchen", "chore", until(random.lognormal(9, 0.4)));
  }

  /** One stay of a kind that suits the hour, broken by errands; a lively mood makes stays shorter. */
  function linger(untilMs: number): void {
    const { place, activity, minutes } = chooseStay(calendar.hourAt(time.nowMs()), time.nowMs(), today, own.deskDay, random);
    const lively = mood.factorAt(time.nowMs());
    const endMs = Math.min(untilMs, time.nowMs() + (minutes * MINUTE) / lively ** 0.7);
    while (endMs - time.nowMs() > 2_000) {
      const rate = (changed(time.nowMs()) ? ERRANDS_AN_HOUR.after : ERRANDS_AN_HOUR.before) * lively;
      time.be(place, activity, Math.min(endMs, time.nowMs() + random.exponential((60 * MINUTE) / rate)));
      if (endMs - time.nowMs() > 4 * MINUTE) runErrand(time, place, random);
    }
  }

  function goToBed(): void {
    time.be("bathroom", "wash", time.nowMs() + MINUTE * random.lognormal(7, 0.3));
    time.be("bedroom", "dress", own.bedMs);
    time.be("bedroom", "read", own.asleepMs);
  }

  function sleep(): void {
    const visits: { readonly atMs: number; readonly place: Place }[] = [];
    const nightMs = nextWakeMs - time.nowMs();
    const kitchen = changed(time.nowMs()) ? NIGHT_KITCHEN.after : NIGHT_KITCHEN.before;
    const rates: readonly (readonly [Place, number])[] = [
      ["bathroom", NIGHT_BATHROOM[person]],
      ["kitchen", kitchen * (person === 0 ? 0.35 : 0.65)],
    ];
    for (const [place, rate] of rates) {
      let atMs = time.nowMs() + 40 * MINUTE + random.exponential(nightMs / rate);
      while (atMs < nextWakeMs - 25 * MINUTE) {
        visits.push({ atMs, place });
        atMs += 50 * MINUTE + random.exponential(nightMs / rate);
      }
    }
    for (const visit of visits.sort((a, b) => a.atMs - b.atMs)) {
      if (visit.atMs < time.nowMs() + 5 * MINUTE) continue;
      time.be("bedroom", "sleep", visit.atMs);
      time.be(visit.place, visit.place === "kitchen" ? "snack" : "wash", time.nowMs() + MINUTE * random.lognormal(3, 0.4));
      time.be("bedroom", "lie awake", time.nowMs() + MINUTE * random.lognormal(6, 0.7));
    }
    time.be("bedroom", "sleep", nextWakeMs);
  }
}
