import { expect, test } from "vitest";
import { pastOfDatabase, pastOfRecording } from "../../../src/runtime/apps/simulated/past-home.ts";
import type { RecordedHome } from "../../../src/runtime/replay/recorded-home.ts";
import { temporaryDatabase } from "../../helpers/database.ts";

const at = (day: number): number => Date.UTC(2026, 10, day);
const event = (day: number) => ({ entityId: "sensor.a", state: String(day), updatedUs: at(day) * 1000 });
const home = (days: readonly number[]) => ({ events: days.map(event), facts: [] }) as unknown as RecordedHome;

// Broken once: without the look at the span (past-home.ts) an app lives through nothing and is said to be in order.
test.each([
  [{ fromMs: at(3), toMs: at(2) }, "The span from 2026-11-03T00:00:00.000Z to 2026-11-02T00:00:00.000Z ends before it begins."],
  [{ fromMs: at(9) }, "There are no states from 2026-11-09T00:00:00.000Z on: the newest is of 2026-11-05T00:00:00.000Z."],
  [{ toMs: at(1) }, "There are no states before 2026-11-01T00:00:00.000Z: the oldest is of 2026-11-01T00:00:00.000Z."],
])("a span that has nothing of the past is refused in words: %j", (span, words) => {
  expect(() => pastOfRecording(home([1, 3, 5]), null, span)).toThrow(words);
});

test("a span that has something of the past is lived through, and a past without states is none", () => {
  const past = (span: { readonly fromMs?: number; readonly toMs?: number }) => [
    ...pastOfRecording(home([1, 3, 5]), null, span).happenings(),
  ];
  expect(past({})).toHaveLength(3);
  expect(past({ fromMs: at(5) })).toHaveLength(1);
  expect(past({ fromMs: at(2), toMs: at(3) })).toEqual([]);
  expect(() => pastOfRecording(home([]), null, {})).toThrow(/^There are no states in this past/);
  expect(() => pastOfDatabase(temporaryDatabase(), {})).toThrow(/^There are no states in this past/);
});
