import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { joined } from "../../../src/web/panel/screens/timeline/lanes.ts";
import { ticksOf } from "../../../src/web/panel/screens/timeline/ticks.ts";
import { valueInWords } from "../../../src/web/panel/screens/timeline/values.ts";
import {
  addressOf,
  lastDay,
  moved,
  neighbour,
  SPANS,
  spanShown,
  spanTo,
  viewOf,
  zoomed,
} from "../../../src/web/panel/screens/timeline/view.ts";
import { createZone } from "../../../src/web/panel/words/zone.ts";

const HOUR_MS = 3_600_000;
const zone = createZone("Europe/Amsterdam");
const NOW_MS = Date.parse("2026-11-21T13:02:00Z");
const utc = (text: string): number => Date.parse(text);
const place = (path: string, query: Readonly<Record<string, string>> = {}) => ({ rest: path.split("/").filter(Boolean), query });

describe("what an address shows", () => {
  test.each([
    ["a date is the night to its morning", "2026-11-21", {}, "2026-11-20T11:00Z", "2026-11-21T11:00Z"],
    ["a week ends with its date", "2026-11-21", { span: "week" }, "2026-11-14T23:00Z", "2026-11-21T23:00Z"],
    ["a span alone ends today", "", { span: "day" }, "2026-11-20T23:00Z", "2026-11-21T23:00Z"],
    ["nothing is the last day, to the hour", "", {}, "2026-11-20T14:00Z", "2026-11-21T14:00Z"],
    ["any range can be named", "", { from: "2026-11-01T00:10Z", to: "2026-11-01T05:00Z" }, "2026-11-01T00:10Z", "2026-11-01T05:00Z"],
    [
      "a range the wrong way round is passed over",
      "2026-11-21",
      { from: "2026-11-02T00:00Z", to: "2026-11-01T00:00Z" },
      "2026-11-20T11:00Z",
      "2026-11-21T11:00Z",
    ],
    ["no date is passed over", "2026-99-99", {}, "2026-11-20T14:00Z", "2026-11-21T14:00Z"],
  ])("%s", (_, path, query, from, to) => {
    expect(viewOf(place(path, query), zone, NOW_MS)).toEqual({ fromMs: utc(from), toMs: utc(to) });
  });

  test.each([
    ["2026-10-25", 25],
    ["2026-03-29", 23],
    ["2026-11-21", 24],
  ])("the day %s has %s hours, and so does the night to it", (date, hours) => {
    for (const span of ["day", "night"] as const) {
      const { fromMs, toMs } = viewOf(place(date, { span }), zone, NOW_MS);
      expect((toMs - fromMs) / HOUR_MS).toBe(hours);
    }
  });

  test("any span of any day is opened again by its own address, and has the next as the neighbour that it is", () => {
    fc.assert(
      fc.property(fc.constantFrom(...SPANS), fc.integer({ min: 18_000, max: 24_000 }), (span, day) => {
        const view = spanTo(zone, span, day);
        const { path, query } = addressOf(zone, view);
        expect(viewOf(place(path.replace("/timeline", ""), query), zone, NOW_MS)).toEqual(view);
        expect(spanShown(zone, view)).toBe(span);
        expect(lastDay(zone, view)).toBe(day);
        const next = neighbour(zone, view, 1);
        expect(next.fromMs).toBe(view.toMs);
        expect(neighbour(zone, next, -1)).toEqual(view);
      }),
    );
  });

  test("zooming keeps the instant in its place, and goes neither below 15 minutes nor beyond five years", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 100, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true }), (factor, share) => {
        const view = { fromMs: NOW_MS, toMs: NOW_MS + 24 * HOUR_MS };
        const aboutMs = view.fromMs + share * 24 * HOUR_MS;
        const { fromMs, toMs } = zoomed(view, factor, aboutMs);
        expect(toMs - fromMs).toBeGreaterThanOrEqual(15 * 60_000);
        expect(toMs - fromMs).toBeLessThanOrEqual(5 * 366 * 24 * HOUR_MS);
        expect(Math.abs((aboutMs - fromMs) / (toMs - fromMs) - share) * (toMs - fromMs)).toBeLessThanOrEqual(61_000);
      }),
    );
    expect(moved({ fromMs: 0, toMs: 100 }, 0.25)).toEqual({ fromMs: 25, toMs: 125 });
  });
});

