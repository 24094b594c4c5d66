/** The rooms with a motion sensor; a person who is in none of them is out of the house. */
export const ROOMS = ["bedroom", "hallway", "bathroom", "kitchen", "living_room", "office", "entrance"] as const;
export type Room = (typeof ROOMS)[number];
export type Place = Room | "out";

export type Activity =
  | "sleep"
  | "lie awake"
  | "read"
  | "dress"
  | "wash"
  | "shower"
  | "cook"
  | "eat"
  | "snack"
  | "television"
  | "relax"
  | "desk"
  | "chore"
  | "walk"
  | "away";

/** How often a motion sensor sees somebody at it, a minute. */
export const SIGHTINGS_A_MINUTE: Readonly<Record<Activity, number>> = {
  sleep: 0.008,
  "lie awake": 0.06,
  read: 0.09,
  dress: 1.4,
  wash: 0.9,
  shower: 0.35,
  cook: 1.1,
  eat: 0.35,
  snack: 1.0,
  television: 0.09,
  relax: 0.16,
  desk: 0.12,
  chore: 1.2,
  walk: 4,
  away: 0,
};

/** One uninterrupted stretch of somebody's time: [fromMs, toMs). */
export interface Stay {
  readonly fromMs: number;
  readonly toMs: number;
  readonly place: Place;
  readonly activity: Activity;
}
