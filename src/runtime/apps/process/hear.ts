import { type Calls, STRIDE } from "../../../kit/calls.ts";
import type { Place } from "../../schedule/place.ts";
import type { HeardEvent } from "../home/event-listeners.ts";
import type { HeardState } from "../home/states.ts";
import { NEWS, SAME } from "./protocol.ts";

/** Who is told what the home does. */
export interface Hearer {
  heard(change: HeardState): void;
  asking(): void;
  all(states: readonly HeardState[]): void;
  event(event: HeardEvent): void;
  place(place: Place): void;
  computed(job: string): void;
  /** What the entity has now, for a change that leaves it as it is. */
  attributesOf(entityId: string): HeardState["attributes"];
}

/** Reads news as `feed.ts` wrote them. */
export function hearNews(news: Calls, hearer: Hearer): void {
  for (let at = 0; at < news.length; at += STRIDE) {
    const [what, a, b, c, d] = [news[at], news[at + 1], news[at + 2], news[at + 3], news[at + 4] as number];
    if (typeof what === "string") {
      const attributes = b === SAME ? hearer.attributesOf(what) : (b as HeardState["attributes"]);
      hearer.heard({ entityId: what, state: a as string, attributes, changedUs: c as number, updatedUs: d });
    } else if (what === NEWS.asking) hearer.asking();
    else if (what === NEWS.all) hearer.all(a as readonly HeardState[]);
    else if (what === NEWS.event) hearer.event({ type: a as string, data: b as HeardEvent["data"], atMs: d });
    else if (what === NEWS.place) hearer.place(a as Place);
    else if (what === NEWS.computed) hearer.computed(a as string);
  }
}
