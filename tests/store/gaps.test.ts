import { expect, test } from "vitest";
import { execute } from "../../src/store/inline-writer.ts";
import { readGaps } from "../../src/store/tables/gaps.ts";
import { readPasts } from "../../src/store/tables/pasts.ts";
import { temporaryDatabase } from "../helpers/database.ts";

const NOW = Date.UTC(2026, 10, 21);
const MINUTE = 60_000;
const all = { entityId: null, reason: "disconnected", nowMs: NOW } as const;
const settled = { lostUntilMs: null, unrecorded: [], recorded: [], nowMs: NOW };
const row = (entityId: string, atMs: number, source: "live" | "history" | "statistics" = "history") => ({
  entityId,
  state: String(atMs),
  updatedUs: atMs * 1000,
  knownAtMs: null,
  source,
});

function rowsOf(db: ReturnType<typeof temporaryDatabase>) {
  return db.all("SELECT from_ms AS fromMs, to_ms AS toMs, reason, outcome, why, entities_unfilled AS left FROM gaps ORDER BY from_ms");
}

test("an outage that is told again and again is one row: the open ones of one reason that touch are joined", () => {
  const db = temporaryDatabase();
  const first = execute(db, "noteGap", { ...all, fromMs: NOW, toMs: NOW + MINUTE });
  for (let n = 1; n < 500; n += 1) {
    const again = execute(db, "noteGap", { ...all, fromMs: NOW + n * MINUTE, toMs: NOW + (n + 1) * MINUTE });
    expect(again).toMatchObject({ id: first.id, fromMs: NOW, toMs: NOW + (n + 1) * MINUTE });
  }
  execute(db, "noteGap", { ...all, fromMs: NOW + 600 * MINUTE, toMs: NOW + 601 * MINUTE });
  execute(db, "noteGap", { ...all, fromMs: NOW + 500 * MINUTE, toMs: NOW + 500 * MINUTE, reason: "writer behind" });
  expect(rowsOf(db)).toHaveLength(3);
  execute(db, "noteGap", { ...all, fromMs: NOW + 499 * MINUTE, toMs: NOW + 600 * MINUTE });
  expect(rowsOf(db)).toMatchObject([
    { fromMs: NOW, toMs: NOW + 601 * MINUTE, outcome: "open" },
    { reason: "writer behind", outcome: "open" },
  ]);
});

test("what was settled stays as it is when another outage follows, and settling twice changes nothing", () => {
  const db = temporaryDatabase();
  const { id } = execute(db, "noteGap", { ...all, fromMs: NOW, toMs: NOW + MINUTE });
  expect(execute(db, "settleGap", { id, ...settled })).toBe(1);
  execute(db, "noteGap", { ...all, fromMs: NOW + MINUTE + 1, toMs: NOW + 2 * MINUTE });
  expect(execute(db, "settleGap", { id, ...settled, lostUntilMs: NOW + 5 * MINUTE })).toBe(0);
  expect(rowsOf(db)).toMatchObject([
    { toMs: NOW + MINUTE, outcome: "filled", why: null },
    { fromMs: NOW + MINUTE + 1, outcome: "open" },
  ]);
  expect(db.get("SELECT value FROM health WHERE key = 'gaps_open'")).toEqual({ value: "1" });
});

test("a part that the recorder had purged is a row of its own; a gap that lies before all it keeps is lost as a whole", () => {
  const db = temporaryDatabase();
  const { id } = execute(db, "noteGap", { ...all, fromMs: NOW, toMs: NOW + 100 * MINUTE });
  execute(db, "settleGap", { id, ...settled, lostUntilMs: NOW + 30 * MINUTE });
  const whole = execute(db, "noteGap", { ...all, fromMs: NOW - 50 * MINUTE, toMs: NOW - 20 * MINUTE });
  execute(db, "settleGap", { id: whole.id, ...settled, lostUntilMs: NOW + 30 * MINUTE });
  expect(rowsOf(db)).toMatchObject([
    { fromMs: NOW - 50 * MINUTE, toMs: NOW - 20 * MINUTE, outcome: "lost", why: "purged by the recorder" },
    { fromMs: NOW, toMs: NOW + 30 * MINUTE, outcome: "lost", why: "purged by the recorder", reason: "disconnected" },
    { fromMs: NOW + 30 * MINUTE, toMs: NOW + 100 * MINUTE, outcome: "filled", why: null, reason: "disconnected" },
  ]);
});

