import { describe, expect, test } from "vitest";
import {
  away,
  BED,
  compute,
  count,
  DAY,
  DOOR,
  GRID,
  LUX,
  level,
  MINUTE,
  now,
  onFraction,
  type Row,
  row,
  START,
  since,
  valueAt,
} from "./home.ts";

const log1p = (x: number): number => Number(Math.log1p(x).toPrecision(7));
const at = (minutes: number): number => START + minutes * MINUTE;
const bed = (minutes: number, state: string, more: Partial<Row> = {}): Row => row(BED, at(minutes), state, more);
const END = at(240);

describe("a binary sensor", () => {
  test("is on for the part of the horizon between its on and its off", () => {
    // On from minute 220 to 232: 12 of 30 minutes.
    expect(valueAt([bed(0, "off"), bed(220, "on"), bed(232, "off")], onFraction(30, BED), END)).toEqual([0.4, 100]);
  });

  test("counts its changes but neither its first state nor a state that is repeated", () => {
    const rows = [bed(181, "off"), bed(200, "on"), bed(201, "on"), bed(202, "off"), bed(203, "off")];
    expect(valueAt(rows, count(60, [BED]), END)[0]).toBe(log1p(2));
  });

  test("counts a repeated on where the definition says that repeats are activity, but no repeated off", () => {
    const rows = [bed(181, "off"), bed(200, "on"), bed(201, "on"), bed(202, "off"), bed(203, "off")];
    expect(valueAt(rows, count(60, [BED], [BED]), END)[0]).toBe(log1p(3));
  });

  test("does not count more than the cap", () => {
    const rows = Array.from({ length: 9 }, (_, i) => bed(200 + i, i % 2 === 0 ? "on" : "off"));
    expect(valueAt(rows, count(60, [BED], [], 5), END)[0]).toBe(log1p(5));
  });

  test("was last on when it went off, and is on now while it is", () => {
    const rows = [bed(0, "off"), bed(100, "on"), bed(150, "off")];
    expect(valueAt(rows, since("on", [BED]), END)).toEqual([log1p(90), 100]);
    expect(valueAt([...rows, bed(239, "on")], since("on", [BED]), END)[0]).toBe(0);
  });

  test("that nobody moved for more than twelve hours says twelve", () => {
    const rows = [bed(-20 * 60, "on"), bed(-19 * 60, "off")];
    expect(valueAt(rows, since("activity", [BED]), END)).toEqual([log1p(720), 100]);
    expect(valueAt(rows, since("on", [BED]), END)).toEqual([log1p(720), 100]);
  });

  test("an event at the window's end belongs to the next window", () => {
    const rows = [bed(0, "off"), bed(240, "on")];
    expect(valueAt(rows, now(BED), END)[0]).toBe(0);
    expect(valueAt(rows, count(5, [BED]), END)[0]).toBe(0);
    expect(valueAt(rows, count(5, [BED]), END + GRID)[0]).toBe(log1p(1));
  });

  test("an event at the horizon's very start belongs to the window", () => {
    expect(valueAt([bed(0, "off"), bed(180, "on")], count(60, [BED]), END)[0]).toBe(log1p(1));
    expect(valueAt([bed(0, "off"), bed(180, "on")], count(60, [BED]), END + GRID)[0]).toBe(0);
  });
});

