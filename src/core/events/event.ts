/** Where a stored row came from. `anchor` is the state that held at the start of a fetched range: known, but not an event. */
export const EVENT_SOURCES = ["live", "history", "statistics", "replay", "anchor"] as const;
export type EventSource = (typeof EVENT_SOURCES)[number];

/** Whether a row of that source is something that happened: the state at a start and an hour's mean are knowledge, not events. */
export function isEvent(source: EventSource): boolean {
  return source !== "anchor" && source !== "statistics";
}

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

/** Two clocks that differ by less are taken for one. */
export const CLOCK_TOLERANCE_MS = 30_000;

/** Whether its instant was still to come when it arrived: somebody's clock is wrong. It counts from its instant on, like any other. */
export function isFromFuture({ updatedUs, knownAtMs }: Pick<StateEvent, "updatedUs" | "knownAtMs">): boolean {
  return knownAtMs !== null && updatedUs / 1000 > knownAtMs + CLOCK_TOLERANCE_MS;
}

/** States that carry no value: they end knowledge, they are no behaviour. */
export function isUnknownState(state: string): boolean {
  return state === "unavailable" || state === "unknown" || state === "" || state === "None" || state === "null";
}
