import type { HabitChange, Json } from "./contract.ts";

/** What a test of an app says and sees. Pure types, as in contract.ts. */

export interface TestHomeOptions {
  /** What apps.yaml would give. */
  readonly args?: Readonly<Record<string, Json>>;
  /** The home's time at the start, ISO text with an offset. Default: a Saturday noon. */
  readonly at?: string;
  readonly timeZone?: string;
  readonly latitude?: number;
  readonly longitude?: number;
  /** States that stand before the app starts. */
  readonly states?: Readonly<Record<string, string | { readonly state: string; readonly attributes?: Readonly<Record<string, Json>> }>>;
  /** What a service answers to a call that asks for an answer. */
  readonly answer?: (call: TestCall) => Json;
}

/** A service that was called. */
export interface TestCall {
  readonly service: string;
  readonly entityId?: readonly string[];
  readonly areaId?: readonly string[];
  readonly deviceId?: readonly string[];
  readonly data: Readonly<Record<string, Json>>;
}

export interface TestHome {
  /** Sets a state. The entity keeps its attributes where none are given. */
  set(entityId: string, state: string, attributes?: Readonly<Record<string, Json>>): Promise<void>;
  fire(type: string, data?: Readonly<Record<string, Json>>): Promise<void>;
  /** What our model would say of a target from now on; null = nothing. */
  predict(target: string, probability: number | null): Promise<void>;
  /** A change of habit that our model would report. */
  report(change: Partial<HabitChange> & { readonly stream: string; readonly words: string }): Promise<void>;
  /** Lets so much time pass. */
  advance(by: { readonly seconds?: number; readonly minutes?: number; readonly hours?: number; readonly days?: number }): Promise<void>;
  /** Lets the time pass until an instant, ISO text with an offset. */
  advanceTo(instant: string): Promise<void>;
  nowMs(): number;
  /** Services called since the last time that this was asked. */
  takeCalls(): readonly TestCall[];
  /** Own sensors as they stand, and events fired, in order. */
  readonly sets: readonly { readonly entityId: string; readonly state: string; readonly attributes: Readonly<Record<string, Json>> }[];
  readonly fired: readonly { readonly type: string; readonly data: Readonly<Record<string, Json>> }[];
  readonly logs: readonly string[];
  stop(): Promise<void>;
}
