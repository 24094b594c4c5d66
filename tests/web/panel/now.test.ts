import { describe, expect, test } from "vitest";
import { goesOn, lastNight, nightOf } from "../../../src/web/panel/screens/now/night.ts";
import { provenShare } from "../../../src/web/panel/screens/now/proven.ts";
import { stateOf } from "../../../src/web/panel/screens/now/since.ts";
import type { Target } from "../../../src/web/panel/screens/now/target.ts";
import { createZone } from "../../../src/web/panel/words/zone.ts";

const zone = createZone("Europe/Amsterdam");
const at = (text: string): number => Date.parse(text);
const GRID_MS = 300_000;

describe("last night", () => {
  test.each([
    ["2026-11-21T08:00+01:00", "2026-11-20T12:00+01:00"],
    ["2026-11-21T15:00+01:00", "2026-11-20T12:00+01:00"],
    ["2026-11-21T22:30+01:00", "2026-11-21T12:00+01:00"],
    ["2026-11-22T00:30+01:00", "2026-11-21T12:00+01:00"],
    // The night in which the clocks go back.
    ["2026-10-25T09:00+01:00", "2026-10-24T12:00+02:00"],
  ])("at %s it is the one that begins at %s", (now, from) => {
    expect(new Date(lastNight(zone, at(now)).fromMs).toISOString()).toBe(new Date(from).toISOString());
  });

  const column = (endMs: number, on: number) => ({ endMs, least: 0, most: 1, mean: 0.5, windows: 1, on });
  const curve = (ons: readonly number[]) => ({
    gridMs: GRID_MS,
    everyWindows: 1,
    columns: ons.map((on, i) => column((i + 1) * GRID_MS, on)),
  });
  const label = (kind: "positive" | "negative", startUtc: string, endUtc: string) => ({ kind, startUtc, endUtc }) as never;

  test("windows that follow each other are one span, a gap between them makes two", () => {
    expect(nightOf([], curve([0, 1, 1, 0, 1])).thought).toEqual([
      { fromMs: GRID_MS, toMs: 3 * GRID_MS },
      { fromMs: 4 * GRID_MS, toMs: 5 * GRID_MS },
    ]);
  });

  test("what a person said is told before what the model thought, and a no is no silence", () => {
    const said = nightOf([label("positive", "2026-11-20T22:10:00Z", "2026-11-21T06:15:00Z")], curve([1])).said;
    expect(said).toEqual([{ fromMs: at("2026-11-20T22:10Z"), toMs: at("2026-11-21T06:15Z") }]);
    expect(nightOf([label("negative", "2026-11-20T11:00:00Z", "2026-11-21T11:00:00Z")], curve([1])).said).toBe("none");
    expect(nightOf([], curve([1])).said).toBe(null);
  });
});

describe("a night under way", () => {
  const thought = [{ fromMs: at("2026-11-20T22:00Z"), toMs: at("2026-11-21T03:00Z") }];

  test("it goes on while its last window is minutes old, and not once a person has said how it was", () => {
    expect(goesOn({ said: null, thought }, at("2026-11-21T03:10Z"))).toBe(true);
    expect(goesOn({ said: null, thought }, at("2026-11-21T07:00Z"))).toBe(false);
    expect(goesOn({ said: thought, thought }, at("2026-11-21T03:10Z"))).toBe(false);
    expect(goesOn({ said: null, thought: [] }, at("2026-11-21T03:10Z"))).toBe(false);
  });
});

describe("since when", () => {
  const curve = (probabilities: readonly (number | null)[]) => ({
    firstWindowEndUtc: "2026-11-20T12:05:00Z",
    gridMs: GRID_MS,
    probabilities,
  });
  const target = (changes: Partial<Target>, isOn: boolean | null, probability: number) =>
    ({ prediction: { isOn, probability, threshold: 0.5 }, curve: curve([]), onSpans: [], ...changes }) as unknown as Target;

  test("a decision holds since the span that it belongs to began or ended", () => {
    const onSpans = [{ startUtc: "2026-11-20T22:00:00Z", endUtc: "2026-11-21T06:00:00Z" }];
    expect(stateOf(target({ onSpans }, true, 0.9)).sinceMs).toBe(at("2026-11-20T22:00Z"));
    expect(stateOf(target({ onSpans }, false, 0.1)).sinceMs).toBe(at("2026-11-21T06:00Z"));
  });

  test("without a decision it holds since the curve crossed the threshold; a window without an answer is no crossing", () => {
    const crossed = target({ curve: curve([0.9, 0.2, null, 0.1]) }, null, 0.1);
    expect(stateOf(crossed)).toEqual({ isOn: false, isDecided: false, sinceMs: at("2026-11-20T12:05Z") });
  });

  test("what began before the day that is shown has no since", () => {
    expect(stateOf(target({ curve: curve([0.1, 0.2]) }, null, 0.1)).sinceMs).toBe(null);
    expect(stateOf(target({}, false, 0.1)).sinceMs).toBe(null);
  });
});

describe("what came true", () => {
  const bin = (lower: number, count: number) => ({ lower, upper: lower + 0.1, count, meanProbability: lower + 0.04, positiveShare: lower });

  test("it is told of the bin that the probability is in, the last one with its upper end", () => {
    const bins = [bin(0, 100), bin(0.9, 40)];
    expect(provenShare(bins, 0.05)).toEqual({ said: 0.04, came: 0, count: 100 });
    expect(provenShare(bins, 1)?.count).toBe(40);
  });

  test("it is not told of few windows, of a bin that is not there, or of a report of another form", () => {
    expect(provenShare([bin(0, 29)], 0.05)).toBe(null);
    expect(provenShare([bin(0, 100)], 0.5)).toBe(null);
    expect(provenShare({ other: 1 }, 0.5)).toBe(null);
  });
});
