import { expect, test } from "vitest";
import type { StateEvent } from "../../src/core/events/event.ts";
import type { Db } from "../../src/store/db.ts";
import { execute } from "../../src/store/inline-writer.ts";
import { newestStored } from "../../src/store/tables/events.ts";
import { getHealth } from "../../src/store/tables/metadata.ts";
import { temporaryDatabase } from "../helpers/database.ts";

const NOW = Date.UTC(2026, 10, 21);
const HOUR_MS = 3_600_000;
const event = (entityId: string, atMs: number, knownAtMs: number | null = NOW): StateEvent => ({
  entityId,
  state: `${atMs}`,
  updatedUs: atMs * 1000,
  knownAtMs,
  source: knownAtMs === null ? "history" : "live",
});
const insert = (db: Db, nowMs: number, ...events: StateEvent[]): unknown => execute(db, "insertEvents", { events, nowMs });

test("an event from the future is stored and counted, and does not hide what comes before its instant", () => {
  const db = temporaryDatabase();
  const centuryMs = Date.UTC(2099, 0, 1);
  insert(
    db,
    NOW,
    event("light.a", NOW - 5_000),
    event("light.b", NOW - 9_000),
    event("light.a", centuryMs),
    event("light.c", NOW + 2 * HOUR_MS),
  );
  expect(getHealth(db)["newest_event_us"]).toBe(`${(NOW - 5_000) * 1000}`);
  expect(newestStored(db, NOW)).toEqual(
    new Map([
      ["light.a", (NOW - 5_000) * 1000],
      ["light.b", (NOW - 9_000) * 1000],
    ]),
  );
  insert(db, NOW + 60_000, event("light.a", NOW + 50_000, NOW + 50_100));
  expect(newestStored(db, NOW + 60_000).get("light.a")).toBe((NOW + 50_000) * 1000);
  expect(newestStored(db, NOW + 2 * HOUR_MS).get("light.c")).toBe((NOW + 2 * HOUR_MS) * 1000);
  expect(getHealth(db)).toMatchObject({ events_total: "5", events_from_future: "2", newest_event_us: `${(NOW + 50_000) * 1000}` });
  expect(db.all("SELECT entity_id, from_future FROM vw_raw_events WHERE from_future = 1 ORDER BY entity_id")).toEqual([
    { entity_id: "light.a", from_future: 1 },
    { entity_id: "light.c", from_future: 1 },
  ]);
});

test("half a minute of difference is none, and what was fetched is never from the future", () => {
  const db = temporaryDatabase();
  insert(db, NOW, event("light.a", NOW + 29_000), event("light.b", NOW + HOUR_MS, null));
  expect(getHealth(db)["events_from_future"]).toBeUndefined();
  expect(newestStored(db, NOW).get("light.a")).toBe((NOW + 29_000) * 1000);
});

test("after a clock that ran ahead was set back, the newest event is the newest of now again", () => {
  const db = temporaryDatabase();
  insert(db, NOW + 5 * HOUR_MS, event("light.a", NOW + 5 * HOUR_MS, NOW + 5 * HOUR_MS));
  insert(db, NOW, event("light.a", NOW));
  expect(getHealth(db)["newest_event_us"]).toBe(`${NOW * 1000}`);
});
