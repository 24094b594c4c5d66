import { describe, expect, test } from "vitest";
import { mapRunLengths } from "../../../src/core/changes/run-length-map.ts";
import { createStream, runStream, type StreamDefinition } from "../../../src/core/changes/stream.ts";
import { summarise } from "../../../src/core/changes/summary.ts";
import { HOUR_MS } from "../../../src/core/time.ts";
import { atDay, BEGIN_MS, presence, temperature } from "./streams.ts";

const ROOM: StreamDefinition = { name: "room", kind: "gaussian", timeZone: "UTC" };
const HOURS = temperature({ seed: 2, days: 60, changeDay: 40, change: 4 });

/** The probability that a byte stands for. */
const probabilityOf = (shade: number): number => (shade === 0 ? 0 : 10 ** (4 * (shade / 255 - 1)));

describe("the map of run lengths", () => {
  const map = mapRunLengths(createStream(ROOM), HOURS, BEGIN_MS);

  test("has a column for each step, and none is known before the learning time is over", () => {
    expect(map).toMatchObject({ firstEndMs: BEGIN_MS + 6 * HOUR_MS, stepMs: 6 * HOUR_MS, columns: 240, stepsPerRow: 2 });
    expect(map.cells).toHaveLength(map.columns * map.rows);
    expect(map.likeliest.findIndex((length) => length !== null)).toBe(14 * 4 - 1);
  });

  test("each known column adds up to one, but for what a byte cannot tell", () => {
    for (const [k, likeliest] of map.likeliest.entries()) {
      if (likeliest === null) continue;
      const column = [...map.cells.subarray(k * map.rows, (k + 1) * map.rows)];
      expect(Math.abs(column.reduce((sum, shade) => sum + probabilityOf(shade), 0) - 1)).toBeLessThan(0.05);
    }
  });

  test("a change is where the likeliest length falls back to what has passed since", () => {
    const at = (day: number): number => map.likeliest[(atDay(day) - map.firstEndMs) / map.stepMs]!;
    expect(at(39)).toBeGreaterThan(150);
    expect(Math.abs(at(50) - 40)).toBeLessThanOrEqual(3);
  });

  test("its last column is what the summary of the stream says, wherever the picture begins", () => {
    const { run_length_map: length } = summarise(runStream(createStream(ROOM), HOURS).state);
    for (const day of [0, 3.4, 41, 59.9]) {
      const part = mapRunLengths(createStream(ROOM), HOURS, atDay(day));
      expect(part.likeliest.at(-1)).toBe(length);
      expect(part.firstEndMs).toBeGreaterThan(atDay(day));
      expect(part.likeliest).toEqual(map.likeliest.slice(-part.columns));
    }
  });

  test("shares of the time have longer steps, and years are cut to the newest thousand columns", () => {
    const long = mapRunLengths(createStream({ ...ROOM, kind: "ratio" }), presence({ seed: 5, days: 600 }), BEGIN_MS);
    expect(long).toMatchObject({ stepMs: 12 * HOUR_MS, columns: 1000 });
    expect(long.rows).toBeLessThanOrEqual(120);
  });

  test("no hours are no columns", () => {
    expect(mapRunLengths(createStream(ROOM), [], BEGIN_MS)).toMatchObject({ columns: 0, likeliest: [] });
  });
});
