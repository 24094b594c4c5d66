import type { HouseholdDay } from "./household.ts";
import type { Random } from "./random.ts";
import type { Activity, Place } from "./rooms.ts";
import type { Timeline } from "./timeline.ts";

const MINUTE = 60_000;

/** A short way to another room; the caller walks back. */
export function runErrand(time: Timeline, from: Place, random: Random): void {
  const targets: readonly Place[] = ["kitchen", "bathroom", "bedroom", "hallway", "living_room", "office"];
  const weights = [0.5, 0.2, 0.1, 0.1, 0.06, 0.04].map((weight, i) => (targets[i] === from ? 0 : weight));
  const target = targets[random.pick(weights)]!;
  const activity: Activity = target === "kitchen" ? "snack" : target === "bathroom" ? "wash" : "walk";
  time.be(target, activity, time.nowMs() + MINUTE * random.lognormal(target === "hallway" ? 0.4 : 2, 0.5));
}

/** What somebody at home turns to next, by the hour. */
export function chooseStay(
  hour: number,
  atMs: number,
  today: HouseholdDay,
  deskDay: boolean,
  random: Random,
): { readonly place: Place; readonly activity: Activity; readonly minutes: number } {
  const company = today.guests !== null && atMs >= today.guests.fromMs && atMs < today.guests.toMs;
  if (company) return { place: "living_room", activity: "relax", minutes: random.lognormal(50, 0.4) };
  if (deskDay && hour >= 8.3 && hour < 17.5) {
    const atDesk = random.chance(0.8);
    if (atDesk) return { place: "office", activity: "desk", minutes: random.lognormal(55, 0.5) };
    return { place: "kitchen", activity: "snack", minutes: random.lognormal(7, 0.4) };
  }
  const evening = hour >= 19 || hour < 4;
  const rows: readonly (readonly [Place, Activity, number, number, number])[] = [
    // place, activity, weight by day, weight in the evening, median minutes
    ["living_room", "television", 0.1, 0.55, 70],
    ["living_room", "relax", 0.28, 0.22, 32],
    ["kitchen", "chore", 0.2, 0.07, 11],
    ["office", "desk", 0.14, 0.09, 42],
    ["bathroom", "wash", 0.08, 0.04, 6],
    ["bedroom", "chore", 0.09, 0.02, 9],
    ["bedroom", "read", 0.02, 0.01, 45],
  ];
  const [place, activity, , , median] = rows[random.pick(rows.map((row) => (evening ? row[3] : row[2])))]!;
  return { place, activity, minutes: random.lognormal(median, 0.55) };
}
