import type { EventSource, StateEvent } from "../../core/events/event.ts";
import type { EventBatch } from "../../store/tables/events.ts";

/** A batch of events on its way to the writer, column by column: that crosses a thread six times faster than a thousand objects do. */
export interface PackedEvents extends Omit<EventBatch, "events"> {
  readonly entityIds: readonly string[];
  readonly states: readonly string[];
  readonly sources: readonly EventSource[];
  readonly updatedUs: Float64Array<ArrayBuffer>;
  /** NaN = null. */
  readonly knownAtMs: Float64Array<ArrayBuffer>;
}

export function packEvents({ events, ...rest }: EventBatch): PackedEvents {
  const packed = {
    ...rest,
    entityIds: [] as string[],
    states: [] as string[],
    sources: [] as EventSource[],
    updatedUs: new Float64Array(events.length),
    knownAtMs: new Float64Array(events.length),
  };
  events.forEach((event, at) => {
    packed.entityIds.push(event.entityId);
    packed.states.push(event.state);
    packed.sources.push(event.source);
    packed.updatedUs[at] = event.updatedUs;
    packed.knownAtMs[at] = event.knownAtMs ?? Number.NaN;
  });
  return packed;
}

export function unpackEvents({ entityIds, states, sources, updatedUs, knownAtMs, ...rest }: PackedEvents): EventBatch {
  const events = entityIds.map((entityId, at): StateEvent => {
    const known = knownAtMs[at]!;
    return { entityId, state: states[at]!, updatedUs: updatedUs[at]!, knownAtMs: Number.isNaN(known) ? null : known, source: sources[at]! };
  });
  return { ...rest, events };
}
