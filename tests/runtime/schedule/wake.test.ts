import { afterAll, afterEach, expect, test, vi } from "vitest";
import { createSystemClock } from "../../../src/runtime/clock.ts";
import { dueTimes } from "../../../src/runtime/schedule/due.ts";
import { cadenceOf } from "../../../src/runtime/schedule/schedule.ts";
import { wakeWhenDue } from "../../../src/runtime/schedule/wake.ts";

// Before node-cron asks for it first. Home Assistant sets the zone of a container to the home's.
const { TZ } = process.env;
process.env["TZ"] = "Europe/Amsterdam";
afterAll(() => {
  if (TZ === undefined) delete process.env["TZ"];
  else process.env["TZ"] = TZ;
});
afterEach(() => void vi.useRealTimers());

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

/** Nothing is due: what wakes is the minute. Instants of the ticks by a clock that the test sets. */
function minutesFrom(startMs: number) {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "Date", "performance"], now: startMs });
  const seen: number[] = [];
  const wake = wakeWhenDue({
    parameters: { kind: "system", offsetMs: 0 },
    clock: createSystemClock(),
    tick: () => void seen.push(Date.now()),
    nextDueMs: () => null,
  });
  return { seen, wake };
}

// Broken once: by node-cron alone (wake.ts) nothing wakes between 00:00 and 02:00 UTC, and in UTC's zone between 01:00 and 02:00.
test("the night in which clocks go back has all of its minutes", async () => {
  const startMs = Date.UTC(2026, 9, 25) - 10_000;
  const { seen, wake } = minutesFrom(startMs);
  await vi.advanceTimersByTimeAsync(71 * 60_000);
  wake.end();
  const all = [startMs, ...seen, startMs + 71 * 60_000];
  expect(Math.max(...all.slice(1).map((atMs, i) => atMs - all[i]!))).toBeLessThanOrEqual(60_000);
});

// Broken once: by node-cron alone (wake.ts) nothing wakes for three hours.
test("a clock that is set back by hours wakes within the minute, and once it has ended no more", async () => {
  const { seen, wake } = minutesFrom(Date.UTC(2026, 10, 21, 12, 0, 10));
  await vi.advanceTimersByTimeAsync(60_000);
  vi.setSystemTime(Date.now() - 3 * 3_600_000);
  const setToMs = Date.now();
  seen.length = 0;
  await vi.advanceTimersByTimeAsync(125_000);
  expect(seen).toEqual([setToMs + 60_000, setToMs + 120_000]);
  wake.end();
  await vi.advanceTimersByTimeAsync(4 * 3_600_000);
  expect(seen).toHaveLength(2);
});
