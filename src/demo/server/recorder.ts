import { sameAttributes } from "../home/day-log.ts";
import type { Attributes } from "../home/entities.ts";

/** Who or what made a change: Home Assistant's context. */
export interface Cause {
  readonly userId: string | null;
  /** Null: the id follows from the entity and the instant. */
  readonly contextId: string | null;
}

export interface StateRow {
  readonly entityId: string;
  readonly state: string;
  readonly attributes: Attributes;
  readonly updatedUs: number;
  readonly changedUs: number;
  readonly cause: Cause;
}

/** `before` null: the entity is new, or came back with a restart. `after` null: it was removed. */
export type StateChange =
  | { readonly before: StateRow | null; readonly after: StateRow }
  | { readonly before: StateRow; readonly after: null; readonly removedUs: number };

/** The past of one entity in columns, oldest first. */
export interface Series {
  readonly entityId: string;
  readonly updatedUs: number[];
  readonly changedUs: number[];
  /** Null in the row that says that the entity was removed. */
  readonly states: (string | null)[];
  readonly attributes: Attributes[];
}

/** State machine and recorder in one: all that every entity has said, and what it says now. */
export interface Recorder {
  /** Null when neither state nor attributes are new. */
  write(entityId: string, state: string, attributes: Attributes, atUs: number, cause: Cause): StateChange | null;
  /** Null when there is no such entity. */
  remove(entityId: string, atUs: number): StateChange | null;
  /** Forgets what every entity says now, but not its past, as a restart of Home Assistant does; returns what it was. */
  forgetCurrent(): readonly StateRow[];
  current(entityId: string): StateRow | undefined;
  all(): readonly StateRow[];
  series(entityId: string): Series | undefined;
  /** Seconds of the oldest row, or null when nothing is recorded. */
  oldestSeconds(): number | null;
}

export const NOBODY: Cause = { userId: null, contextId: null };

export function createRecorder(): Recorder {
  const seriesOf = new Map<string, Series>();
  const currentOf = new Map<string, StateRow>();
  let oldestUs: number | null = null;

  function append(entityId: string, updatedUs: number, changedUs: number, state: string | null, attributes: Attributes): void {
    let series = seriesOf.get(entityId);
    if (!series) {
      series = { entityId, updatedUs: [], changedUs: [], states: [], attributes: [] };
      seriesOf.set(entityId, series);
    }
    series.updatedUs.push(updatedUs);
    series.changedUs.push(changedUs);
    series.states.push(state);
    series.attributes.push(attributes);
  }
  return {
    write(entityId, state, attributes, atUs, cause) {
      const before = currentOf.get(entityId);
      const sameState = before !== undefined && before.state === state;
      if (before && sameState && sameAttributes(before.attributes, attributes)) return null;
      const updatedUs = Math.max(atUs, (seriesOf.get(entityId)?.updatedUs.at(-1) ?? 0) + 1);
      const after = { entityId, state, attributes, updatedUs, changedUs: before && sameState ? before.changedUs : updatedUs, cause };
      append(entityId, updatedUs, after.changedUs, state, attributes);
      currentOf.set(entityId, after);
      oldestUs ??= updatedUs;
      return { before: before ?? null, after };
    },
    remove(entityId, atUs) {
      const before = currentOf.get(entityId);
      if (!before) return null;
      const removedUs = Math.max(atUs, before.updatedUs + 1);
      append(entityId, removedUs, removedUs, null, {});
      currentOf.delete(entityId);
      return { before, after: null, removedUs };
    },
    forgetCurrent() {
      const rows = [...currentOf.values()];
      currentOf.clear();
      return rows;
    },
    current: (entityId) => currentOf.get(entityId),
    all: () => [...currentOf.values()],
    series: (entityId) => seriesOf.get(entityId),
    oldestSeconds: () => (oldestUs === null ? null : recordedSeconds(oldestUs)),
  };
}

/**
 * Seconds since the epoch as the recorder keeps them: Home Assistant stores the float of its clock and shows the microsecond nearest to its fraction
 * elsewhere. The two differ by up to half a microsecond, and seconds times a million, rounded, is another microsecond for every eighth row (measured).
 */
export function recordedSeconds(updatedUs: number): number {
  const whole = Math.floor(updatedUs / 1e6);
  const micros = updatedUs - whole * 1e6;
  const scatter = (Math.imul(updatedUs % 4294967296, 0x9e3779b1) >>> 0) / 4294967296 - 0.5;
  const seconds = whole + (micros + scatter) / 1e6;
  // A float of this size has steps of 0.24 microseconds, which can carry it over to the next microsecond.
  return Math.abs((seconds - whole) * 1e6 - micros) < 0.5 ? seconds : updatedUs / 1e6;
}
