import type { Random } from "./random.ts";
import type { Activity, Place, Stay } from "./rooms.ts";

/** Builds one person's stays without holes: every change of room leads through the hallway, and out of the house through the entrance. */
export interface Timeline {
  readonly nowMs: () => number;
  readonly place: () => Place;
  /** Stays there until that instant; does nothing when it has passed. */
  be(place: Place, activity: Activity, untilMs: number): void;
  stays(): readonly Stay[];
}

export function createTimeline(fromMs: number, place: Place, random: Random): Timeline {
  const stays: Stay[] = [];
  let now = fromMs;
  let here: Place = place;

  function add(to: Place, activity: Activity, untilMs: number): void {
    if (untilMs <= now) return;
    stays.push({ fromMs: now, toMs: untilMs, place: to, activity });
    now = untilMs;
  }
  return {
    nowMs: () => now,
    place: () => here,
    be(to, activity, untilMs) {
      if (untilMs - now < 2_000) return;
      if (to !== here) {
        if (here === "out") add("entrance", "walk", Math.min(untilMs, now + random.lognormal(45_000, 0.4)));
        add("hallway", "walk", Math.min(untilMs, now + random.lognormal(11_000, 0.4)));
        if (to === "out") add("entrance", "walk", Math.min(untilMs, now + random.lognormal(60_000, 0.5)));
        here = to;
      }
      add(to, activity, untilMs);
    },
    stays: () => stays,
  };
}
