import { setTimeout as pause } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import { createSystemClock } from "../../src/runtime/clock.ts";
import { type ClockJump, watchClock } from "../../src/runtime/clock-watch.ts";
import { createLeapingClock } from "../helpers/test-clock.ts";

const HOUR_MS = 3_600_000;
afterEach(() => vi.restoreAllMocks());

/** The machine's clock is set. */
function setSystemClock(byMs: number): void {
  const now = Date.now.bind(Date);
  vi.spyOn(Date, "now").mockImplementation(() => now() + byMs);
}

test("a clock that is set back by hours does not make a short pause a long one", async () => {
  const clock = createSystemClock();
  const fromMs = performance.now();
  const slept = clock.sleepUntil(clock.nowMs() + 150);
  await pause(20);
  setSystemClock(-3 * HOUR_MS);
  await slept;
  expect(performance.now() - fromMs).toBeLessThan(1_000);
  await clock.sleepUntil(clock.nowMs() + 50);
  expect(performance.now() - fromMs).toBeGreaterThan(190);
});

test("timers go on at their own pace when the clock is set", async () => {
  const clock = createSystemClock();
  let ticks = 0;
  const stop = clock.timer(10, () => {
    ticks += 1;
  });
  await pause(60);
  const before = ticks;
  setSystemClock(-5 * HOUR_MS);
  await pause(200);
  stop();
  expect(before).toBeGreaterThan(1);
  expect(ticks - before).toBeGreaterThan(4);
  expect(ticks - before).toBeLessThan(40);
});

test("a jump of the clock is told once, with both ends; the pace of a busy machine is none", () => {
  const clock = createLeapingClock(1_000_000);
  const jumps: ClockJump[] = [];
  const stop = watchClock(clock, (jump) => void jumps.push(jump));
  for (const byMs of [10_000, 10_000, 35_000, 2_000, 10_000 + 5 * HOUR_MS, 10_000, 10_000 - 5 * HOUR_MS, 10_000]) {
    clock.advance(byMs);
    clock.tick();
  }
  expect(jumps).toEqual([
    { fromMs: 1_057_000, toMs: 1_067_000 + 5 * HOUR_MS, byMs: 5 * HOUR_MS },
    { fromMs: 1_077_000 + 5 * HOUR_MS, toMs: 1_087_000, byMs: -5 * HOUR_MS },
  ]);
  stop();
  clock.advance(HOUR_MS);
  clock.tick();
  expect(jumps).toHaveLength(2);
});
