import { expect, test } from "vitest";
import { createSystemClock } from "../../../src/runtime/clock.ts";
import { dueTimes } from "../../../src/runtime/schedule/due.ts";
import { cadenceOf } from "../../../src/runtime/schedule/schedule.ts";
import { wakeWhenDue } from "../../../src/runtime/schedule/wake.ts";

test("what is due between two minutes wakes at its instant: every second, on the system's own clock", async () => {
  const clock = createSystemClock();
  const cadence = cadenceOf({ kind: "every", everyMs: 1000 }, { timeZone: "UTC" });
  const from = clock.nowMs();
  let settledTo = from;
  const found: { readonly dueAtMs: number; readonly seenAtMs: number }[] = [];
  const wake = wakeWhenDue({
    parameters: { kind: "system", offsetMs: 0 },
    clock,
    tick() {
      const nowMs = clock.nowMs();
      for (const dueAtMs of dueTimes(cadence, settledTo, nowMs)) found.push({ dueAtMs, seenAtMs: nowMs });
      settledTo = found.at(-1)?.dueAtMs ?? settledTo;
    },
    nextDueMs: () => cadence.next(settledTo),
  });
  await expect.poll(() => found.length, { timeout: 15_000 }).toBeGreaterThanOrEqual(3);
  wake.end();
  const last = found.at(-1)!.dueAtMs;
  expect(found.map((each) => each.dueAtMs)).toEqual(dueTimes(cadence, from, last));
  // On a busy machine a second late; an own wake once a minute would be later by far.
  expect(Math.max(...found.map((each) => each.seenAtMs - each.dueAtMs))).toBeLessThan(3000);
});

test("after its end it wakes no more", async () => {
  const clock = createSystemClock();
  let ticks = 0;
  const wake = wakeWhenDue({
    parameters: { kind: "system", offsetMs: 0 },
    clock,
    tick() {
      ticks += 1;
    },
    nextDueMs: () => clock.nowMs() + 20,
  });
  await expect.poll(() => ticks).toBeGreaterThan(2);
  wake.end();
  const seen = ticks;
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(ticks).toBe(seen);
});
