import { createGlobs } from "../../../core/features/glob.ts";
import type { Json, State } from "../../../kit/contract.ts";
import type { Agenda } from "./agenda.ts";
import type { States, Step } from "./states.ts";

/** What an app listens to, as it said it; durations in ms. */
export interface StateWish {
  readonly entities: readonly string[];
  /** Null = the state itself; `all` = everything. */
  readonly attribute: string | null;
  readonly old: readonly Json[] | null;
  readonly new: readonly Json[] | null;
  readonly durationMs: number;
  readonly isImmediate: boolean;
  readonly isOneshot: boolean;
  readonly timeoutMs: number | null;
}

export type TellState = (entityId: string, old: unknown, now: unknown, atMs: number) => void;

export interface StateListeners {
  /** `onEnd`: it ended by itself, after its only call or its time. */
  add(wish: StateWish, tell: TellState, onEnd: () => void): () => void;
  heard(step: Step): void;
  /** Whether anybody listens at all. */
  isEmpty(): boolean;
}

interface Listener {
  matches(entityId: string): boolean;
  heard(step: Step): void;
}

/** Who listens to which entity is looked up once an entity; a listener that comes or goes changes the lists of those entities alone that it matches. */
export function createStateListeners(states: States, agenda: Agenda, nowMs: () => number): StateListeners {
  const listeners = new Set<Listener>();
  const byEntity = new Map<string, readonly Listener[]>();

  function listenersOf(entityId: string): readonly Listener[] {
    let found = byEntity.get(entityId);
    if (found === undefined) {
      found = [...listeners].filter((listener) => listener.matches(entityId));
      byEntity.set(entityId, found);
    }
    return found;
  }

  /** New lists, never changed ones: whoever is being told something goes through the old one. */
  function change({ entities }: StateWish, { matches }: Listener, to: (list: readonly Listener[]) => readonly Listener[]): void {
    const touched = entities.some(isPattern) ? [...byEntity.keys()].filter(matches) : new Set(entities);
    for (const entityId of touched) {
      const list = byEntity.get(entityId);
      if (list !== undefined) byEntity.set(entityId, to(list));
    }
  }

  return {
    add(wish, tell, onEnd) {
      const { listener, begin, stop } = createListener(wish, tell, { agenda, nowMs, end: () => end(true) });
      listeners.add(listener);
      change(wish, listener, (list) => [...list, listener]);
      function end(isByItself: boolean): void {
        if (!listeners.delete(listener)) return;
        change(wish, listener, (list) => list.filter((each) => each !== listener));
        stop();
        if (isByItself) onEnd();
      }
      begin(states);
      return () => end(false);
    },
    heard(step) {
      for (const listener of listenersOf(step.entityId)) listener.heard(step);
    },
    isEmpty: () => listeners.size === 0,
  };
}

/** What is heard later after its instant was not heard late: the clocks differ, or nobody listened when it was. */
const LATE_MS = 5_000;

interface ListenerParts {
  readonly agenda: Agenda;
  readonly nowMs: () => number;
  readonly end: () => void;
}

function createListener(wish: StateWish, tell: TellState, { agenda, nowMs, end }: ListenerParts) {
  const matches = matcherOf(wish.entities);
  const readValue = valueReader(wish.attribute);
  /** Values that stand and have not stood long enough yet, by entity. */
  const standing = new Map<string, () => void>();
  let stopTimeout: () => void = () => undefined;
  let isOver = false;

  function call(entityId: string, old: unknown, now: unknown, atMs: number): void {
    if (isOver) return;
    tell(entityId, old, now, atMs);
    if (wish.isOneshot) end();
  }

  function hold(entityId: string, old: unknown, now: unknown, sinceMs: number): void {
    const dueMs = sinceMs + wish.durationMs;
    const cancel = agenda.after(Math.max(0, dueMs - nowMs()), () => {
      standing.delete(entityId);
      call(entityId, old, now, dueMs);
    });
    standing.set(entityId, cancel);
  }

  /** Home Assistant's instant, unless its clock is another than ours: then what was heard began when it was heard. */
  function begunAt(atMs: number): number {
    const now = nowMs();
    return atMs > now || now - atMs > LATE_MS ? now : atMs;
  }

  function drop(entityId: string): void {
    standing.get(entityId)?.();
    standing.delete(entityId);
  }

  function heard({ entityId, before, after, atMs }: Step): void {
    const old = readValue(before);
    const now = readValue(after);
    if (isOver || isSame(old, now)) return;
    const isWanted = isOneOf(wish.new, now);
    // From one wanted value to another it goes on standing, or has been told already.
    if (wish.durationMs > 0 && wish.new !== null && isWanted && isOneOf(wish.new, old)) return;
    drop(entityId);
    if (!isWanted || !isOneOf(wish.old, old)) return;
    if (wish.durationMs > 0) hold(entityId, old, now, begunAt(atMs));
    else call(entityId, old, now, atMs);
  }

  function begin(states: States): void {
    if (wish.timeoutMs !== null) stopTimeout = agenda.after(wish.timeoutMs, end);
    if (!wish.isImmediate) return;
    for (const state of [...states.all()]) {
      const now = readValue(state);
      if (isOver || !matches(state.entityId) || now === null || !isOneOf(wish.new, now)) continue;
      const sinceMs = wish.attribute === null ? state.changedAtMs : state.updatedAtMs;
      if (wish.durationMs > 0) hold(state.entityId, null, now, Math.min(sinceMs, nowMs()));
      else call(state.entityId, null, now, sinceMs);
    }
  }

  return {
    listener: { matches, heard },
    begin,
    stop() {
      isOver = true;
      stopTimeout();
      for (const entityId of [...standing.keys()]) drop(entityId);
    },
  };
}

const isPattern = (text: string): boolean => /[*?]/.test(text);

/** Ids are looked up, patterns tried. */
export function matcherOf(entities: readonly string[]): (entityId: string) => boolean {
  const ids = new Set(entities.filter((each) => !isPattern(each)));
  const globs = createGlobs(entities.filter(isPattern));
  return (entityId) => ids.has(entityId) || globs(entityId);
}

function valueReader(attribute: string | null): (state: State | null) => unknown {
  if (attribute === null) return (state) => state?.state ?? null;
  if (attribute === "all") return (state) => state;
  return (state) => state?.attributes[attribute] ?? null;
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  return JSON.stringify(a) === JSON.stringify(b);
}

/** A whole state is wanted by its state. */
function isOneOf(wanted: readonly Json[] | null, value: unknown): boolean {
  if (wanted === null) return true;
  const compared = typeof value === "object" && value !== null && "entityId" in value && "state" in value ? value.state : value;
  return wanted.some((each) => isSame(each, compared));
}
