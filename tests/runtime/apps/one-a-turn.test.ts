import { expect, test } from "vitest";
import { oneATurn } from "../../../src/runtime/apps/thread/one-a-turn.ts";

test("of many requests one is handled a turn of the loop, in order, and each is answered by its own", async () => {
  let turn = 0;
  let isOver = false;
  const count = (): void => {
    turn += 1;
    if (!isOver) setImmediate(count);
  };
  const turns: number[] = [];
  const handle = oneATurn((name, input) => {
    turns.push(turn);
    if (name === "refused") throw new Error(String(input));
    return input;
  });
  count();
  const answers = ["a", "b", "refused", "c"].map(async (name, n) => handle(name, n));
  expect(await Promise.allSettled(answers)).toMatchObject([{ value: 0 }, { value: 1 }, { reason: { message: "2" } }, { value: 3 }]);
  isOver = true;
  // Broken once: without the turns all four are handled in one.
  expect(new Set(turns).size).toBe(4);
  expect(turns).toEqual(turns.toSorted((a, b) => a - b));
});