describe("the axis", () => {
  const clocks = (date: string, most: number): string[] =>
    ticksOf(viewOf(place(date, { span: "day" }), zone, NOW_MS), zone, most)
      .filter(({ kind }) => kind !== "shift")
      .map(({ atMs }) => zone.wallClockAt(atMs).slice(11));

  test("the hour that comes twice has two ticks, the one that is skipped none", () => {
    expect(clocks("2026-10-25", 30).slice(0, 5)).toEqual(["00:00", "01:00", "02:00", "02:00", "03:00"]);
    expect(clocks("2026-10-25", 30)).toHaveLength(25);
    expect(clocks("2026-03-29", 30).slice(0, 4)).toEqual(["00:00", "01:00", "03:00", "04:00"]);
  });

  test("longer steps stay at the same times of day across a change of the clocks", () => {
    // Broken once: stepping from midnight by instants has 00:00, 02:00, 05:00 and so on in autumn.
    for (const date of ["2026-10-25", "2026-03-29", "2026-06-01"])
      expect(clocks(date, 10)).toEqual(["00:00", "03:00", "06:00", "09:00", "12:00", "15:00", "18:00", "21:00"]);
  });

  test("a change of the clocks is marked with its size", () => {
    const shifts = ticksOf(viewOf(place("2026-10-25"), zone, NOW_MS), zone, 12).filter(({ kind }) => kind === "shift");
    expect(shifts).toEqual([{ atMs: utc("2026-10-25T01:00Z"), kind: "shift", shiftMs: -HOUR_MS }]);
  });

  test("there are never more than asked for, in any zone and at any zoom, and they lie in the view", () => {
    const zones = ["Europe/Amsterdam", "Asia/Kathmandu", "Australia/Lord_Howe", "America/St_Johns"].map(createZone);
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.integer({ min: 15, max: 600_000 }),
        fc.integer({ min: 3, max: 24 }),
        (where, minutes, most) => {
          const view = { fromMs: utc("2026-09-01T00:00Z"), toMs: utc("2026-09-01T00:00Z") + minutes * 60_000 };
          const ticks = ticksOf(view, where, most).filter(({ kind }) => kind !== "shift");
          // One more where both ends lie on one; a doubled hour adds another.
          expect(ticks.length).toBeLessThanOrEqual(most + 2);
          for (const { atMs } of ticks) expect(atMs >= view.fromMs && atMs < view.toMs).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});

test.each([
  ["clock:hour_sin1", 0.5, /^\d\d:\d\d/],
  ["area.hall:activity:60m", Math.log1p(41), /^41×$/],
  ["binary_sensor.bed:on_fraction:30m", 0.25, /^25%$/],
  ["area.hall:presence_on_fraction:30m", 1, /^100%$/],
  ["sensor.lux:mean:60m", 212.4, /^212$/],
  ["sensor.lux:mean:60m", null, /^–$/],
])("the value of %s is said as people say it", (feature, value, said) => {
  expect(valueInWords(feature, value, NOW_MS)).toMatch(said);
});

test("parts of lanes that come one after the other are one: a state that goes on has no seam", () => {
  const lane = (bands: readonly (readonly [number, number, string])[]) => ({
    entityId: "light.a",
    name: null,
    area: null,
    kind: null,
    unit: null,
    bands: bands.map(([fromMs, toMs, state]) => ({ fromMs, toMs, state, changes: 1 })),
  });
  const [one] = joined(
    [
      lane([
        [0, 5, "off"],
        [5, 10, "on"],
      ]),
    ],
    [
      lane([
        [10, 20, "on"],
        [20, 30, "off"],
      ]),
    ],
  );
  expect(one!.bands.map(({ fromMs, toMs, state }) => [fromMs, toMs, state])).toEqual([
    [0, 5, "off"],
    [5, 20, "on"],
    [20, 30, "off"],
  ]);
});
