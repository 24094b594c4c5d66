import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import { waitForQuiet } from "../../src/app/label-quiet.ts";
import { createFastClock } from "../helpers/test-clock.ts";

/** A minute takes 20 ms. */
const clock = createFastClock(3000);
const signal = new AbortController().signal;
const noTrouble = (error: unknown): never => {
  throw error;
};

test("labels are read once, a minute after the last of many touches", async () => {
  let reads = 0;
  const quiet = waitForQuiet(clock, signal, async () => undefined, noTrouble);
  quiet.onQuiet(async () => {
    reads += 1;
    return null;
  });
  for (let k = 0; k < 5; k += 1) {
    quiet.touched();
    await pause(5);
  }
  expect(reads).toBe(0);
  await quiet.settled();
  expect(reads).toBe(1);
});

test("a touch while labels are being read is not forgotten, nor one at the very moment at which that ends", async () => {
  const readAtMs: number[] = [];
  const quiet = waitForQuiet(clock, signal, async () => undefined, noTrouble);
  quiet.onQuiet(async () => {
    readAtMs.push(clock.nowMs());
    if (readAtMs.length < 3) quiet.touched();
    await pause(1);
    if (readAtMs.length === 3) queueMicrotask(() => queueMicrotask(() => quiet.touched()));
    return null;
  });
  quiet.lookNow();
  await quiet.settled();
  await pause(1);
  await quiet.settled();
  expect(readAtMs.length).toBe(4);
  expect(readAtMs[1]! - readAtMs[0]!).toBeGreaterThanOrEqual(60_000);
});

test("a look that is wanted while labels are being read comes behind that reading", async () => {
  const held = Promise.withResolvers<void>();
  let reads = 0;
  const quiet = waitForQuiet(clock, signal, async () => undefined, noTrouble);
  quiet.onQuiet(async () => {
    reads += 1;
    await held.promise;
    return null;
  });
  quiet.lookNow();
  await pause(5);
  quiet.lookNow();
  await pause(5);
  held.resolve();
  await quiet.settled();
  expect(reads).toBe(2);
});

test("trouble is told, and the labels are read again a minute later without a touch", async () => {
  const told: unknown[] = [];
  const readAtMs: number[] = [];
  const quiet = waitForQuiet(
    clock,
    signal,
    async () => undefined,
    (error) => void told.push(error),
  );
  quiet.onQuiet(async () => {
    readAtMs.push(clock.nowMs());
    if (readAtMs.length === 1) throw new Error("locked");
    return null;
  });
  quiet.lookNow();
  await quiet.settled();
  expect([readAtMs.length, told.length]).toEqual([2, 1]);
  expect(readAtMs[1]! - readAtMs[0]!).toBeGreaterThanOrEqual(60_000);
});

test("the app's end does not wait for labels that cannot be read", async () => {
  const stopping = new AbortController();
  let reads = 0;
  const quiet = waitForQuiet(
    clock,
    stopping.signal,
    async () => undefined,
    () => stopping.abort(new Error("the app is stopping")),
  );
  quiet.onQuiet(async () => {
    reads += 1;
    throw new Error("locked");
  });
  quiet.lookNow();
  await quiet.settled();
  expect(reads).toBe(1);
});
