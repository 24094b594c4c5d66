import { expect, test } from "vitest";
import { createHeldUp } from "../../../src/runtime/schedule/held-up.ts";

test("tries grow apart to a minute, the same words are told each five minutes, others at once, and after an end all begins anew", () => {
  let nowMs = 0;
  const heldUp = createHeldUp({ steadyMs: () => nowMs });
  const tries: number[] = [];
  const told: number[] = [];
  for (; nowMs < 3_600_000; nowMs += 1000) {
    if (heldUp.isWaiting()) continue;
    tries.push(nowMs / 1000);
    if (heldUp.failed(new Error("database or disk is full"))) told.push(nowMs / 1000);
  }
  expect(tries.slice(0, 7)).toEqual([0, 1, 3, 7, 15, 31, 63]);
  expect(tries.length).toBeLessThan(70);
  expect(told.length).toBeLessThanOrEqual(12);
  expect(heldUp.failed(new Error("another fault"))).toBe(true);
  heldUp.over();
  expect([heldUp.isWaiting(), heldUp.failed(new Error("another fault"))]).toEqual([false, true]);
});
