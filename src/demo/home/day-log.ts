import type { Attributes, HomeEntity } from "./entities.ts";
import type { Span } from "./household.ts";

/** A state as an entity reports it: `atUs` in microseconds since the epoch, different for all events of one entity. */
export interface HomeEvent {
  readonly atUs: number;
  readonly entityId: string;
  readonly state: string;
  readonly attributes: Attributes;
  /** The person who did it; null for what happens by itself. */
  readonly userId: string | null;
}

/** Collects what entities say on one day and puts it into the order and with the gaps in which Home Assistant would see it. */
export interface DayLog {
  emit(entityId: string, atMs: number, state: string, changing?: Attributes, userId?: string | null): void;
  /** The day's events in order; the log is empty after it. Entities in an outage are `unavailable` from its start to its end. */
  closeDay(outages: ReadonlyMap<string, readonly Span[]>): readonly HomeEvent[];
}

interface Said {
  readonly atMs: number;
  readonly entityId: string;
  /** Null marks the start ("down") or the end ("up") of an outage. */
  readonly state: string | null;
  readonly mark: "down" | "up" | null;
  readonly attributes: Attributes;
  readonly userId: string | null;
}

/** What is left of an entity's attributes while it is unavailable. */
const KEPT = ["state_class", "unit_of_measurement", "device_class", "friendly_name", "supported_features"];

export function createDayLog(entities: readonly HomeEntity[]): DayLog {
  const fixed = new Map(entities.map((entity) => [entity.entityId, entity.attributes]));
  const bare = new Map(entities.map(({ entityId, attributes }) => [entityId, pick(attributes, KEPT)]));
  const newest = new Map<string, Said>();
  const shown = new Map<string, HomeEvent>();
  const down = new Set<string>();
  let said: Said[] = [];

  /** Home Assistant tells nothing when neither the state nor an attribute is new. */
  function show(one: Said, state: string, attributes: Attributes, events: HomeEvent[]): void {
    const before = shown.get(one.entityId);
    if (before && before.state === state && sameAttributes(before.attributes, attributes)) return;
    const atUs = Math.max(Math.floor(one.atMs * 1000), (before?.atUs ?? 0) + 1);
    const event: HomeEvent = { atUs, entityId: one.entityId, state, attributes, userId: one.userId };
    shown.set(one.entityId, event);
    events.push(event);
  }

  return {
    emit(entityId, atMs, state, changing, userId = null) {
      const attributes = fixed.get(entityId)!;
      said.push({ atMs, entityId, state, mark: null, attributes: changing ? { ...attributes, ...changing } : attributes, userId });
    },
    closeDay(outages) {
      for (const [entityId, spans] of outages) {
        const outage = { entityId, state: null, attributes: bare.get(entityId)!, userId: null };
        for (const span of spans) {
          said.push({ ...outage, atMs: span.fromMs, mark: "down" });
          if (Number.isFinite(span.toMs)) said.push({ ...outage, atMs: span.toMs, mark: "up" });
        }
      }
      said.sort((a, b) => a.atMs - b.atMs);
      const events: HomeEvent[] = [];
      for (const one of said) {
        if (one.state !== null) {
          newest.set(one.entityId, one);
          if (!down.has(one.entityId)) show(one, one.state, one.attributes, events);
        } else if (one.mark === "down") {
          down.add(one.entityId);
          show(one, "unavailable", one.attributes, events);
        } else {
          down.delete(one.entityId);
          const last = newest.get(one.entityId);
          if (last?.state) show(one, last.state, last.attributes, events);
        }
      }
      said = [];
      return events.sort((a, b) => a.atUs - b.atUs);
    },
  };
}

export function sameAttributes(a: Attributes, b: Attributes): boolean {
  if (a === b) return true;
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => Object.is(a[name], b[name]) && name in b);
}

function pick(attributes: Attributes, names: readonly string[]): Attributes {
  return Object.fromEntries(names.filter((name) => name in attributes).map((name) => [name, attributes[name]]));
}
