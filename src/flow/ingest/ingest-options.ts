import type { Clock } from "../../core/clock.ts";
import type { BackfillProgress } from "./backfill.ts";
import type { Choice } from "./choice.ts";
import type { LiveCounts } from "./live.ts";
import type { HomePort, RegistryPort, StorePort } from "./ports.ts";
import type { RepairReport } from "./repair.ts";
import type { SpillPort } from "./spill.ts";

export interface IngestOptions {
  readonly home: HomePort;
  readonly store: StorePort;
  readonly clock: Clock;
  readonly choice: Choice;
  /** Where areas, classes and names come from; without it ids alone decide and a renamed entity is another one. */
  readonly registry?: RegistryPort;
  readonly backfillDays: number;
  /** How far back hourly means are fetched; 0 = none. */
  readonly statisticsDays?: number;
  /** Until when the run before this one is known to have listened; null where there was none. */
  readonly heardUntilMs?: number | null;
  readonly onProgress?: (progress: BackfillProgress) => void;
  /** The recorder's past is stored, as far as it reaches; called once per connection. */
  readonly onBackfilled?: (progress: BackfillProgress) => void;
  readonly onRepaired?: (report: RepairReport) => void;
  /** A step failed and is tried again; for the log and the degraded markers. */
  readonly onTrouble?: (step: string, error: unknown) => void;
  /** Patterns of the choice that match nothing in this home, in words; empty when all do. */
  readonly onFindings?: (findings: readonly string[]) => void;
  /** An attribute had a value too long to be stored; told once of each. */
  readonly onTooLong?: (entityId: string) => void;
  /** Entities are chosen from now on; their past is fetched by itself. */
  readonly onNewlyChosen?: (entityIds: readonly string[]) => void;
  /** What was dropped for want of room has been fetched. */
  readonly onRefilled?: () => void;
  /** Home Assistant's time, where it differs from the clock's: its events and its history are in it. */
  readonly homeNowMs?: () => number;
  /** Where events wait on disk when memory is full or writing fails. */
  readonly spill?: SpillPort;
  readonly batchSize?: number;
  readonly batchMs?: number;
  readonly maxHeld?: number;
}

export interface IngestStatus {
  /** Listening to live changes right now. */
  readonly isListening: boolean;
  readonly isRepairing: boolean;
  /** Null until a back-fill ran in this process. */
  readonly backfill: (BackfillProgress & { readonly isComplete: boolean }) | null;
  readonly lastRepair: RepairReport | null;
  readonly live: LiveCounts;
  /** Values of attributes that were too long to be stored. */
  readonly attributesTooLong: number;
}

export interface Ingest {
  /** Notes that nobody listens since the run before this one ended. `connected` does it too. */
  start(): void;
  /** Call at every `connected` of the home: subscribes, repairs, back-fills. Returns at once. */
  connected(): void;
  /** Call when the connection is gone. */
  disconnected(): void;
  status(): IngestStatus;
  /** Resolves when everything accepted so far is stored, or could not be. */
  flush(): Promise<void>;
  /** Fetches a span of the recorder's past once more. Resolves to the rows that were new. @throws when there is no connection. */
  fetch(fromMs: number, toMs: number): Promise<number>;
  /** Nothing was heard in this span though the connection stood: it is noted and fetched. */
  missed(fromMs: number, toMs: number): void;
  /** Writes what is held and ends everything. */
  stop(): Promise<void>;
}
