import { createAgenda } from "../../../src/runtime/apps/home/agenda.ts";
import { createEventListeners } from "../../../src/runtime/apps/home/event-listeners.ts";
import { createLearned } from "../../../src/runtime/apps/home/learned.ts";
import { createPlaces } from "../../../src/runtime/apps/home/places.ts";
import { createStateListeners } from "../../../src/runtime/apps/home/state-listeners.ts";
import { createStates } from "../../../src/runtime/apps/home/states.ts";
import { createSession } from "../../../src/runtime/apps/session/session.ts";
import { memoryReceipts, memoryStore } from "../../../src/runtime/apps/simulated/memory-store.ts";
import { createJumpingClock } from "../../../src/runtime/clock.ts";
import type { Place } from "../../../src/runtime/schedule/place.ts";

export const START = Date.UTC(2026, 0, 10, 11);
export const MINUTE = 60_000;
export const quiet = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export const AMSTERDAM: Place = { timeZone: "Europe/Amsterdam", latitude: 52.37, longitude: 4.9 };

/** The runtime's side of one app, at a clock that jumps; the calls are what the app would be told. */
export function scene(receipts = memoryReceipts(), startMs = START) {
  const places = createPlaces(AMSTERDAM);
  /** Runs that go on until the test ends them, where it holds them. */
  const held: number[] = [];
  let isHeld = false;
  const clock = createJumpingClock(startMs);
  const agenda = createAgenda(clock.nowMs);
  const states = createStates();
  const stateListeners = createStateListeners(states, agenda, clock.nowMs);
  const told: [number, unknown, number][] = [];
  const logs: string[] = [];
  const sets: string[] = [];
  const fired: string[] = [];
  const session = createSession({
    name: "tested",
    ports: {
      clock,
      agenda,
      states,
      stateListeners,
      eventListeners: createEventListeners(() => undefined),
      learned: createLearned(),
      home: {
        callService: async () => null,
        fireEvent: async (type) => void fired.push(type),
        setState: async (entityId, state) => void sets.push(`${entityId} ${state}`),
        history: async () => [],
      },
      findings: { targets: ["sleep"], probability: async () => null, changes: async () => [] },
      store: memoryStore(),
      receipts,
      places,
    },
    deliver(id, a, _b, _c, atMs) {
      told.push([id, a, atMs]);
      // As the app does at the end of a run that has a receipt.
      if (id > 0 && a !== null && isHeld) held.push(a as number);
      else if (id > 0 && a !== null) session.handle("finished", { id: a, error: null });
    },
    log: (_level, text) => void logs.push(text),
  });
  return {
    session,
    places,
    hold() {
      isHeld = true;
    },
    async release() {
      isHeld = false;
      for (const run of held.splice(0)) session.handle("finished", { id: run, error: null });
      await quiet();
    },
    states,
    told,
    logs,
    sets,
    fired,
    async passTo(atMs: number): Promise<void> {
      for (let due = agenda.nextMs(); due !== null && due <= atMs; due = agenda.nextMs()) {
        clock.jumpTo(due);
        agenda.runDue(due);
        await quiet();
      }
      clock.jumpTo(atMs);
    },
  };
}
