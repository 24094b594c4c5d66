import { isoMicros } from "../home/iso.ts";
import type { Cause, StateChange, StateRow } from "./recorder.ts";

/** Home Assistant's JSON shapes of states, events and contexts. */
export interface ContextMessage {
  readonly id: string;
  readonly parent_id: null;
  readonly user_id: string | null;
}

export interface StateMessage {
  readonly entity_id: string;
  readonly state: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly last_changed: string;
  readonly last_reported: string;
  readonly last_updated: string;
  readonly context: ContextMessage;
}

export interface EventMessage {
  readonly event_type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly origin: "LOCAL";
  readonly time_fired: string;
  readonly context: ContextMessage;
}

export function stateMessage(row: StateRow): StateMessage {
  const updated = isoMicros(row.updatedUs);
  return {
    entity_id: row.entityId,
    state: row.state,
    attributes: row.attributes,
    last_changed: row.changedUs === row.updatedUs ? updated : isoMicros(row.changedUs),
    last_reported: updated,
    last_updated: updated,
    context: contextMessage(row.cause, row.updatedUs, row.entityId),
  };
}

export function eventMessage(eventType: string, data: EventMessage["data"], atUs: number, cause: Cause): EventMessage {
  return { event_type: eventType, data, origin: "LOCAL", time_fired: isoMicros(atUs), context: contextMessage(cause, atUs, eventType) };
}

export function stateChangedMessage(change: StateChange): EventMessage {
  const { before, after } = change;
  const last = after ?? change.before;
  const atUs = change.after === null ? change.removedUs : change.after.updatedUs;
  return {
    event_type: "state_changed",
    data: { entity_id: last.entityId, old_state: before ? stateMessage(before) : null, new_state: after ? stateMessage(after) : null },
    origin: "LOCAL",
    time_fired: isoMicros(atUs),
    context: contextMessage(last.cause, last.updatedUs, last.entityId),
  };
}

export function contextMessage(cause: Cause, atUs: number, salt: string): ContextMessage {
  return { id: cause.contextId ?? contextId(atUs, salt), parent_id: null, user_id: cause.userId };
}

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** A ULID whose random part follows from what it belongs to: ten characters of milliseconds, sixteen of hash. */
export function contextId(atUs: number, salt: string): string {
  let id = "";
  for (let ms = Math.floor(atUs / 1000), i = 0; i < 10; i += 1, ms = Math.floor(ms / 32)) id = ALPHABET[ms % 32] + id;
  let hash = (atUs % 4294967296) | 0;
  for (let i = 0; i < 16; i += 1) {
    hash = Math.imul(hash ^ (hash >>> 15) ^ salt.charCodeAt(i % salt.length), 0x2c1b3c6d) + i;
    id += ALPHABET[(hash >>> 9) & 31];
  }
  return id;
}
