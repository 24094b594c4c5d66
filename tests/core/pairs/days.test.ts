import { describe, expect, test } from "vitest";
import { countEpisodes, labelDay, labelledDays, windowDay, windowDays } from "../../../src/core/pairs/days.ts";
import { createZone, DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/core/time.ts";
import { GRID_MS, label, windowsBetween } from "./asking.ts";

const zone = createZone("Europe/Amsterdam");
const noon = { zone, anchorHour: 12 };
const at = (wallClock: string): number => zone.instantOf(wallClock);
const day = (date: string): number => Date.parse(`${date}T00:00:00Z`) / DAY_MS;

describe("the day of a window", () => {
  test("turns at the anchor: the window that ends at noon belongs to the day before", () => {
    const no = at("2025-06-02 12:00") / GRID_MS;
    expect([windowDay(no, GRID_MS, noon), windowDay(no + 1, GRID_MS, noon)]).toEqual([day("2025-06-01"), day("2025-06-02")]);
  });

  test("splits no night, and a day with a change of the clocks has 23 or 25 hours", () => {
    const { windowNo } = windowsBetween(at("2025-01-01 12:00"), at("2026-01-01 12:00"));
    const counts = new Map<number, number>();
    for (const one of windowDays(windowNo, GRID_MS, noon)) counts.set(one, (counts.get(one) ?? 0) + 1);
    expect(counts.size).toBe(365);
    expect([...counts].filter(([, count]) => count !== 288)).toEqual([
      [day("2025-03-29"), 276],
      [day("2025-10-25"), 300],
    ]);
  });
});

describe("labelled days", () => {
  test("are those on which a positive or negative label ends, each once", () => {
    const labels = [
      label(1, at("2025-06-01 23:00"), at("2025-06-02 02:00")),
      label(2, at("2025-06-02 03:00"), at("2025-06-02 07:00")),
      label(3, at("2025-06-02 14:00"), at("2025-06-02 15:00")),
      label(4, at("2025-06-03 12:00"), at("2025-06-04 12:00"), "negative"),
      label(5, at("2025-06-10 12:00"), at("2025-06-12 12:00"), "excluded"),
    ];
    expect(labelledDays([...labels].reverse(), noon)).toEqual([day("2025-06-01"), day("2025-06-02"), day("2025-06-03")]);
  });

  test("count a negative label, which ends at the anchor, for its own day", () => {
    expect(labelDay({ endMs: at("2025-06-04 12:00") }, noon)).toBe(day("2025-06-03"));
  });
});

describe("episodes", () => {
  test("join pieces over a pause of up to an hour, and no more", () => {
    const pieces = (pauseMs: number) => [label(2, 3 * HOUR_MS + pauseMs, 9 * HOUR_MS), label(1, 0, 3 * HOUR_MS)];
    expect(countEpisodes(pieces(HOUR_MS))).toBe(1);
    expect(countEpisodes(pieces(HOUR_MS + 1))).toBe(2);
  });

  test("are told by positive labels alone", () => {
    expect(countEpisodes([label(1, 0, HOUR_MS, "negative"), label(2, DAY_MS, DAY_MS + MINUTE_MS)])).toBe(1);
  });
});
