import type { PlanContext } from "./day-plan.ts";
import { runErrand } from "./free-time.ts";
import type { Span } from "./household.ts";
import { createRandom } from "./random.ts";
import type { Stay } from "./rooms.ts";
import { createTimeline } from "./timeline.ts";

const MINUTE = 60_000;

/** Visitors come in, stay in the living room with walks to kitchen and bathroom, and leave or sleep in the office. */
export function planGuests(
  guests: Span & { readonly stayOver: boolean },
  day: number,
  nextUpMs: number,
  context: PlanContext,
): readonly Stay[] {
  const random = createRandom(context.seed, 42, day);
  const time = createTimeline(guests.fromMs, "out", random);
  while (guests.toMs - time.nowMs() > 2 * MINUTE) {
    time.be("living_room", "relax", Math.min(guests.toMs, time.nowMs() + MINUTE * random.exponential(22)));
    if (guests.toMs - time.nowMs() > 6 * MINUTE) runErrand(time, "living_room", random);
  }
  if (guests.stayOver) {
    time.be("bathroom", "wash", time.nowMs() + 8 * MINUTE);
    time.be("office", "sleep", nextUpMs + MINUTE * random.between(-30, 40));
    time.be("bathroom", "shower", time.nowMs() + 14 * MINUTE);
    time.be("kitchen", "eat", time.nowMs() + 35 * MINUTE);
  }
  time.be("out", "away", time.nowMs() + 5 * MINUTE);
  return time.stays();
}