test("15,000 entities that the recorder leaves out cost an outage one row, and each that changed is unknown up to its newest state", () => {
  const db = temporaryDatabase();
  const names = Array.from({ length: 15_000 }, (_, i) => `sensor.left_out_${i}`);
  const outage = (n: number): void => {
    const fromMs = NOW + n * 60 * MINUTE;
    const { id } = execute(db, "noteGap", { ...all, fromMs, toMs: fromMs + 10 * MINUTE });
    const changed = names.filter((_, i) => i % 5 !== n % 5);
    execute(db, "insertEvents", { events: changed.map((name) => row(name, fromMs + 4 * MINUTE)), nowMs: NOW });
    execute(db, "settleGap", { id, ...settled, unrecorded: names });
  };
  for (const n of [0, 1, 2]) outage(n);
  expect(rowsOf(db)).toMatchObject([0, 1, 2].map((n) => ({ fromMs: NOW + n * 60 * MINUTE, outcome: "partly", left: 12_000 })));
  expect(db.get("SELECT count(*) AS n FROM unrecorded_entities")).toEqual({ n: 15_000 });
  const holes = readGaps(db, ["partly", "lost"], NOW, NOW + MINUTE);
  expect(holes).toHaveLength(12_000);
  expect(holes.find((hole) => hole.entityId === "sensor.left_out_1")).toMatchObject({ fromMs: NOW, toMs: NOW + 4 * MINUTE });
  expect(holes.find((hole) => hole.entityId === "sensor.left_out_0")).toBeUndefined();
});

test("an entity that the recorder keeps again has holes in the outages of before alone", () => {
  const db = temporaryDatabase();
  const outage = (fromMs: number, isRecorded: boolean): void => {
    const { id } = execute(db, "noteGap", { ...all, fromMs, toMs: fromMs + 10 * MINUTE });
    execute(db, "insertEvents", { events: [row("sensor.a", fromMs + MINUTE)], nowMs: NOW });
    execute(db, "settleGap", { id, ...settled, [isRecorded ? "recorded" : "unrecorded"]: ["sensor.a"] });
  };
  outage(NOW, false);
  outage(NOW + 60 * MINUTE, true);
  outage(NOW + 120 * MINUTE, false);
  expect(readGaps(db, ["partly"]).map((hole) => (hole.fromMs - NOW) / MINUTE)).toEqual([0, 120]);
  expect(rowsOf(db)).toMatchObject([{ outcome: "partly" }, { outcome: "filled" }, { outcome: "partly" }]);
});

test("an entity that was left out by options for a time has a gap of its own, from when it was left out to when it came back", () => {
  const db = temporaryDatabase();
  execute(db, "putPast", {
    events: [row("light.a", NOW - MINUTE)],
    entityIds: ["light.a", "light.b"],
    fromMs: NOW - MINUTE,
    isWhole: true,
    nowMs: NOW,
  });
  execute(db, "noteChosen", { left: ["light.a"], returned: [], nowMs: NOW });
  execute(db, "noteChosen", { left: ["light.a"], returned: [], nowMs: NOW + MINUTE });
  expect(readPasts(db).map((past) => past.leftAtMs)).toEqual([NOW, null]);
  execute(db, "noteChosen", { left: [], returned: ["light.a", "light.b"], nowMs: NOW + 9 * MINUTE });
  expect(readGaps(db, ["open"])).toMatchObject([{ entityId: "light.a", fromMs: NOW, toMs: NOW + 9 * MINUTE, reason: "newly chosen" }]);
  expect(readPasts(db).map((past) => past.leftAtMs)).toEqual([null, null]);
});

test("hourly means are no events, nobody's newest state, and stored once", () => {
  const db = temporaryDatabase();
  execute(db, "putPast", { events: [row("sensor.a", NOW)], entityIds: ["sensor.a", "sensor.b"], fromMs: NOW, isWhole: true, nowMs: NOW });
  const means = [1, 2, 3].flatMap((n) => ["sensor.a", "sensor.b"].map((name) => row(name, NOW - n * 60 * MINUTE, "statistics")));
  const chunk = { events: means, entityIds: ["sensor.a", "sensor.b"], fromMs: NOW - 180 * MINUTE, nowMs: NOW };
  expect(execute(db, "putStatistics", chunk)).toEqual({ inserted: 6 });
  expect(execute(db, "putStatistics", chunk)).toEqual({ inserted: 0 });
  execute(db, "saveEntityStates", null);
  expect(db.all("SELECT entity_id AS id, event_count AS n, state FROM entities ORDER BY 1")).toEqual([
    { id: "sensor.a", n: 1, state: String(NOW) },
    { id: "sensor.b", n: 0, state: null },
  ]);
  expect([...execute(db, "newestStored", { nowMs: NOW }).keys()]).toEqual(["sensor.a"]);
  expect(db.get("SELECT events_total AS n FROM vw_health")).toEqual({ n: 1 });
  expect(db.all("SELECT source, count(*) AS n FROM vw_raw_events GROUP BY 1 ORDER BY 1")).toEqual([
    { source: "history", n: 1 },
    { source: "statistics", n: 6 },
  ]);
  expect(readPasts(db).map((past) => past.statisticsFromMs)).toEqual([NOW - 180 * MINUTE, NOW - 180 * MINUTE]);
});
