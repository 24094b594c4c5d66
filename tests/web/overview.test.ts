import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DAY_MS, HOUR_MS, isoMs } from "../../src/core/time.ts";
import { insertEvents } from "../../src/store/tables/events.ts";
import { markDegraded, setHealth, setMetadata } from "../../src/store/tables/metadata.ts";
import { readHealthReport, readOverview } from "../../src/store/tables/overview.ts";
import { noteRuns } from "../../src/store/tables/schedule-runs.ts";
import {
  addLabel,
  addPrediction,
  addTarget,
  createHomeFile,
  GRID_MS,
  type HomeFile,
  LAST_WINDOW,
  NOW_MS,
  noteGates,
  seedHome,
} from "./home-file.ts";

const RANGE = { sinceMs: NOW_MS - DAY_MS, nowMs: NOW_MS, timeZone: "Europe/Amsterdam" };
let home: HomeFile;

beforeEach(() => {
  home = createHomeFile();
});
afterEach(() => home.remove());

describe("the health report", () => {
  test("a file that holds nothing says starting, without reasons and without readiness", () => {
    expect(readHealthReport(home.db)).toMatchObject({ status: "starting", degradedReasons: [], readiness: [], eventsTotal: 0 });
  });

  test("every column of the view is there under its camelCase name", () => {
    const columns = home.db.all<{ name: string }>("SELECT name FROM pragma_table_info('vw_health')").map(({ name }) => name);
    const camel = columns.map((name) => name.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()));
    expect(Object.keys(readHealthReport(home.db)).sort()).toEqual([...camel, "jobs"].sort());
  });

  test("a degraded marker comes with its remedy", () => {
    setMetadata(home.db, { heartbeat_at: isoMs(NOW_MS), lifecycle: "running" });
    const marker = { code: "disk", cause: "The disk is nearly full.", effect: "Events may be lost soon.", remedy: "Free 2 GB." };
    markDegraded(home.db, { ...marker, sinceMs: NOW_MS - HOUR_MS });
    expect(readHealthReport(home.db)).toMatchObject({
      status: "degraded",
      degradedReasons: [{ ...marker, since: isoMs(NOW_MS - HOUR_MS) }],
    });
  });

  test("readiness is the same from a list of counts and from the contract's document", () => {
    noteGates(home.db, "preview", ["Labels for 5 more days"]);
    const fromCounts = readHealthReport(home.db).readiness;
    expect(fromCounts).toMatchObject([{ target: "sleep", stage: "preview", missing: ["Labels for 5 more days"] }]);
    expect(fromCounts?.[0]?.gates).toContainEqual({ gate: "labelled_days", have: 9, need: null, met: null });
    const gates = [
      { gate: "labelled_days", have: 9, need: 14, met: false },
      { gate: "episodes", have: 12, need: 10, met: true },
    ];
    setHealth(home.db, { readiness: JSON.stringify({ sleep: { stage: "preview", gates } }) });
    expect(readHealthReport(home.db).readiness).toEqual([
      { target: "sleep", stage: "preview", missing: ["labelled days: 9 so far, 14 needed"], gates },
    ]);
  });

  test("readiness in neither form is null and takes nothing else down", () => {
    setHealth(home.db, { readiness: '{"sleep": 7}', events_total: 12 });
    expect(readHealthReport(home.db)).toMatchObject({ readiness: null, eventsTotal: 12 });
  });
});

