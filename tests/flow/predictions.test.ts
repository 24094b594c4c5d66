import { expect, test } from "vitest";
import type { OnOff } from "../../src/core/models/clr/on-off.ts";
import { DAY_MS, HOUR_MS, isoMs, MINUTE_MS } from "../../src/core/time.ts";
import { tellLabels } from "../../src/flow/labels.ts";
import { createStages } from "../../src/flow/stages.ts";
import { pageOfPredictions } from "../../src/store/pages/predictions.ts";
import { readLatestPredictions } from "../../src/store/tables/findings.ts";
import { eventsOfDays, GRID_MS, keptHome, labelsOfDays, type SmallHome, START } from "./small-home.ts";

interface Row {
  readonly no: number;
  readonly probability: number;
  readonly threshold: number;
  readonly is_on: number | null;
  readonly contributions: string;
  readonly on_off: string;
}

/** A home that learned for 14 days and then lives on to noon, predicting every so many minutes. */
async function livedOn(everyMs: number): Promise<Row[]> {
  const home = await keptHome("14 days, trained", learn);
  const stages = createStages(home.context);
  for (let at = home.clock.nowMs(); at < START + 15 * DAY_MS; at += everyMs) {
    home.clock.jumpTo(at + everyMs);
    await stages.features({});
    await stages.predict({});
  }
  return home.reader.all<Row>(
    `SELECT window_no AS no, probability, threshold, is_on, contributions_json AS contributions, on_off_json AS on_off FROM predictions
     WHERE window_no > ? ORDER BY window_no`,
    (START + 14 * DAY_MS + HOUR_MS) / GRID_MS,
  );
}

async function learn(home: SmallHome): Promise<void> {
  const stages = createStages(home.context);
  await home.writer.write("insertEvents", { events: eventsOfDays(16), nowMs: START });
  home.clock.jumpTo(START + 14 * DAY_MS + 10 * MINUTE_MS);
  await tellLabels({ ...home, nowMs: home.clock.nowMs() }, "sleep", labelsOfDays(14));
  await stages.features({});
  await stages.pairs({});
  await stages.train({});
}

test("a prediction carries what moved it most, and is on at or above its threshold", async () => {
  const rows = await livedOn(12 * HOUR_MS);
  expect(rows.length).toBeGreaterThan(250);
  for (const row of rows) {
    expect(row.is_on).toBe(row.probability >= row.threshold ? 1 : 0);
    const moved = (JSON.parse(row.contributions) as [string, number][]).map(([, logits]) => Math.abs(logits));
    expect(moved.length).toBeGreaterThan(0);
    expect(moved).toEqual(moved.toSorted((a, b) => b - a));
  }
});

test("the night is found once, with when it began and how late that was seen, in one pass or in many", async () => {
  const rows = await livedOn(12 * HOUR_MS);
  expect(await livedOn(HOUR_MS)).toEqual(rows);
  const night = labelsOfDays(15)[14]!;
  const states = rows.map((row) => JSON.parse(row.on_off) as OnOff);
  const found = [...new Set(states.map(({ foundAtMs }) => foundAtMs))].filter((at) => at > rows[0]!.no * GRID_MS);
  expect(found).toHaveLength(2);
  const on = states.find(({ foundAtMs }) => foundAtMs === found[0])!;
  const off = states.find(({ foundAtMs }) => foundAtMs === found[1])!;
  expect([on.isOn, off.isOn]).toEqual([true, false]);
  expect(Math.abs(on.sinceMs! - night.startMs)).toBeLessThanOrEqual(15 * MINUTE_MS);
  expect(Math.abs(off.sinceMs! - night.endMs)).toBeLessThanOrEqual(15 * MINUTE_MS);
});

/** Since when it is on, after so many windows of the night without an answer. */
async function sinceAfterHole(windows: number): Promise<Record<string, unknown>> {
  const home = await keptHome("14 days, trained", learn);
  const stages = createStages(home.context);
  const night = labelsOfDays(15)[14]!;
  const middleNo = Math.round((night.startMs + night.endMs) / 2 / GRID_MS);
  home.clock.jumpTo(middleNo * GRID_MS);
  await stages.features({});
  home.db.run("DELETE FROM features WHERE window_no >= ? AND window_no < ?", middleNo - windows, middleNo);
  await stages.predict({});
  home.db.run(
    "INSERT OR REPLACE INTO metadata (key, value) SELECT 'clock_offset_ms', ? - CAST(strftime('%s', 'now') AS INTEGER) * 1000",
    home.clock.nowMs(),
  );
  const latest = home.reader.get("SELECT is_on, since_utc, found_at_utc FROM vw_clr_latest_prediction")!;
  const [shown] = pageOfPredictions(home.reader, { targetId: 1, limit: 1, offset: 0 }).items;
  const [found] = readLatestPredictions(home.reader, { untilMs: home.clock.nowMs() });
  // The view, the API and what MQTT and apps are told say the same.
  expect([shown?.isOn, shown?.sinceUtc, shown?.foundAtUtc]).toEqual([latest["is_on"] === 1, latest["since_utc"], latest["found_at_utc"]]);
  expect([found?.sinceMs, found?.foundAtMs].map((ms) => (ms == null ? null : isoMs(ms)))).toEqual([shown?.sinceUtc, shown?.foundAtUtc]);
  return { ...latest, middle: isoMs(middleNo * GRID_MS), start: night.startMs };
}

test("after a short hole it is on since the night began; after a longer one nobody knows since when, and it is not told", async () => {
  const short = await sinceAfterHole(2);
  expect(short["is_on"]).toBe(1);
  expect(Math.abs(Date.parse(String(short["since_utc"])) - Number(short["start"]))).toBeLessThanOrEqual(15 * MINUTE_MS);
  const long = await sinceAfterHole(8);
  // Broken once: since_utc was the start of the newest window.
  expect(long).toMatchObject({ is_on: 1, since_utc: null, found_at_utc: long["middle"] });
});