describe("knowledge", () => {
  test("a quiet sensor is known for seven days, and then it is not", () => {
    const door = [row(DOOR, START, "on")];
    expect(valueAt(door, onFraction(30, DOOR), START + 7 * DAY)).toEqual([1, 100]);
    expect(valueAt(door, now(DOOR), START + 7 * DAY)).toEqual([1, 100]);
    expect(valueAt(door, now(DOOR), START + 7 * DAY + GRID)).toEqual([Number.NaN, 0]);
    expect(valueAt(door, onFraction(30, DOOR), START + 7 * DAY + 20 * MINUTE)).toEqual([Number.NaN, 33]);
  });

  test("does not last longer than seven days because a sensor falls silent at their end", () => {
    const rows = [row(DOOR, START, "on"), row(DOOR, START + 7 * DAY - 5 * MINUTE, "unavailable")];
    expect(valueAt(rows, now(DOOR), START + 7 * DAY)).toEqual([1, 100]);
    expect(valueAt(rows, now(DOOR), START + 7 * DAY + GRID)).toEqual([Number.NaN, 0]);
  });

  test("is never a nought below the limit of coverage, and is the known part's share above it", () => {
    // Known from minute 225 on, half of it on.
    const rows = [bed(225, "on"), bed(232.5, "off")];
    expect(valueAt(rows, onFraction(30, BED), END)).toEqual([0.5, 50]);
    expect(valueAt(rows, onFraction(60, BED), END)).toEqual([Number.NaN, 25]);
    expect(valueAt(rows, count(60, [BED]), END)).toEqual([Number.NaN, 25]);
  });

  test("lasts ten minutes into unavailability, whatever number of unknown rows follows", () => {
    const rows = [bed(0, "on"), bed(215, "unavailable"), bed(217, "unknown"), bed(219, "unavailable")];
    expect(valueAt(rows, now(BED), at(225))).toEqual([1, 100]);
    expect(valueAt(rows, now(BED), at(230))).toEqual([Number.NaN, 0]);
    // Known to minute 225: half of the last 30 minutes.
    expect(valueAt(rows, onFraction(30, BED), END)).toEqual([1, 50]);
  });

  test("a short unavailability leaves no trace: nothing changed, nothing is missing", () => {
    const rows = [bed(0, "off"), bed(200, "on"), bed(220, "unavailable"), bed(225, "on")];
    expect(valueAt(rows, onFraction(30, BED), END)).toEqual([1, 100]);
    expect(valueAt(rows, count(60, [BED], [BED]), END)[0]).toBe(log1p(1));
    expect(valueAt(rows, since("activity", [BED], [BED]), END)[0]).toBe(log1p(40));
  });

  test("another state after unavailability is a change", () => {
    expect(valueAt([bed(0, "on"), bed(210, "unavailable"), bed(220, "off")], count(60, [BED]), END)).toEqual([log1p(1), 100]);
  });

  test("a state after more than seven days of silence is no change", () => {
    expect(valueAt([bed(-8 * 1440, "on"), bed(220, "off")], count(5, [BED]), at(225))).toEqual([0, 100]);
    expect(valueAt([bed(-8 * 1440, "on"), bed(200, "off"), bed(225, "on")], count(60, [BED]), END)[0]).toBe(log1p(1));
  });

  test("an anchor is known but is no event", () => {
    const rows = [bed(0, "off"), bed(200, "on", { source: "anchor" })];
    expect(valueAt(rows, now(BED), END)[0]).toBe(1);
    expect(valueAt(rows, count(60, [BED]), END)).toEqual([0, 100]);
    expect(valueAt(rows, since("activity", [BED]), END)).toEqual([Number.NaN, 33]);
  });

  test("does not reach into a gap, and goes on after it", () => {
    const rows = [bed(0, "on"), row(DOOR, START, "on")];
    const gaps = [{ entityId: BED, fromMs: at(210), toMs: at(222) }];
    expect(valueAt(rows, onFraction(30, BED), END, { gaps })).toEqual([1, 60]);
    expect(valueAt(rows, now(BED), at(220), { gaps })).toEqual([Number.NaN, 0]);
    expect(valueAt(rows, now(BED), END, { gaps })).toEqual([1, 100]);
    expect(valueAt(rows, onFraction(30, DOOR), END, { gaps })).toEqual([1, 100]);
    expect(valueAt(rows, onFraction(30, DOOR), END, { gaps: [{ ...gaps[0]!, entityId: null }] })).toEqual([1, 60]);
  });

  test("does not begin before the data did", () => {
    expect(valueAt([bed(0, "on")], onFraction(30, BED), END, { knownFromMs: at(228) })).toEqual([Number.NaN, 40]);
  });

  test("an entity never heard of is unknown", () => {
    for (const definition of [onFraction(30, BED), count(60, [BED]), since("on", [BED]), now(BED), level("mean", 30), away("all", BED)]) {
      expect(valueAt([], definition, END), definition.name).toEqual([Number.NaN, 0]);
    }
  });
});

describe("a numeric sensor", () => {
  const lux = (minutes: number, state: string, more: Partial<Row> = {}): Row => row(LUX, at(minutes), state, more);

  test("has a mean weighted by time, extremes and a last value", () => {
    // 10 for 6 minutes, 40 for 18, -5 for 6.
    const rows = [lux(0, "10"), lux(216, "40"), lux(234, "-5")];
    expect(valueAt(rows, level("mean", 30), END)).toEqual([25, 100]);
    expect(valueAt(rows, level("minimum", 30), END)[0]).toBe(-5);
    expect(valueAt(rows, level("maximum", 30), END)[0]).toBe(40);
    expect(valueAt(rows, now(LUX), END)[0]).toBe(-5);
  });

  test("has the spread and the slope of its steps", () => {
    // 0 for half an hour, 4 for the other: spread 2; least squares over a step in the middle: 1.5 times the height per hour.
    const rows = [lux(0, "0"), lux(210, "4")];
    expect(valueAt(rows, level("spread", 60), END)[0]).toBe(2);
    expect(valueAt(rows, level("slope", 60), END)[0]).toBe(6);
    expect(valueAt([lux(0, "7")], level("slope", 60), END)[0]).toBe(0);
  });

  test("is cut to its bounds before the logarithm, which keeps the sign", () => {
    expect(valueAt([lux(0, "1000000")], level("mean", 30, "log", 99), END)[0]).toBe(log1p(99));
    expect(valueAt([lux(0, "-3")], level("mean", 30, "log", 99), END)[0]).toBe(-log1p(3));
    expect(valueAt([lux(0, "1000000")], now(LUX, 0, 50), END)[0]).toBe(50);
  });

  test("takes hourly statistics for its mean and last value only", () => {
    const rows = [lux(0, "5", { source: "statistics" }), lux(220, "8", { source: "statistics" })];
    expect(valueAt(rows, level("mean", 30), END)).toEqual([7, 100]);
    expect(valueAt(rows, now(LUX), END)[0]).toBe(8);
    for (const statistic of ["minimum", "maximum", "slope", "spread"] as const)
      expect(valueAt(rows, level(statistic, 30), END)).toEqual([Number.NaN, 0]);
  });

  test("of which nothing is known has no value even where no coverage is asked for", () => {
    const statistics = ["mean", "minimum", "maximum", "slope", "spread"] as const;
    const definitions = statistics.map((statistic) => level(statistic, 30));
    const windows = compute({ rows: [], gaps: [], knownFromMs: 0 }, definitions, END / GRID, END / GRID, 0);
    expect(windows.values.map((column) => column[0])).toEqual(statistics.map(() => Number.NaN));
  });

  test("a text that is no number is an unknown state", () => {
    expect(valueAt([lux(0, "3"), lux(200, "high")], now(LUX), END)).toEqual([Number.NaN, 0]);
    expect(valueAt([lux(0, "3"), lux(200, " ")], now(LUX), END)).toEqual([Number.NaN, 0]);
  });

  test("is stored with seven significant digits", () => {
    expect(valueAt([lux(0, "1"), lux(220, "2")], level("mean", 30), END)[0]).toBe(1.666667);
  });
});
