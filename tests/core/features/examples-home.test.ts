import { describe, expect, test } from "vitest";
import type { FeatureDefinition } from "../../../src/core/features/definition.ts";
import {
  away,
  BED,
  CLOCKS,
  compute,
  count,
  DAY,
  DOOR,
  GRID,
  HOUR,
  left,
  MINUTE,
  MOTION,
  now,
  onFraction,
  PERSON,
  type Row,
  row,
  START,
  silent,
  since,
  valueAt,
} from "./home.ts";

const log1p = (x: number): number => Number(Math.log1p(x).toPrecision(7));
const at = (minutes: number): number => START + minutes * MINUTE;
const bed = (minutes: number, state: string, more: Partial<Row> = {}): Row => row(BED, at(minutes), state, more);
const END = at(240);

describe("several sensors", () => {
  test("are on while any of them is", () => {
    // Bed on 216 to 228, motion on 222 to 231: 15 of 30 minutes.
    const rows = [
      bed(0, "off"),
      bed(216, "on"),
      bed(228, "off"),
      row(MOTION, at(0), "off"),
      row(MOTION, at(222), "on"),
      row(MOTION, at(231), "off"),
    ];
    expect(valueAt(rows, onFraction(30, BED, MOTION), END)).toEqual([0.5, 100]);
    expect(valueAt(rows, count(60, [BED, MOTION]), END)[0]).toBe(log1p(4));
    expect(valueAt(rows, since("activity", [BED, MOTION]), END)[0]).toBe(log1p(9));
    expect(valueAt(rows, since("on", [BED, MOTION]), END)[0]).toBe(log1p(9));
  });

  test("are covered as well as their members are on average", () => {
    const rows = [bed(0, "off"), row(MOTION, at(228), "off")];
    expect(valueAt(rows, onFraction(30, BED, MOTION), END)).toEqual([0, 70]);
    expect(valueAt(rows, onFraction(30, BED, MOTION, DOOR), END)).toEqual([Number.NaN, 46]);
  });

  test("persons away are counted among those who are known", () => {
    const anna = row(PERSON, at(0), "work");
    expect(valueAt([anna, bed(0, "on")], away("share", PERSON, BED), END)).toEqual([0.5, 100]);
    expect(valueAt([anna, bed(0, "on")], away("all", PERSON, BED), END)).toEqual([0, 100]);
    expect(valueAt([anna], away("all", PERSON, BED), END)).toEqual([1, 50]);
    expect(valueAt([row(PERSON, at(0), "home")], away("all", PERSON), END)).toEqual([0, 100]);
  });
});

describe("an empty house", () => {
  const leaving = [
    row(DOOR, at(-60), "off"),
    row(MOTION, at(-60), "off"),
    row(MOTION, at(99), "on"),
    row(DOOR, at(100), "on"),
    row(DOOR, at(100.5), "off"),
  ];
  const isLeft = (rows: readonly Row[], endMs = END): number => valueAt(rows, left([DOOR], [MOTION], [MOTION]), endMs)[0];

  test("is one whose door closed and in which nothing has turned on since", () => {
    expect(isLeft(leaving)).toBe(log1p(139.5));
    expect(isLeft([...leaving, row(MOTION, at(102), "off")])).toBe(log1p(139.5));
  });

  test("still counts as left when a sensor at the door turns on within two minutes, no longer", () => {
    expect(isLeft([...leaving, row(MOTION, at(102), "off"), row(MOTION, at(102.4), "on")])).toBe(log1p(139.5));
    expect(isLeft([...leaving, row(MOTION, at(102), "off"), row(MOTION, at(102.6), "on")])).toBe(0);
  });

  test("stays left for two days with no more than twelve hours said, also when the door moved longer ago than is looked", () => {
    expect(isLeft(leaving, START + DAY)).toBe(log1p(720));
    expect(isLeft(leaving, START + 5 * DAY)).toBe(log1p(720));
  });

  test("is silent by day, a sleeping one is not", () => {
    // START is 01:00 in Amsterdam. The last activity at 22:00, asleep until 08:00: no hour between 9 and 21.
    const activity = (hour: number): Row[] => [row(MOTION, START + (hour - 2) * HOUR, "off"), row(MOTION, START + (hour - 1) * HOUR, "on")];
    const hours = (rows: readonly Row[], hour: number): number => valueAt(rows, silent([MOTION]), START + (hour - 1) * HOUR)[0];
    expect(hours(activity(22), 24 + 8)).toBe(0);
    expect(hours(activity(22), 24 + 10)).toBe(1);
    // Left at 14:00; next night at 02:00 the silence holds seven hours of the day, and never more than twelve.
    expect(hours(activity(14), 24 + 2)).toBe(7);
    expect(hours(activity(14), 48 + 2)).toBe(12);
  });

  test("counts the hours of the wall clock on both sides of a change of the clocks", () => {
    // Ten days later, on 29 March, the clocks go from 02:00 to 03:00: 09:00 UTC is 10:00 in winter and 11:00 in summer.
    const day = START + 9 * DAY;
    const rows = [row(MOTION, day + 18 * HOUR, "off"), row(MOTION, day + 19.5 * HOUR, "on")];
    // Silent from 20:30 winter time: half an hour that evening, and two of the next morning's.
    expect(valueAt(rows, silent([MOTION]), day + DAY + 9 * HOUR)[0]).toBe(2.5);
  });
});

