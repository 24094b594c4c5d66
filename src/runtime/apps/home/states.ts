import type { State } from "../../../kit/contract.ts";

/** A state as the websocket tells it; the state is empty when the entity was removed. */
export interface HeardState {
  readonly entityId: string;
  readonly state: string;
  readonly changedUs: number;
  readonly updatedUs: number;
  readonly attributes: Readonly<Record<string, unknown>> | null;
}

/** One entity as it was and as it is. Null = it is not there. */
export interface Step {
  readonly entityId: string;
  readonly before: State | null;
  readonly after: State | null;
  readonly atMs: number;
}

/**
 * The newest state of every entity of the home, kept for apps alone. What is newer is known by the order in which it came: Home Assistant's
 * instants go back when its clock is set back, and an entity would be deaf until the old time has passed.
 */
export interface States {
  get(entityId: string): State | null;
  all(): IterableIterator<State>;
  /** A live change: newer than all that came before it. */
  note(heard: HeardState): Step;
  /** A list of all states is about to be asked for: what is noted from now on may be newer than the list. */
  asking(): void;
  /** All states as Home Assistant has them now: what changed while nobody listened, one step an entity. */
  compare(now: readonly HeardState[]): readonly Step[];
}

export function createStates(): States {
  const states = new Map<string, State>();
  /** Until the home was read once, a difference is no change. */
  let isRead = false;
  /** Who spoke since the list was asked for, be it that it was removed. */
  const spoken = new Set<string>();

  function note(heard: HeardState): Step {
    spoken.add(heard.entityId);
    return take(heard);
  }

  function take(heard: HeardState): Step {
    const { entityId } = heard;
    const before = states.get(entityId) ?? null;
    const atMs = heard.updatedUs / 1000;
    if (heard.attributes === null) {
      states.delete(entityId);
      return { entityId, before, after: null, atMs };
    }
    const after: State = {
      entityId,
      state: heard.state,
      attributes: kept(before?.attributes, heard.attributes as State["attributes"]),
      changedAtMs: heard.changedUs / 1000,
      updatedAtMs: atMs,
    };
    states.set(entityId, after);
    return { entityId, before, after, atMs };
  }

  return {
    get: (entityId) => states.get(entityId) ?? null,
    all: () => states.values(),
    note,
    asking: () => spoken.clear(),
    compare(now) {
      const steps: Step[] = [];
      const present = new Set<string>();
      let newestMs = 0;
      for (const heard of now) {
        present.add(heard.entityId);
        newestMs = Math.max(newestMs, heard.updatedUs / 1000);
        if (spoken.has(heard.entityId) || states.get(heard.entityId)?.updatedAtMs === heard.updatedUs / 1000) continue;
        steps.push(take(heard));
      }
      for (const [entityId, before] of states) {
        if (present.has(entityId) || spoken.has(entityId)) continue;
        states.delete(entityId);
        steps.push({ entityId, before, after: null, atMs: newestMs });
      }
      const told = isRead ? steps : [];
      isRead = true;
      return told;
    },
  };
}

/** What was there before, where it is the same: most events change no attribute, and what is kept from event to event costs no memory anew. */
function kept(before: State["attributes"] | undefined, now: State["attributes"]): State["attributes"] {
  return before !== undefined && sameAttributes(before, now) ? before : now;
}

/** Whether each has the very value; lists are taken for others. */
export function sameAttributes(before: Readonly<Record<string, unknown>>, now: Readonly<Record<string, unknown>>): boolean {
  if (before === now) return true;
  let more = 0;
  for (const name in before) {
    if (before[name] !== now[name]) return false;
    more -= 1;
  }
  for (const _ in now) more += 1;
  return more === 0;
}
