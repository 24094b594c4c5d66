import { isoToUs } from "./instants.ts";

/** An event of Home Assistant's bus. */
export interface HomeEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly firedUs: number;
}

/** Reads an event message; null when it is malformed. */
export function parseEvent(event: unknown): HomeEvent | null {
  if (typeof event !== "object" || event === null) return null;
  const { event_type: type, data, time_fired: fired } = event as Readonly<Record<string, unknown>>;
  if (typeof type !== "string" || typeof fired !== "string" || typeof data !== "object" || data === null) return null;
  const firedUs = isoToUs(fired);
  return Number.isNaN(firedUs) ? null : { type, data: data as HomeEvent["data"], firedUs };
}
