import { setTimeout as pause } from "node:timers/promises";
import type { App } from "../../kit/app.ts";
import { INSIDE } from "../../kit/app.ts";
import type { HabitChange, Json, Probability } from "../../kit/contract.ts";
import { createJumpingClock } from "../clock.ts";
import { withinRun } from "../run-context.ts";
import type { Place } from "../schedule/schedule.ts";
import { createAgenda } from "./agenda.ts";
import { createEventListeners } from "./event-listeners.ts";
import { createLearned } from "./learned.ts";
import { type AppClass, checkArgs } from "./load.ts";
import { memoryReceipts, memoryStore } from "./memory-store.ts";
import { createPlaces } from "./places.ts";
import type { AppPorts, Findings, WantedCall } from "./ports.ts";
import { createSession, type LogLevel } from "./session.ts";
import { createStateListeners } from "./state-listeners.ts";
import { createStates, type HeardState } from "./states.ts";

/** What an app did, or would have done. */
export type Deed = { readonly atMs: number } & (
  | { readonly kind: "call"; readonly call: WantedCall }
  | { readonly kind: "set"; readonly entityId: string; readonly state: string; readonly attributes: Readonly<Record<string, Json>> }
  | { readonly kind: "fire"; readonly type: string; readonly data: Readonly<Record<string, Json>> }
  | { readonly kind: "log"; readonly level: LogLevel; readonly text: string }
  | { readonly kind: "failed"; readonly error: unknown }
);

export interface SimulationParts {
  readonly startMs: number;
  readonly place: Place;
  readonly findings: Findings;
  readonly onDeed: (deed: Deed) => void;
  /** What services answer that are asked for an answer. */
  readonly answer?: (call: WantedCall) => Json;
  /** What the recorder would tell. */
  readonly history?: AppPorts["home"]["history"];
}

/** A home with a clock of its own, and one app in it, on this very thread. Every step waits until the app has come to rest. */
export interface Simulation {
  nowMs(): number;
  start(appClass: AppClass, name: string, args: unknown): Promise<void>;
  /** All states at the start; no change is told. */
  know(states: readonly HeardState[]): void;
  heard(state: HeardState): Promise<void>;
  fire(type: string, data: Readonly<Record<string, Json>>): Promise<void>;
  predicted(probability: Probability): Promise<void>;
  reported(change: HabitChange): Promise<void>;
  /** Lets the time pass: what is due meanwhile happens at its instant. */
  advanceTo(atMs: number): Promise<void>;
  /** When something is due next, or null. */
  nextMs(): number | null;
  stop(): Promise<void>;
}

/** A callback that waits for real time, not for the home's, is not waited for beyond this. */
const REST_LIMIT_MS = 10_000;

export function createSimulation(parts: SimulationParts): Simulation {
  const clock = createJumpingClock(parts.startMs);
  const agenda = createAgenda(clock.nowMs);
  const states = createStates();
  const stateListeners = createStateListeners(states, agenda, clock.nowMs);
  const eventListeners = createEventListeners(() => undefined);
  const learned = createLearned();
  let app: App<unknown> | null = null;
  let underWay = 0;
  let hasDelivered = false;
  const tell = (deed: DeedOf): void => parts.onDeed({ ...deed, atMs: clock.nowMs() } as Deed);

  function note(state: HeardState): void {
    stateListeners.heard(states.note(state));
  }

  const ports: AppPorts = {
    clock,
    agenda,
    states,
    stateListeners,
    eventListeners,
    learned,
    home: {
      async callService(call) {
        tell({ kind: "call", call });
        return call.wantsResponse ? (parts.answer?.(call) ?? null) : null;
      },
      async fireEvent(type, data) {
        tell({ kind: "fire", type, data });
        eventListeners.heard({ type, data, atMs: clock.nowMs() });
      },
      async setState(entityId, state, attributes) {
        tell({ kind: "set", entityId, state, attributes });
        const nowUs = clock.nowMs() * 1000;
        const before = states.get(entityId);
        note({ entityId, state, attributes, updatedUs: nowUs, changedUs: before?.state === state ? before.changedAtMs * 1000 : nowUs });
      },
      history: parts.history ?? (async () => []),
    },
    findings: parts.findings,
    store: memoryStore(),
    receipts: memoryReceipts(),
    places: createPlaces(parts.place),
  };

  /** Until no callback is under way and nothing that one of them asked for is unanswered. */
  async function rest(): Promise<void> {
    if (!hasDelivered) return;
    const limit = new AbortController();
    const late = pause(REST_LIMIT_MS, "late", { signal: limit.signal }).catch(() => "in time");
    const settled = (async () => {
      do {
        hasDelivered = false;
        await app?.[INSIDE].settled();
        await new Promise(setImmediate);
      } while (hasDelivered || underWay > 0);
      return "in time";
    })();
    if ((await Promise.race([settled, late])) === "late") {
      tell({
        kind: "log",
        level: "warn",
        text: `A callback has not ended after ${REST_LIMIT_MS / 1000} s of real time; the home goes on. Wait with runIn: only that is the home's time.`,
      });
    }
    limit.abort();
  }

  async function runDue(atMs: number): Promise<void> {
    clock.jumpTo(atMs);
    agenda.runDue(atMs);
    hasDelivered = true; // what was due may call the app a moment later, after its receipt
    await rest();
  }

  async function step(work: () => void): Promise<void> {
    work();
    await rest();
  }

  return {
    nowMs: clock.nowMs,
    nextMs: agenda.nextMs,
    know: (now) => void states.compare(now),
    async start(appClass, name, args) {
      const session = createSession({
        name,
        ports,
        deliver(id, a, b, c, atMs) {
          hasDelivered = true;
          app?.[INSIDE].take([id, a, b, c, atMs]);
        },
        log: (level, text) => tell({ kind: "log", level, text }),
      });
      const checked = checkArgs(appClass, args);
      const link = {
        async call(request: string, input: unknown) {
          underWay += 1;
          hasDelivered = true;
          try {
            // As over a thread's port: an object is copied, and the answer comes later.
            return structuredClone(await session.handle(request, structuredClone(input)));
          } finally {
            underWay -= 1;
          }
        },
      };
      app = new appClass({ name, args: checked, link, nowMs: clock.nowMs, onError: (error) => tell({ kind: "failed", error }), withinRun });
      await app.initialize();
      await app[INSIDE].registered();
      await runDue(clock.nowMs());
    },
    heard: (state) => step(() => note(state)),
    fire: (type, data) => step(() => eventListeners.heard({ type, data, atMs: clock.nowMs() })),
    predicted: (probability) => step(() => learned.predicted(probability)),
    reported: (change) => step(() => learned.reported(change)),
    async advanceTo(atMs) {
      for (let due = agenda.nextMs(); due !== null && due <= atMs; due = agenda.nextMs()) await runDue(Math.max(due, clock.nowMs()));
      clock.jumpTo(atMs);
    },
    async stop() {
      await app?.terminate();
      hasDelivered = true;
      await rest();
      app = null;
    },
  };
}

type DeedOf = Deed extends infer D ? (D extends Deed ? Omit<D, "atMs"> : never) : never;
