import { reasonOf } from "../../../core/reason.ts";
import type { HabitChange, Json } from "../../../kit/contract.ts";
import type { TestCall, TestHome, TestHomeOptions } from "../../../kit/testing-contract.ts";
import type { HeardState } from "../home/states.ts";
import type { WantedCall } from "../ports.ts";
import type { AppClass } from "../thread/load.ts";
import { createSimulation, type Deed } from "./simulation.ts";

/** `import { testHome } from "ml-data-layer/testing"`: one app in a home whose states and time the test decides. */

export type * from "../../../kit/testing-contract.ts";

const WINDOW_MS = 300_000;
const nextWindow = (nowMs: number): number => (Math.floor(nowMs / WINDOW_MS) + 1) * WINDOW_MS;

const USUAL_START = "2026-01-10T12:00:00+01:00";

/** Starts an app; one whose initialize waits for the home goes on with it when the test lets time pass. What a callback throws is thrown by the step of the test that led to it; of several an AggregateError. */
export async function testHome(appClass: AppClass, options: TestHomeOptions = {}): Promise<TestHome> {
  const { at = USUAL_START, timeZone = "Europe/Amsterdam", latitude = 52.37, longitude = 4.9 } = options;
  const startMs = instantOf(at);
  const calls: TestCall[] = [];
  const sets: TestHome["sets"][number][] = [];
  const fired: TestHome["fired"][number][] = [];
  const logs: string[] = [];
  const failures: unknown[] = [];
  const predictions = new Map<string, number | null>();
  const changes: HabitChange[] = [];
  const attributesOf = new Map<string, Readonly<Record<string, Json>>>();
  const stateOf = new Map<string, { readonly state: string; readonly changedUs: number }>();
  const said: HeardState[] = [];

  const simulation = createSimulation({
    startMs,
    place: { timeZone, latitude, longitude },
    findings: {
      targets: null,
      probability: async (target) => (predictions.has(target) ? probabilityOf(target) : null),
      changes: async (stream) => [...changes].reverse().filter((change) => stream === null || change.stream === stream),
    },
    onDeed: note,
    history: async (entityId, fromMs, toMs) =>
      said
        .filter((each) => each.entityId === entityId && each.updatedUs / 1000 >= fromMs && each.updatedUs / 1000 <= toMs)
        .map(({ state, updatedUs }) => ({ state, atMs: updatedUs / 1000 })),
    answer: (call) => options.answer?.(testCall(call)) ?? null,
  });

  function note(deed: Deed): void {
    if (deed.kind === "call") calls.push(testCall(deed.call));
    else if (deed.kind === "set") sets.push({ entityId: deed.entityId, state: deed.state, attributes: deed.attributes });
    else if (deed.kind === "fire") fired.push({ type: deed.type, data: deed.data });
    else if (deed.kind === "log") logs.push(deed.text);
    else failures.push(deed.error);
  }

  function probabilityOf(target: string) {
    const probability = predictions.get(target) ?? null;
    const reason = probability === null ? "no prediction" : null;
    return {
      target,
      probability,
      isOn: probability === null ? null : probability >= 0.5,
      sinceMs: null,
      foundAtMs: null,
      stage: "eligible",
      reason,
      windowEndMs: simulation.nowMs(),
    };
  }

  function heardState(entityId: string, state: string, attributes: Readonly<Record<string, Json>> | undefined): HeardState {
    const nowUs = simulation.nowMs() * 1000;
    const before = stateOf.get(entityId);
    const changedUs = before?.state === state ? before.changedUs : nowUs;
    const kept = attributes ?? attributesOf.get(entityId) ?? {};
    stateOf.set(entityId, { state, changedUs });
    attributesOf.set(entityId, kept);
    const heard = { entityId, state, attributes: kept, changedUs, updatedUs: nowUs };
    said.push(heard);
    return heard;
  }

  /** What was predicted last is said again every five minutes, as our model does. */
  async function pass(untilMs: number): Promise<void> {
    for (let atMs = nextWindow(simulation.nowMs()); predictions.size > 0 && atMs <= untilMs; atMs += WINDOW_MS) {
      await simulation.advanceTo(atMs);
      for (const target of predictions.keys()) await simulation.predicted(probabilityOf(target));
    }
    await simulation.advanceTo(untilMs);
  }

  async function step(work: () => Promise<void>): Promise<void> {
    await work().catch((error: unknown) => failures.push(error));
    const failed = failures.splice(0);
    if (failed.length > 1) throw new AggregateError(failed, `${failed.length} callbacks failed: ${failed.map(reasonOf).join("; ")}`);
    if (failed.length === 1) throw failed[0];
  }

  simulation.know(
    Object.entries(options.states ?? {}).map(([entityId, given]) =>
      typeof given === "string" ? heardState(entityId, given, undefined) : heardState(entityId, given.state, given.attributes),
    ),
  );
  await step(() => simulation.start(appClass, "tested", options.args ?? {}));

  return {
    set: (entityId, state, attributes) => step(() => simulation.heard(heardState(entityId, state, attributes))),
    fire: (type, data = {}) => step(() => simulation.fire(type, data)),
    predict: (target, probability) =>
      step(() => {
        predictions.set(target, probability);
        return simulation.predicted(probabilityOf(target));
      }),
    report: (change) =>
      step(() => {
        const nowMs = simulation.nowMs();
        const full = {
          changedAtMs: nowMs,
          detectedAtMs: nowMs,
          probability: 0.99,
          isWithdrawn: false,
          answer: null,
          isMuted: false,
          ...change,
        };
        changes.push(full);
        return simulation.reported(full);
      }),
    advance: ({ seconds = 0, minutes = 0, hours = 0, days = 0 }) =>
      step(() => pass(simulation.nowMs() + 1000 * (seconds + 60 * (minutes + 60 * (hours + 24 * days))))),
    advanceTo: (instant) => step(() => pass(instantOf(instant))),
    nowMs: simulation.nowMs,
    takeCalls: () => calls.splice(0),
    sets,
    fired,
    logs,
    stop: () => step(simulation.stop),
  };
}

function testCall({ domain, service, target, data }: WantedCall): TestCall {
  return {
    service: `${domain}.${service}`,
    ...(target["entity_id"] === undefined ? {} : { entityId: target["entity_id"] }),
    ...(target["area_id"] === undefined ? {} : { areaId: target["area_id"] }),
    ...(target["device_id"] === undefined ? {} : { deviceId: target["device_id"] }),
    data,
  };
}

function instantOf(text: string): number {
  const atMs = Date.parse(text);
  if (Number.isNaN(atMs) || !/(Z|[+-]\d\d:?\d\d)$/.test(text)) {
    throw new TypeError(`${JSON.stringify(text)} is no instant like 2026-01-10T12:00:00+01:00 or …Z`);
  }
  return atMs;
}
