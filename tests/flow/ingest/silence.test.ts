import { expect, test } from "vitest";
import { MINUTE_MS } from "../../../src/core/time.ts";
import { createFetcher } from "../../../src/flow/ingest/fetcher.ts";
import { refill } from "../../../src/flow/ingest/refill.ts";
import { createSilence } from "../../../src/flow/ingest/silence.ts";
import { createModelStore } from "../../helpers/model-store.ts";
import { createLeapingClock } from "../../helpers/test-clock.ts";

const START_MS = 1_795_264_569_000;
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("a silence stands in the ledger from its first moment on, and grows while it lasts", async () => {
  const clock = createLeapingClock(START_MS);
  const store = createModelStore();
  const silence = createSilence(store, clock, () => undefined);
  silence.begin("disconnected", START_MS - 1_500.5);
  silence.begin("disconnected", START_MS);
  await settled();
  expect([...store.gaps.values()]).toMatchObject([{ fromMs: START_MS - 1_501, toMs: START_MS, outcome: "open" }]);
  for (let minute = 0; minute < 5; minute += 1) {
    clock.advance(MINUTE_MS);
    clock.tick();
    await settled();
  }
  expect([...store.gaps.values()]).toMatchObject([{ fromMs: START_MS - 1_501, toMs: START_MS + 5 * MINUTE_MS, outcome: "open" }]);
  clock.advance(10);
  const ended = await silence.end();
  expect(ended).toMatchObject({ fromMs: START_MS - 1_501, row: { id: 1, toMs: START_MS + 5 * MINUTE_MS + 10 } });
  expect(await silence.end()).toBeNull();
});

// Broken once: without `next` the second silence stands nowhere.
test("a silence that begins while the end of the one before is being written is noted", async () => {
  const clock = createLeapingClock(START_MS);
  const store = createModelStore();
  let held: Promise<void> | null = null;
  const noteGap: typeof store.noteGap = async (gap) => {
    await held;
    return store.noteGap(gap);
  };
  const silence = createSilence({ noteGap }, clock, () => undefined);
  silence.begin("not running", START_MS - 10 * MINUTE_MS);
  await settled();
  const writer = Promise.withResolvers<void>();
  held = writer.promise;
  const ending = silence.end();
  clock.advance(MINUTE_MS);
  silence.begin("disconnected", START_MS + 30_000);
  silence.begin("disconnected", START_MS + 40_000);
  writer.resolve();
  expect(await ending).toMatchObject({ fromMs: START_MS - 10 * MINUTE_MS });
  clock.advance(5 * MINUTE_MS);
  expect(await silence.end()).toMatchObject({ fromMs: START_MS + 30_000, row: { reason: "disconnected", toMs: START_MS + 6 * MINUTE_MS } });
  expect(await silence.end()).toBeNull();
});

test("an end that could not be noted is told, and can be tried again", async () => {
  const clock = createLeapingClock(START_MS);
  const store = createModelStore();
  let isFull = true;
  const noteGap: typeof store.noteGap = (gap) => (isFull ? Promise.reject(new Error("the disk is full")) : store.noteGap(gap));
  const troubles: unknown[] = [];
  const silence = createSilence({ noteGap }, clock, (error) => troubles.push(error));
  silence.begin("not running", START_MS - MINUTE_MS);
  await expect(silence.end()).rejects.toThrow("the disk is full");
  expect(troubles).toHaveLength(1);
  isFull = false;
  expect(await silence.end()).toMatchObject({ fromMs: START_MS - MINUTE_MS });
});

test("a recorder that shows nothing of anybody settles no gap but one that every recorder still has", async () => {
  const clock = createLeapingClock(START_MS);
  const history = async () => ({ events: [], rows: 0 });
  const gap = { entityId: null, toMs: START_MS, reason: "not running" } as const;
  const fill = (id: number, ageMs: number) =>
    refill(
      { fetcher: createFetcher({ history }, clock), clock },
      [{ ...gap, id, fromMs: START_MS - ageMs }],
      ["light.a"],
      async () => undefined,
      new AbortController().signal,
    );
  expect(await fill(1, 600 * MINUTE_MS)).toEqual([]);
  expect(await fill(2, 10 * MINUTE_MS)).toEqual([{ id: 2, lostUntilMs: null, unrecorded: ["light.a"], recorded: [] }]);
});
