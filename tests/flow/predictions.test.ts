import { expect, test } from "vitest";
import type { OnOff } from "../../src/core/models/clr/on-off.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/core/time.ts";
import { tellLabels } from "../../src/flow/labels.ts";
import { createStages } from "../../src/flow/stages.ts";
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
  expect(Math.abs(on.sinceMs - night.startMs)).toBeLessThanOrEqual(15 * MINUTE_MS);
  expect(Math.abs(off.sinceMs - night.endMs)).toBeLessThanOrEqual(15 * MINUTE_MS);
});
