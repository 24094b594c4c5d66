import fc from "fast-check";
import { expect, test } from "vitest";
import type { StateEvent } from "../../src/core/events/event.ts";
import { DAY_MS } from "../../src/core/time.ts";
import { lookUpStates } from "../../src/flow/frequent-states.ts";
import { Cancelled } from "../../src/flow/stage.ts";
import { readEntities } from "../../src/store/tables/entities.ts";
import { readFrequentStates } from "../../src/store/tables/features.ts";
import { smallHome } from "./small-home.ts";

const said = fc.array(
  fc.record({ daysAgo: fc.double({ min: 0, max: 20, noNaN: true }), state: fc.constantFrom("home", "away", "gym", "unavailable") }),
  {
    minLength: 2,
    maxLength: 80,
  },
);

test("the states of an entity are those that make up a fiftieth of what it said in two weeks, wherever the days are cut", async () => {
  await fc.assert(
    fc.asyncProperty(said, async (rows) => {
      const { context } = await smallHome();
      const nowMs = context.clock.nowMs();
      const events = [...new Map(rows.map((row) => [Math.floor(nowMs - row.daysAgo * DAY_MS) * 1000, row.state]))].map(
        ([updatedUs, state]): StateEvent => ({ entityId: "select.where", state, updatedUs, knownAtMs: null, source: "history" }),
      );
      await context.writer.write("insertEvents", { events, nowMs });
      await context.writer.write("saveEntityStates", null);
      await lookUpStates(context, readEntities(context.reader));
      const recent = events.filter(({ updatedUs, state }) => updatedUs >= (nowMs - 14 * DAY_MS) * 1000 && state !== "unavailable");
      const wanted = new Set(
        recent.map(({ state }) => state).filter((state) => recent.filter((each) => each.state === state).length >= recent.length / 50),
      );
      const found = readFrequentStates(context.reader).map(({ states }) => states);
      expect(found).toEqual(events.length >= 2 ? [[...wanted].sort()] : []);
    }),
    { numRuns: 30 },
  );
});

test("a cancel is heard between two days", async () => {
  const { context } = await smallHome();
  let asked = 0;
  const cancelled = { ...context, isCancelled: () => ++asked > 3 };
  const events = ["home", "away"].map(
    (state, n): StateEvent => ({
      entityId: "select.where",
      state,
      updatedUs: (context.clock.nowMs() - n - 1) * 1000,
      knownAtMs: null,
      source: "history",
    }),
  );
  await context.writer.write("insertEvents", { events, nowMs: context.clock.nowMs() });
  await context.writer.write("saveEntityStates", null);
  await expect(lookUpStates(cancelled, readEntities(context.reader))).rejects.toThrow(Cancelled);
  expect([asked, readFrequentStates(context.reader)]).toEqual([4, []]);
});
