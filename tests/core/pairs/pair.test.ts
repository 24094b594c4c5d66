import { describe, expect, test } from "vitest";
import { pairWindows } from "../../../src/core/pairs/pair.ts";
import { createZone, DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/core/time.ts";
import { GRID_MS, label, request, tally, windowsBetween } from "./asking.ts";

const T0 = Date.parse("2025-06-02T00:00:00Z");
const at = (hours: number): number => T0 + hours * HOUR_MS;
const ends = (pairs: readonly { windowNo: number }[]): number[] => pairs.map(({ windowNo }) => (windowNo * GRID_MS - T0) / HOUR_MS);

describe("the scope of a label", () => {
  test("is the day before its end: (end - 24 h, end]", () => {
    const { pairs } = pairWindows(request([label(1, at(-1), at(7))], windowsBetween(at(-48), at(48))));
    expect(pairs).toHaveLength(288);
    expect([ends(pairs)[0], ends(pairs).at(-1)]).toEqual([-17 + 1 / 12, 7]);
    expect(tally({ pairs, exclusions: {} as never })).toEqual({ 1: [192, 96] });
  });

  test("begins where the previous label ended, so that a night in pieces and a nap share the day", () => {
    const labels = [label(1, at(-1), at(2)), label(2, at(3), at(7)), label(3, at(14), at(15))];
    const pairing = pairWindows(request(labels, windowsBetween(at(-48), at(48))));
    expect(tally(pairing)).toEqual({ 1: [252, 36], 2: [12, 48], 3: [84, 12] });
    expect(pairing.exclusions["no label"]).toBe(96 * 12 - 288 - 96 - 60);
  });

  test("of a negative label is target 0 throughout", () => {
    const labels = [label(1, at(-36), at(-12), "negative"), label(2, at(-1), at(7))];
    expect(tally(pairWindows(request(labels, windowsBetween(at(-60), at(24)))))).toEqual({ 1: [288, 0], 2: [132, 96] });
  });

  test("of a negative label holds the hour that autumn adds to its day", () => {
    const zone = createZone("Europe/Amsterdam");
    const startMs = zone.instantOf("2025-10-25 12:00");
    const endMs = zone.instantOf("2025-10-26 12:00");
    const pairing = pairWindows(request([label(1, startMs, endMs, "negative")], windowsBetween(startMs - DAY_MS, endMs + DAY_MS)));
    expect(tally(pairing)).toEqual({ 1: [300, 0] });
    expect(pairing.pairs[0]!.windowNo * GRID_MS - GRID_MS).toBe(startMs);
  });

  test.each([
    ["Europe/Amsterdam", "2025-10-25 23:00", "2025-10-26 07:00", 108],
    ["Europe/Amsterdam", "2025-03-29 23:00", "2025-03-30 07:00", 84],
    ["America/Los_Angeles", "2025-11-01 23:00", "2025-11-02 07:00", 108],
    ["America/Los_Angeles", "2025-03-08 23:00", "2025-03-09 07:00", 84],
  ])("in %s from %s to %s holds %i windows of sleep and a full day in all", (timeZone, start, end, ones) => {
    const zone = createZone(timeZone);
    const endMs = zone.instantOf(end);
    const pairing = pairWindows(request([label(1, zone.instantOf(start), endMs)], windowsBetween(endMs - 2 * DAY_MS, endMs + DAY_MS)));
    expect(tally(pairing)).toEqual({ 1: [288 - ones, ones] });
  });
});

describe("a window", () => {
  test("that ends after its label is left out, one that ends with it is not", () => {
    const { pairs } = pairWindows(request([label(1, at(-1), at(7))], windowsBetween(at(6.9), at(7.2))));
    expect(ends(pairs)).toEqual([7 - 1 / 12, 7]);
  });

  test("that straddles an edge is left out, one that touches it is not", () => {
    const labels = [label(1, at(-1) + MINUTE_MS, at(7) - MINUTE_MS)];
    const pairing = pairWindows(request(labels, windowsBetween(at(-2), at(8))));
    expect(tally(pairing)).toEqual({ 1: [12, 94] });
    // The one at the end runs past its label, so no label speaks of it.
    expect(pairing.exclusions["straddles an edge"]).toBe(1);
  });

  test("that spans the pause between two pieces is left out", () => {
    const labels = [label(1, at(0), at(1) + MINUTE_MS), label(2, at(1) + 2 * MINUTE_MS, at(3))];
    const pairing = pairWindows(request(labels, windowsBetween(at(0), at(3))));
    expect(tally(pairing)).toEqual({ 1: [0, 12], 2: [0, 23] });
    expect(pairing.exclusions["straddles an edge"]).toBe(1);
  });

  test("whose look-back reaches before the data is left out, one that begins with the data is not", () => {
    const pairing = pairWindows(request([label(1, at(-1), at(7))], windowsBetween(at(-17), at(7)), { dataBeganMs: at(-10) }));
    expect(ends(pairing.pairs)[0]).toBe(-8);
    expect(pairing.exclusions["before the data began"]).toBe(9 * 12 - 1);
  });

  test("that was not available at training is left out", () => {
    const windows = windowsBetween(at(-17), at(7));
    windows.availableAtMs.fill(at(9), 10, 30);
    const pairing = pairWindows(request([label(1, at(-1), at(7))], windows, { trainingAtMs: at(9) - 1 }));
    expect(pairing.exclusions["not yet available"]).toBe(20);
    expect(pairWindows(request([label(1, at(-1), at(7))], windows, { trainingAtMs: at(9) })).pairs).toHaveLength(288);
  });

  test("below coverage, or of unknown coverage, is left out", () => {
    const windows = windowsBetween(at(-17), at(7));
    windows.coverage.set([0.49, 0.5, Number.NaN]);
    expect(pairWindows(request([label(1, at(-1), at(7))], windows)).exclusions["low coverage"]).toBe(2);
  });

  test("that overlaps a gap or an excluded label is left out, one that touches them is not", () => {
    const labels = [label(1, at(-1), at(7)), label(2, at(-10), at(-9) + 1, "excluded", at(5))];
    const gaps = [
      { startMs: at(-5) - 1, endMs: at(-4) },
      { startMs: at(-4.5), endMs: at(-4.4) },
      { startMs: at(-3.02), endMs: at(-3.02) },
    ];
    const { exclusions, pairs } = pairWindows(request(labels, windowsBetween(at(-17), at(7)), { gaps }));
    expect([exclusions["excluded by a label"], exclusions["inside a gap"], pairs.length]).toEqual([13, 13, 288 - 26]);
  });

  test("is counted once, under the first reason that applies", () => {
    const windows = windowsBetween(at(-48), at(48));
    windows.coverage.fill(0);
    const { exclusions, pairs } = pairWindows(request([label(1, at(-1), at(7))], windows, { dataBeganMs: at(0) }));
    expect(pairs).toEqual([]);
    expect(Object.values(exclusions).reduce((a, b) => a + b)).toBe(windows.windowNo.length);
    expect(exclusions["before the data began"] + exclusions["low coverage"]).toBe(288);
  });
});

describe("at a past training time", () => {
  const labels = [label(1, at(-1), at(7), "positive", at(8)), label(2, at(23), at(31), "positive", at(32))];
  const windows = windowsBetween(at(-24), at(48));

  test("a label that was not yet said is not known, and its windows have no label", () => {
    const pairing = pairWindows(request(labels, windows, { trainingAtMs: at(31.5) }));
    expect(tally(pairing)).toEqual({ 1: [192, 96] });
    expect(pairWindows(request(labels, windows, { trainingAtMs: at(32) })).pairs).toHaveLength(576);
  });

  test("an excluded label that was not yet said takes nothing away", () => {
    const excluded = label(3, at(0), at(1), "excluded", at(50));
    const pairing = pairWindows(request([...labels, excluded], windows, { trainingAtMs: at(49) }));
    expect(pairing.pairs).toHaveLength(576);
  });
});

test("an excluded label has no scope of its own and does not shorten another's", () => {
  const labels = [label(1, at(-1), at(7)), label(2, at(-30), at(-10), "excluded", at(0))];
  const pairing = pairWindows(request(labels, windowsBetween(at(-48), at(48))));
  expect(tally(pairing)).toEqual({ 1: [108, 96] });
  expect(pairing.exclusions["excluded by a label"]).toBe(84);
});

test("no labels or no windows pair nothing", () => {
  expect(pairWindows(request([], windowsBetween(at(0), at(1)))).exclusions["no label"]).toBe(12);
  expect(pairWindows(request([label(1, at(0), at(1))], windowsBetween(at(0), at(0)))).pairs).toEqual([]);
});
