import { expect, test } from "vitest";
import { createSuspects } from "../../../src/runtime/apps/process/suspects.ts";

test("who was at work at an end comes back after a minute, then two, up to an hour; after a while in order it is as any other", () => {
  const suspects = createSuspects();
  const pauses: number[] = [];
  let nowMs = 0;
  for (let n = 0; n < 8; n += 1) {
    const [held] = suspects.ended(["huge"], "memory", nowMs, 7);
    expect(held).toMatchObject({ app: "huge", words: "memory" });
    pauses.push(held!.forMs / 60_000);
    nowMs += held!.forMs + 1000;
  }
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  expect(suspects.ended(["huge"], "memory", nowMs + 3_600_000, 7)[0]!.forMs).toBe(60_000);
});

test("who is held already stays so when another one ends the process, and an end that nobody is known for holds nobody", () => {
  const suspects = createSuspects();
  suspects.ended(["first"], "one", 0, 7);
  expect(suspects.ended(["second"], "two", 20_000, 7)).toEqual([
    { app: "first", words: "one", forMs: 40_000, savedMs: 7 },
    { app: "second", words: "two", forMs: 60_000, savedMs: 7 },
  ]);
  expect(suspects.ended([], "three", 90_000, 7)).toEqual([]);
});
