import { expect, test } from "vitest";
import type { StateEvent } from "../../src/core/events/event.ts";
import { insertEvents } from "../../src/store/tables/events.ts";
import { setMetadata } from "../../src/store/tables/metadata.ts";
import { readStaleWindows } from "../../src/store/tables/stale.ts";
import { temporaryDatabase } from "../helpers/database.ts";

const NOW = Date.UTC(2026, 10, 21);
const MINUTE_MS = 60_000;

const rows = (count: number, minutesApart: number): StateEvent[] =>
  Array.from({ length: count }, (_, i) => ({
    entityId: "sensor.a",
    state: `${i}`,
    updatedUs: (NOW - (i + 1) * minutesApart * MINUTE_MS) * 1000,
    knownAtMs: null,
    source: "history",
  }));

/** What late rows of one transaction leave for the next pass, in minutes before now. */
function notedAfter(events: readonly StateEvent[]): (readonly [number, number])[] {
  const db = temporaryDatabase();
  setMetadata(db, { features_read_to: String(NOW / (5 * MINUTE_MS)) });
  insertEvents(db, { events, nowMs: NOW });
  const before = (us: number): number => (NOW - us / 1000) / MINUTE_MS;
  return readStaleWindows(db).map(({ change }) => [before(change!.fromUs), before(change!.toUs)] as const);
}

test("late rows are noted one by one, those within a grid step as one", () => {
  expect(notedAfter(rows(3, 60))).toEqual([
    [180, 180],
    [120, 120],
    [60, 60],
  ]);
  expect(notedAfter(rows(12, 5))).toEqual([[60, 5]]);
});

test("the past of an entity that is fetched late is one note a transaction, however many rows it has", () => {
  // Broken once: noted one by one, a week of 1,500 entities leaves a million notes, more than a pass can hold.
  expect(notedAfter(rows(100, 10))).toEqual([[1000, 10]]);
});
