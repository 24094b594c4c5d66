/** What Home Assistant does with states, its recorder and its history, in memory, in the words of its websocket. Instants are seconds. */

export interface Row {
  readonly entityId: string;
  readonly state: string;
  /** `last_updated` as the recorder keeps it: a double with more digits than µs. */
  readonly updated: number;
  readonly changed: number;
  readonly committed: number;
  readonly attributes: Readonly<Record<string, unknown>>;
}

interface Current {
  readonly state: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly changed: number;
  readonly updated: number;
}

export interface SetState {
  readonly state: string;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly isForced?: boolean;
  /** How long the recorder takes to commit it. */
  readonly commitSeconds?: number;
}

export interface HistoryCommand {
  readonly start_time: string;
  readonly end_time?: string;
  readonly entity_ids: readonly string[];
  readonly include_start_time_state?: boolean;
  readonly no_attributes?: boolean;
}

export interface ModelHome {
  /** Returns the `state_changed` event, or null where Home Assistant fires none (the same state and attributes again). */
  set(entityId: string, to: SetState, at: number): Record<string, unknown> | null;
  remove(entityId: string, at: number): Record<string, unknown>;
  /** As by the registry: the recorder's rows go on under the new name. Returns the events: registry, removal, new state. */
  rename(from: string, to: string, at: number): Record<string, unknown>[];
  states(): Record<string, unknown>[];
  history(command: HistoryCommand, now: number): Record<string, Record<string, unknown>[]>;
  /** Every row, also of entities that the recorder leaves out. */
  rows(): readonly Row[];
  purge(before: number): void;
  /** Home Assistant restarts: every state comes back at `at()` as if for the first time. Returns the events. */
  restart(at: () => number): Record<string, unknown>[];
}

/** Whole µs of a double as Python rounds it, by exact integer arithmetic: an oracle independent of the code under test. */
export function pythonUs(seconds: number): bigint {
  const whole = Math.trunc(seconds);
  const scaledBy = 2 ** 40;
  const numerator = BigInt((seconds - whole) * scaledBy) * 1_000_000n;
  const denominator = BigInt(scaledBy);
  const floor = numerator / denominator;
  const twice = 2n * (numerator - floor * denominator);
  const up = twice > denominator || (twice === denominator && floor % 2n === 1n);
  return BigInt(whole) * 1_000_000n + floor + (up ? 1n : 0n);
}

/** As Python's `isoformat`: no fraction when it is zero. */
export function pythonIso(seconds: number): string {
  const us = pythonUs(seconds);
  const fraction = us % 1_000_000n;
  const whole = new Date(Number(us / 1000n)).toISOString().slice(0, 19);
  return fraction === 0n ? `${whole}+00:00` : `${whole}.${String(fraction).padStart(6, "0")}+00:00`;
}

const seconds = (iso: string): number => Number(Temporal.Instant.from(iso).epochNanoseconds / 1000n) / 1e6;

export function createModelHome(isRecorded: (entityId: string) => boolean = () => true): ModelHome {
  const current = new Map<string, Current>();
  let rows: Row[] = [];
  const rowsOf = new Map<string, Row[]>();

  function record(row: Row): void {
    rows.push(row);
    const mine = rowsOf.get(row.entityId);
    if (mine) mine.push(row);
    else rowsOf.set(row.entityId, [row]);
  }

  function wire(entityId: string, state: Current): Record<string, unknown> {
    const context = { id: "01", parent_id: null, user_id: null };
    const times = { last_changed: pythonIso(state.changed), last_updated: pythonIso(state.updated) };
    return { entity_id: entityId, state: state.state, attributes: state.attributes, ...times, context };
  }
  function event(entityId: string, before: Current | undefined, after: Current | null, at: number): Record<string, unknown> {
    const states = { old_state: before ? wire(entityId, before) : null, new_state: after ? wire(entityId, after) : null };
    return { event_type: "state_changed", data: { entity_id: entityId, ...states }, origin: "LOCAL", time_fired: pythonIso(at) };
  }

  return {
    set(entityId, { state, attributes = {}, isForced = false, commitSeconds = 0 }, at) {
      const before = current.get(entityId);
      const isSame = before !== undefined && before.state === state && !isForced;
      if (isSame && JSON.stringify(before.attributes) === JSON.stringify(attributes)) return null;
      const after = { state, attributes, changed: isSame ? before.changed : at, updated: at };
      current.set(entityId, after);
      record({ entityId, state, updated: at, changed: after.changed, committed: at + commitSeconds, attributes });
      return event(entityId, before, after, at);
    },
    remove(entityId, at) {
      const before = current.get(entityId);
      current.delete(entityId);
      record({ entityId, state: "", updated: at, changed: at, committed: at, attributes: {} });
      return event(entityId, before, null, at);
    },
    rename(from, to, at) {
      const before = current.get(from)!;
      const mine = (rowsOf.get(from) ?? []).map((row) => ({ ...row, entityId: to }));
      rows = [...rows.filter((row) => row.entityId !== from), ...mine];
      rowsOf.delete(from);
      rowsOf.set(to, mine);
      current.delete(from);
      const after = { ...before, changed: at, updated: at };
      current.set(to, after);
      record({ entityId: to, state: after.state, updated: at, changed: at, committed: at, attributes: after.attributes });
      const data = { action: "update", entity_id: to, old_entity_id: from, changes: { entity_id: from } };
      const registry = { event_type: "entity_registry_updated", data, origin: "LOCAL", time_fired: pythonIso(at) };
      return [registry, event(from, before, null, at), event(to, undefined, after, at)];
    },
    states: () => [...current].map(([entityId, state]) => wire(entityId, state)),
    history(command, now) {
      const start = seconds(command.start_time);
      const end = command.end_time === undefined ? Number.POSITIVE_INFINITY : seconds(command.end_time);
      const answer: Record<string, Record<string, unknown>[]> = {};
      if (start > now) return answer;
      const of = (row: Row): object => (command.no_attributes === false ? row.attributes : {});
      for (const entityId of command.entity_ids) {
        if (!isRecorded(entityId)) continue;
        const mine = (rowsOf.get(entityId) ?? []).filter((row) => row.committed <= now).sort((a, b) => a.updated - b.updated);
        // Both bounds are exclusive; the start state carries the requested start as its time.
        const before = mine.filter((row) => row.updated < start).at(-1);
        const first = command.include_start_time_state && before ? [{ s: before.state, a: of(before), lu: start }] : [];
        const within = mine.filter((row) => row.updated > start && row.updated < end);
        const found = within.map((row) => ({
          s: row.state,
          a: of(row),
          lu: row.updated,
          ...(row.changed === row.updated ? {} : { lc: row.changed }),
        }));
        if (first.length + found.length > 0) answer[entityId] = [...first, ...found];
      }
      return answer;
    },
    rows: () => rows,
    purge(before) {
      rows = rows.filter((row) => row.updated >= before);
      for (const [entityId, mine] of rowsOf) {
        rowsOf.set(
          entityId,
          mine.filter((row) => row.updated >= before),
        );
      }
    },
    restart(at) {
      const known = [...current];
      current.clear();
      return known.map(([entityId, { state, attributes }]) => {
        const now = at();
        const after = { state, attributes, changed: now, updated: now };
        current.set(entityId, after);
        record({ entityId, state, updated: now, changed: now, committed: now, attributes });
        return event(entityId, undefined, after, now);
      });
    },
  };
}
