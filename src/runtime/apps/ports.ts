import type { Clock } from "../../core/clock.ts";
import type { HabitChange, Json, Probability } from "../../kit/contract.ts";
import type { Ledger } from "../../store/tables/schedule-runs.ts";
import type { ReceiptBook } from "../schedule/run.ts";
import type { Agenda } from "./home/agenda.ts";
import type { EventListeners } from "./home/event-listeners.ts";
import type { Learned } from "./home/learned.ts";
import type { Places } from "./home/places.ts";
import type { StateListeners } from "./home/state-listeners.ts";
import type { States } from "./home/states.ts";

/** A call of one of Home Assistant's services. */
export interface WantedCall {
  readonly domain: string;
  readonly service: string;
  readonly target: Readonly<Record<string, readonly string[]>>;
  readonly data: Readonly<Record<string, Json>>;
  readonly wantsResponse: boolean;
}

/** What apps may ask of the home; rejects with its words when it refuses or is away. */
export interface HomeCalls {
  callService(call: WantedCall): Promise<Json>;
  fireEvent(type: string, data: Readonly<Record<string, Json>>): Promise<void>;
  setState(entityId: string, state: string, attributes: Readonly<Record<string, Json>>): Promise<void>;
  history(entityId: string, fromMs: number, toMs: number): Promise<readonly { readonly state: string; readonly atMs: number }[]>;
}

/** What the models have found. */
export interface Findings {
  /** What models are asked for; null where that is not known beforehand. */
  readonly targets: readonly string[] | null;
  probability(target: string): Promise<Probability | null>;
  changes(stream: string | null): Promise<readonly HabitChange[]>;
}

/** The small persistent store of apps. */
export interface AppStore {
  get(app: string, key: string): Promise<string | null>;
  /** @throws Error in words when it is too much */
  set(app: string, key: string, json: string): Promise<void>;
  delete(app: string, key: string): Promise<void>;
  keys(app: string): Promise<readonly string[]>;
}

export interface Receipts extends ReceiptBook {
  ledgerOf(job: string): Promise<Ledger>;
  /** When a schedule was first asked for: now, where it is new. */
  knownSinceMs(job: string, nowMs: number): Promise<number>;
}

/** All that the apps of a home share. */
export interface AppPorts {
  readonly clock: Clock;
  readonly agenda: Agenda;
  readonly states: States;
  readonly stateListeners: StateListeners;
  readonly eventListeners: EventListeners;
  readonly learned: Learned;
  readonly home: HomeCalls;
  readonly findings: Findings;
  readonly store: AppStore;
  readonly receipts: Receipts;
  readonly places: Places;
}
