/** Where a stored row came from. `anchor` is the state that held at the start of a fetched range: known, but not an event. */
export const EVENT_SOURCES = ["live", "history", "statistics", "replay", "anchor"] as const;
export type EventSource = (typeof EVENT_SOURCES)[number];

/** One state of one entity, as Home Assistant reported it. Identity = entity + `updatedUs`. */
export interface StateEvent {
  readonly entityId: string;
  readonly state: string;
  /** HA's `last_updated`, integer microseconds since the epoch (fits a double until the year 2255). */
  readonly updatedUs: number;
  /** When this app learned of it; null where HA itself knew it at `updatedUs` (fetched rows). */
  readonly knownAtMs: number | null;
  readonly source: EventSource;
}

/** States that carry no value: they end knowledge, they are no behaviour. */
export function isUnknownState(state: string): boolean {
  return state === "unavailable" || state === "unknown" || state === "" || state === "None" || state === "null";
}
