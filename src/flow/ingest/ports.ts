import type { Attributes } from "../../core/events/attribute.ts";
import type { EntityFacts } from "../../core/events/entity.ts";
import type { StateEvent } from "../../core/events/event.ts";
import type { GapReason } from "../../core/events/gap.ts";

/** One `state_changed`; only attributes changed where `changedUs` differs from `updatedUs`. */
export interface StateChange {
  readonly entityId: string;
  readonly state: string;
  readonly changedUs: number;
  readonly updatedUs: number;
  readonly userId: string | null;
  /** Null when it was removed; left out where nobody asks. */
  readonly attributes?: Attributes | null;
  /** Null when it was not there before. */
  readonly attributesBefore?: Attributes | null;
}

/** One entity's state now. */
export interface HomeState extends StateChange {
  readonly deviceClass?: string | null;
  readonly unit?: string | null;
  readonly name?: string | null;
}

/** A part of the recorder's past: [fromMs, toMs), whole milliseconds. */
export interface HistoryRequest {
  readonly entityIds: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  /** Also the state that held at `fromMs`, as a row of source `anchor`. */
  readonly withStartState: boolean;
  /** Attributes wanted as entities of their own, by entity. The page then holds rows of them, too. */
  readonly attributes?: ReadonlyMap<string, readonly string[]>;
}

export interface HistoryPage {
  readonly events: readonly StateEvent[];
  /** Rows that the recorder had to read for it. */
  readonly rows: number;
  /** Wanted attributes that any row had a value of: others are left out by the recorder, or were not there. */
  readonly valued?: readonly string[];
}

/** The home as ingest needs it. Everything rejects when there is no connection. */
export interface HomePort {
  /** Live changes of this connection. */
  subscribe(onChange: (change: StateChange) => void): Promise<void>;
  /** The newest state of every entity. */
  states(): Promise<readonly HomeState[]>;
  history(request: HistoryRequest): Promise<HistoryPage>;
  /** Entities of which hourly means are kept, with the unit that these come in. */
  statisticIds(): Promise<readonly StatisticId[]>;
  /** Hourly means of [fromMs, toMs), each as a row of source `statistics` at the end of its hour. */
  statistics(request: StatisticsRequest): Promise<HistoryPage>;
}

export interface StatisticId {
  readonly entityId: string;
  readonly unit: string | null;
}

export type StatisticsRequest = Omit<HistoryRequest, "withStartState">;

/** What Home Assistant tells when its registries change. `formerId`: an entity that was renamed. */
export interface RegistryUpdate {
  readonly kind: "entity" | "device" | "area";
  readonly entityId: string | null;
  readonly formerId: string | null;
}

export interface Renamed {
  readonly from: string;
  readonly to: string;
}

/** The registries as ingest needs them: which entities there are, where they are and what they are. */
export interface RegistryPort {
  subscribe(onUpdate: (update: RegistryUpdate) => void): Promise<void>;
  facts(states: readonly HomeState[]): Promise<readonly EntityFacts[]>;
  /** What the run before knew. */
  storedFacts(): readonly EntityFacts[] | Promise<readonly EntityFacts[]>;
  /**
   * Stores them all. Resolves when committed: entities that Home Assistant renamed have their new names then.
   * @param told renames that it told, in their order; those of before are found by its own ids
   */
  put(facts: readonly EntityFacts[], told: readonly Renamed[]): Promise<{ readonly renamed: readonly Renamed[] }>;
}

/** A span in which we did not listen, still to be fetched. */
export interface Gap {
  /** Of its row in the ledger. */
  readonly id: number;
  /** Null = all entities. */
  readonly entityId: string | null;
  readonly fromMs: number;
  readonly toMs: number;
  readonly reason: GapReason;
}

/** What became of a gap. */
export interface SettledGap {
  readonly id: number;
  /** The recorder holds nothing from before this instant; null when it holds the whole span. */
  readonly lostUntilMs: number | null;
  /** Entities that the recorder did not know over the span, and entities that it did. */
  readonly unrecorded: readonly string[];
  readonly recorded: readonly string[];
}

/** How far back the past of one entity is stored. */
export interface EntityPast {
  readonly entityId: string;
  /** Its events are here from this instant on. */
  readonly fromMs: number;
  /** The recorder had nothing older. */
  readonly isWhole: boolean;
  /** Since when it is not chosen any more; null while it is. */
  readonly leftAtMs: number | null;
  /** Before `fromMs`, its hourly means are here from this instant on; null where none were asked for. */
  readonly statisticsFromMs: number | null;
}

/** A part of the past of some entities: it reaches back to `fromMs` once this is stored. */
export interface PastChunk {
  readonly events: readonly StateEvent[];
  readonly entityIds: readonly string[];
  readonly fromMs: number;
  readonly isWhole: boolean;
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
  /** Notes a span as open; one that touches an open one of the same entity and reason extends it. Resolves to the row. */
  noteGap(gap: Omit<Gap, "id">): Promise<Gap>;
  /** Gaps that are open: those of now, and those of repairs that a stop or a kill cut off. */
  openGaps(): Promise<readonly Gap[]>;
  settleGap(gap: SettledGap): Promise<unknown>;
  pasts(): Promise<readonly EntityPast[]>;
  /** Stores the events and how far back the past reaches as one change. */
  writePast(chunk: PastChunk): Promise<{ readonly inserted: number }>;
  /** The same for hourly means. */
  writeStatistics(chunk: Omit<PastChunk, "isWhole">): Promise<{ readonly inserted: number }>;
  /** Entities with a past that are left out from now on, and ones that are chosen again: what they did in between becomes a gap. */
  noteChosen(choice: { readonly left: readonly string[]; readonly returned: readonly string[] }): Promise<unknown>;
}