describe("the overview", () => {
  test("a file that holds nothing has an overview with empty lists", () => {
    expect(readOverview(home.db, RANGE)).toMatchObject({
      timeZone: "Europe/Amsterdam",
      events: { today: 0, total: 0, lastAtUtc: null },
      entities: { total: 0, withEvents: 0 },
      targets: [],
      changes: [],
      lastRuns: [],
      gaps: [],
      backfill: null,
    });
  });

  test("events of today begin at the home's midnight, and the state at the start of a fetched range is none", () => {
    const midnightMs = Date.parse("2026-11-20T23:00:00Z");
    const event = (atMs: number, source: "history" | "anchor") => ({
      entityId: "light.hall",
      updatedUs: atMs * 1000,
      state: "on",
      knownAtMs: null,
      source,
    });
    const events = [event(midnightMs - 1, "history"), event(midnightMs, "history"), event(midnightMs + 1, "anchor")];
    insertEvents(home.db, { events, nowMs: NOW_MS });
    expect(readOverview(home.db, RANGE).events).toEqual({ today: 1, total: 2, lastAtUtc: isoMs(midnightMs) });
  });

  test("a window without an answer, or without a prediction, is null in its place of the curve", () => {
    const targetId = addTarget(home.db);
    addPrediction(home.db, targetId, LAST_WINDOW - 400, 0.9);
    addPrediction(home.db, targetId, LAST_WINDOW - 4, 0.123456);
    addPrediction(home.db, targetId, LAST_WINDOW - 3, null);
    addPrediction(home.db, targetId, LAST_WINDOW, 0.5);
    expect(readOverview(home.db, RANGE).targets[0]?.curve).toEqual({
      firstWindowEndUtc: isoMs((LAST_WINDOW - 4) * GRID_MS),
      gridMs: GRID_MS,
      probabilities: [0.1235, null, null, null, 0.5],
    });
  });

  test("windows decided on make one span from the first one's start to the last one's end", () => {
    const targetId = addTarget(home.db);
    [false, true, true, false, true].forEach((isOn, i) => {
      addPrediction(home.db, targetId, LAST_WINDOW - 4 + i, isOn ? 0.8 : 0.1, isOn);
    });
    expect(readOverview(home.db, RANGE).targets[0]?.onSpans).toEqual([
      { startUtc: isoMs((LAST_WINDOW - 4) * GRID_MS), endUtc: isoMs((LAST_WINDOW - 2) * GRID_MS) },
      { startUtc: isoMs((LAST_WINDOW - 1) * GRID_MS), endUtc: isoMs(LAST_WINDOW * GRID_MS) },
    ]);
  });

  test("labels that touch the range are listed, older ones only counted, a rejected one only named with its reason", () => {
    const targetId = addTarget(home.db);
    addLabel(home.db, targetId, { startMs: RANGE.sinceMs - 9 * HOUR_MS, endMs: RANGE.sinceMs });
    addLabel(home.db, targetId, { startMs: RANGE.sinceMs - HOUR_MS, endMs: RANGE.sinceMs + 1 });
    addLabel(home.db, targetId, { startMs: NOW_MS - 20 * HOUR_MS, endMs: NOW_MS - HOUR_MS, rejectedBecause: "too long" });
    const target = readOverview(home.db, RANGE).targets[0];
    expect(target).toMatchObject({
      labelCount: 2,
      labels: [{ startUtc: isoMs(RANGE.sinceMs - HOUR_MS), kind: "positive" }],
      newestLabel: { endUtc: isoMs(RANGE.sinceMs + 1) },
      rejectedLabel: { reason: expect.stringMatching(/^Start and end lie further apart than a label may last/) },
    });
    expect(target?.labels).toHaveLength(1);
  });

  test("a rejected label is forgotten once a newer one was accepted", () => {
    const targetId = addTarget(home.db);
    addLabel(home.db, targetId, { startMs: NOW_MS - 40 * HOUR_MS, endMs: NOW_MS - 20 * HOUR_MS, rejectedBecause: "too long" });
    addLabel(home.db, targetId, { startMs: NOW_MS - 9 * HOUR_MS, endMs: NOW_MS - HOUR_MS });
    expect(readOverview(home.db, RANGE).targets[0]?.rejectedLabel).toBeNull();
  });

  test("a seeded home shows its prediction, its changes with the entity's name and unit, and one receipt a job", () => {
    seedHome(home.db);
    const overview = readOverview(home.db, RANGE);
    expect(overview.targets[0]?.prediction).toMatchObject({ stage: "eligible", isOn: false, coverage: 0.97, unavailableReason: null });
    expect(overview.changes.map(({ streamName, unit, isWithdrawn }) => ({ streamName, unit, isWithdrawn }))).toEqual([
      { streamName: "area.hallway:activity:60m", unit: null, isWithdrawn: false },
      { streamName: "light.hall:on_fraction:60m", unit: null, isWithdrawn: true },
      { streamName: "sensor.lux:mean:60m", unit: "lx", isWithdrawn: false },
    ]);
    expect(overview.lastRuns.map(({ job, status, rows }) => ({ job, status, rows }))).toEqual([
      { job: "features", status: "completed", rows: 1 },
      { job: "maintenance", status: "failed", rows: null },
      { job: "train", status: "completed", rows: null },
    ]);
    expect(overview.gaps).toMatchObject([{ entityId: null, reason: "connection lost", outcome: "filled" }]);
  });

  test("jobs tell what comes next and how the last run went; a plan that cannot be read, or whose app is down, is none", () => {
    const dueAtMs = Date.parse("2026-11-22T11:10:00Z");
    seedHome(home.db);
    noteRuns(home.db, [{ job: "train", dueAtMs, status: "skipped", error: "the home moved" }]);
    const jobs = () => readHealthReport(home.db).jobs.map(({ job, nextDueAtUtc, lastRun }) => [job, nextDueAtUtc, lastRun?.status ?? null]);
    expect(jobs()).toEqual([
      ["features", null, "completed"],
      ["maintenance", null, "failed"],
      ["train", null, "completed"],
    ]);
    setHealth(home.db, {
      next_runs: JSON.stringify([
        { job: "train", dueAtMs },
        { job: "once", dueAtMs: null },
      ]),
    });
    setMetadata(home.db, { lifecycle: "running", heartbeat_at: new Date().toISOString(), clock_offset_ms: "0" });
    expect(jobs().filter(([job]) => job === "train" || job === "once")).toEqual([
      ["train", "2026-11-22T11:10:00.000Z", "completed"],
      ["once", null, null],
    ]);
    setMetadata(home.db, { heartbeat_at: new Date(Date.now() - 3600_000).toISOString() });
    expect(jobs().find(([job]) => job === "train")).toEqual(["train", null, "completed"]);
    setMetadata(home.db, { heartbeat_at: new Date().toISOString() });
    setHealth(home.db, { next_runs: '"soon"' });
    expect(jobs().find(([job]) => job === "train")).toEqual(["train", null, "completed"]);
  });

  test("progress of the history fetch is there while it is noted, and absent when it is not or cannot be read", () => {
    setHealth(home.db, { backfill: '{"fetchedDays":3,"totalDays":10,"rows":1200,"leftMs":null}' });
    expect(readOverview(home.db, RANGE).backfill).toEqual({
      phase: "events",
      fetchedDays: 3,
      totalDays: 10,
      rows: 1200,
      leftMs: null,
    });
    setHealth(home.db, { backfill: "" });
    expect(readOverview(home.db, RANGE).backfill).toBeNull();
  });
});
