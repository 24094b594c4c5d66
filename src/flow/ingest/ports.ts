import type { StateEvent } from "../../core/events/event.ts";

/** One `state_changed`; only attributes changed where `changedUs` differs from `updatedUs`. */
export interface StateChange {
  readonly entityId: string;
  readonly state: string;
  readonly changedUs: number;
  readonly updatedUs: number;
  readonly userId: string | null;
}

/** A part of the recorder's past: [fromMs, toMs), whole milliseconds. */
export interface HistoryRequest {
  readonly entityIds: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  /** Also the state that held at `fromMs`, as a row of source `anchor`. */
  readonly withStartState: boolean;
}

export interface HistoryPage {
  readonly events: readonly StateEvent[];
  /** Rows that the recorder had to read for it. */
  readonly rows: number;
}

/** The home as ingest needs it. Everything rejects when there is no connection. */
export interface HomePort {
  /** Live changes of this connection. */
  subscribe(onChange: (change: StateChange) => void): Promise<void>;
  /** The newest state of every entity. */
  states(): Promise<readonly StateChange[]>;
  history(request: HistoryRequest): Promise<HistoryPage>;
}

export type GapReason = "not running" | "disconnected" | "writer behind" | "purged by the recorder" | "not in the recorder";
/** `open` = still to be fetched; `partly` = only the newest state is known; `lost` = cannot be known any more. */
export type GapOutcome = "open" | "filled" | "partly" | "lost";

/** A span in which we did not listen. Identity = entity + fromMs + reason: noting it again replaces `toMs` and `outcome`. */
export interface Gap {
  /** Null = all entities. */
  readonly entityId: string | null;
  readonly fromMs: number;
  readonly toMs: number;
  readonly reason: GapReason;
  readonly outcome: GapOutcome;
}

/** [fromMs, toMs) of all chosen entities, fetched. */
export interface FetchedRange {
  readonly fromMs: number;
  readonly toMs: number;
  readonly rows: number;
}

/** The store as ingest needs it. */
export interface StorePort {
  /**
   * Inserts what is not stored yet (identity: entity + updatedUs) and resolves when it is committed.
   * @param saidBy Home Assistant's user id by position in `events`, for label helpers that a person set
   */
  write(events: readonly StateEvent[], saidBy?: Readonly<Record<number, string>>): Promise<{ readonly inserted: number }>;
  /** entityId -> updatedUs of its newest stored row. */
  newestStored(): Promise<ReadonlyMap<string, number>>;
  noteGap(gap: Gap): Promise<unknown>;
  /** Gaps whose outcome is `open`: repairs that a stop or a kill cut off. */
  openGaps(): Promise<readonly Gap[]>;
  fetchedRanges(): Promise<readonly FetchedRange[]>;
  markFetched(range: FetchedRange): Promise<unknown>;
}