describe("the clock", () => {
  const clockAt = (endMs: number): number[] =>
    compute({ rows: [], gaps: [], knownFromMs: 0 }, CLOCKS as FeatureDefinition[], endMs / GRID, endMs / GRID).values.map(
      (column) => column[0]!,
    );

  test("goes by the wall of its zone, in summer as in winter", () => {
    expect(clockAt(Date.UTC(2026, 0, 14, 5))).toEqual([1, -1, 0]);
    expect(clockAt(Date.UTC(2026, 6, 15, 4))).toEqual([1, -1, 0]);
  });

  test("calls it weekend from Friday noon to Sunday noon: the nights before a free day", () => {
    const friday = Date.UTC(2026, 0, 16);
    const isWeekend = (localHour: number): number => clockAt(friday + (localHour - 1) * HOUR)[2]!;
    expect([11, 12, 24, 48, 59, 60].map(isWeekend)).toEqual([0, 1, 1, 1, 1, 0]);
  });
});

describe("a row is available", () => {
  const availableAt = (rows: readonly Row[], endMs: number, definitions = [count(60, [BED]), now(BED)]): number =>
    compute({ rows, gaps: [], knownFromMs: 0 }, definitions, endMs / GRID, endMs / GRID).availableAtMs[0]! - endMs;

  test("at its end when everything was known by then", () => {
    expect(availableAt([bed(0, "off"), bed(239, "on", { knownAtMs: at(239.5) })], END)).toBe(0);
  });

  test("not before a late event was known that can decide its values", () => {
    const rows = [bed(0, "off"), bed(230, "on", { knownAtMs: at(250) }), bed(235, "off")];
    expect(availableAt(rows, END)).toBe(10 * MINUTE);
    expect(availableAt(rows, at(230))).toBe(0);
    expect(availableAt(rows, at(255))).toBe(0);
  });

  test("at its end when a late event can no longer decide: another state came, and the horizon is over", () => {
    const rows = [bed(0, "off"), bed(100, "on", { knownAtMs: at(900) }), bed(110, "off"), bed(111, "unavailable")];
    expect(availableAt(rows, at(170))).toBe(730 * MINUTE);
    expect(availableAt(rows, at(175))).toBe(0);
  });

  test("not before a late state was known that still held when its sensor fell silent", () => {
    const rows = [bed(0, "off"), bed(230, "on", { knownAtMs: at(300) }), bed(231, "unavailable")];
    expect(availableAt(rows, END, [now(BED)])).toBe(60 * MINUTE);
  });

  test("at its end when only an entity that no feature reads was late", () => {
    expect(availableAt([bed(0, "off"), row(DOOR, at(230), "on", { knownAtMs: at(900) })], END)).toBe(0);
  });
});
