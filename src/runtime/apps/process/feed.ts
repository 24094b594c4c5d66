import type { Calls } from "../../../kit/calls.ts";
import type { HeardEvent } from "../home/event-listeners.ts";
import type { Places } from "../home/places.ts";
import { type HeardState, sameAttributes } from "../home/states.ts";
import { createBatches } from "../thread/batches.ts";
import { NEWS, SAME } from "./protocol.ts";

/** News that wait for the process of the apps. With more it is told anew how all stands, and what was between is left out. */
const MOST_WAITING = 50_000;

/** What the home does, on its way to the process of the apps: in order, many at once, attributes only where they are others than before. */
export interface Feed {
  heard(change: HeardState): void;
  /** A list of all states is about to be asked for. */
  asking(): void;
  all(states: readonly HeardState[]): void;
  event(event: HeardEvent): void;
  place(place: Parameters<Places["told"]>[0]): void;
  computed(job: string): void;
  /** The process has taken a batch. */
  taken(): void;
  /** How often it has; the same while it owes one says that it does not read. */
  progress(): { readonly takes: number; readonly owes: number };
  /** So many wait. */
  waiting(): number;
  close(): void;
}

/** @param onLost so much was left out, as nobody read it: all states are wanted anew */
export function createFeed(post: (news: Calls) => void, onLost: (count: number) => void): Feed {
  /** What each entity's attributes were told to be. */
  const told = new Map<string, HeardState["attributes"]>();
  let takes = 0;
  let posts = 0;
  let isLost = false;
  const batches = createBatches((news) => {
    posts += 1;
    post(news);
  });

  function add(what: number | string, a: unknown, b: unknown = null, c: unknown = null, d = 0): void {
    if (isLost) return;
    if (batches.waiting() >= MOST_WAITING) {
      const lost = batches.waiting();
      isLost = true;
      batches.dropAll();
      told.clear();
      onLost(lost); // who may ask for all states at once
      return;
    }
    batches.add(what, a, b, c, d);
  }

  function attributesToTell({ entityId, attributes }: HeardState): HeardState["attributes"] | typeof SAME {
    if (attributes === null) {
      told.delete(entityId);
      return null;
    }
    const before = told.get(entityId);
    if (before !== undefined && before !== null && sameAttributes(before, attributes)) return SAME;
    told.set(entityId, attributes);
    return attributes;
  }

  return {
    heard(change) {
      if (!isLost) add(change.entityId, change.state, attributesToTell(change), change.changedUs, change.updatedUs);
    },
    asking() {
      isLost = false;
      add(NEWS.asking, null);
    },
    all(states) {
      // Of an entity that spoke since they were asked for, what it said last stays: which it was is not known here.
      told.clear();
      add(
        NEWS.all,
        states.map(({ entityId, state, changedUs, updatedUs, attributes }) => ({ entityId, state, changedUs, updatedUs, attributes })),
      );
    },
    event: (event) => add(NEWS.event, event.type, event.data, null, event.atMs),
    place: (place) => add(NEWS.place, place),
    computed: (job) => add(NEWS.computed, job),
    taken() {
      takes += 1;
      batches.taken();
    },
    progress: () => ({ takes, owes: posts - takes }),
    waiting: batches.waiting,
    close: batches.close,
  };
}
