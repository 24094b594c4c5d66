import { reasonOf } from "../../../core/reason.ts";
import type { App } from "../../../kit/app.ts";
import { INSIDE } from "../../../kit/app.ts";
import type { HabitChange, Json, Probability } from "../../../kit/contract.ts";
import { createJumpingClock } from "../../clock.ts";
import { withinRun } from "../../run-context.ts";
import type { Place } from "../../schedule/schedule.ts";
import type { ArgLines } from "../folder/apps-yaml.ts";
import { createAgenda } from "../home/agenda.ts";
import { createHeard } from "../home/heard.ts";
import type { HeardState } from "../home/states.ts";
import type { AppPorts, Findings, WantedCall } from "../ports.ts";
import { createSession, type LogLevel } from "../session/session.ts";
import { checkArgs } from "../thread/args.ts";
import type { AppClass } from "../thread/load.ts";
import { memoryReceipts, memoryStore } from "./memory-store.ts";
import { createRealWork } from "./real-work.ts";
import { comeToRest, REST_LIMIT_MS } from "./rest.ts";
import { withStrayRejections } from "./stray-rejections.ts";

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
  /** The home's clock is moved to it, before anything happens there. */
  readonly onInstant?: (atMs: number) => void;
  /** What services answer that are asked for an answer. */
  readonly answer?: (call: WantedCall) => Json;
  /** What the recorder would tell. */
  readonly history?: AppPorts["home"]["history"];
}

/**
 * A home with a clock of its own, and one app in it, on this very thread. Every step waits until the app has come to rest: nothing of it goes on,
 * or what does waits for the home. A start that fails later than its own step fails the step that led to it.
 */
export interface Simulation {
  nowMs(): number;
  /** @param lines where the arguments stand in apps.yaml, if they come from there */
  start(appClass: AppClass, name: string, args: unknown, lines?: ArgLines): Promise<void>;
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

export function createSimulation(parts: SimulationParts): Simulation {
  const clock = createJumpingClock(parts.startMs);
  const agenda = createAgenda(clock.nowMs);
  const heard = createHeard({ agenda, clock }, parts.place);
  const { states, stateListeners, eventListeners, learned } = heard;
  let app: App<unknown> | null = null;
  let underWay = 0;
  let hasDelivered = false;
  /** Starts and ends of the app that go on. */
  let turningPoints = 0;
  let failure: { readonly error: unknown } | null = null;
  /** It asked to be called since it did nothing at all. */
  let hasRegistered = false;
  const real = createRealWork();
  const tell = (deed: DeedOf): void => parts.onDeed({ ...deed, atMs: clock.nowMs() } as Deed);
  const onError = (error: unknown): void => tell({ kind: "failed", error });
  const ofApp = <T>(work: () => T): T => withStrayRejections(onError, () => real.of(work));

  function jumpTo(atMs: number): void {
    clock.jumpTo(atMs);
    parts.onInstant?.(clock.nowMs());
  }

  function note(state: HeardState): void {
    stateListeners.heard(states.note(state));
  }

  const ports: AppPorts = {
    clock,
    agenda,
    ...heard,
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
  };

  const hasEnded = (): boolean => turningPoints === 0 && (app === null || app[INSIDE].isSettled());

  function isBusy(): boolean {
    const wasBusy = hasDelivered || underWay > 0;
    hasDelivered = false;
    return wasBusy;
  }

  /** @throws what failed the app's start or end */
  async function rest(): Promise<void> {
    if (hasDelivered) {
      const how = await comeToRest({ hasEnded, isBusy, mayWaitForHome: () => hasRegistered, real });
      if (how === "ended") hasRegistered = false;
      if (how === "late") {
        tell({
          kind: "log",
          level: "warn",
          text: `A callback, or initialize, has not ended after ${REST_LIMIT_MS / 1000} s of real time; the home goes on. Wait with runIn: only that is the home's time.`,
        });
      }
    }
    const failed = failure;
    failure = null;
    if (failed !== null) throw failed.error;
  }

  async function step(work: () => void): Promise<void> {
    real.mark();
    work();
    await rest();
  }

  function runDue(atMs: number): Promise<void> {
    return step(() => {
      jumpTo(atMs);
      agenda.runDue(atMs);
      hasDelivered = true; // what was due may call the app a moment later, after its receipt
    });
  }

  /** The app's start or its end, which may wait for the home. */
  function turningPoint(work: () => Promise<void>): Promise<void> {
    return step(() => {
      turningPoints += 1;
      hasDelivered = true;
      void ofApp(work)
        .catch((error: unknown) => {
          failure = { error };
          app = null;
        })
        .finally(() => {
          turningPoints -= 1;
        });
    });
  }

  return {
    nowMs: clock.nowMs,
    nextMs: agenda.nextMs,
    know: (now) => void states.compare(now),
    async start(appClass, name, args, lines) {
      const session = createSession({
        name,
        ports,
        deliver(id, a, b, c, atMs) {
          hasDelivered = true;
          ofApp(() => app?.[INSIDE].take([id, a, b, c, atMs]));
        },
        log: (level, text) => tell({ kind: "log", level, text }),
      });
      const checked = checkArgs(appClass, args, lines);
      for (const words of checked.warnings) tell({ kind: "log", level: "warn", text: words });
      const link = {
        async call(request: string, input: unknown) {
          underWay += 1;
          hasDelivered = true;
          hasRegistered ||= "id" in (input as object);
          try {
            // As over a thread's port: an object is copied, and the answer comes later.
            return structuredClone(await session.handle(request, structuredClone(input)));
          } finally {
            underWay -= 1;
          }
        },
      };
      await turningPoint(async () => {
        const started = new appClass({ name, args: checked.args, link, nowMs: clock.nowMs, onError, reasonOf, withinRun });
        app = started;
        await started.initialize();
        await started[INSIDE].registered();
      });
      await runDue(clock.nowMs());
    },
    heard: (state) => step(() => note(state)),
    fire: (type, data) => step(() => eventListeners.heard({ type, data, atMs: clock.nowMs() })),
    predicted: (probability) => step(() => learned.predicted(probability)),
    reported: (change) => step(() => learned.reported(change)),
    async advanceTo(atMs) {
      for (let due = agenda.nextMs(); due !== null && due <= atMs; due = agenda.nextMs()) await runDue(Math.max(due, clock.nowMs()));
      jumpTo(atMs);
    },
    async stop() {
      await turningPoint(async () => void (await app?.terminate()));
      app = null;
    },
  };
}

type DeedOf = Deed extends infer D ? (D extends Deed ? Omit<D, "atMs"> : never) : never;
