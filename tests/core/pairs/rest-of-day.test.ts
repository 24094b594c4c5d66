import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { DayRules } from "../../../src/core/pairs/days.ts";
import { pairWindows } from "../../../src/core/pairs/pair.ts";
import type { PairLabel } from "../../../src/core/pairs/pair-label.ts";
import { restsOfDays } from "../../../src/core/pairs/rest-of-day.ts";
import { createZone, DAY_MS, HOUR_MS } from "../../../src/core/time.ts";
import { GRID_MS, label, request, tally, windowsBetween } from "./asking.ts";

const T0 = Date.parse("2025-06-02T00:00:00Z");
const at = (hours: number): number => T0 + hours * HOUR_MS;
const RULES: DayRules = { zone: createZone("UTC"), anchorHour: 12 };
const night = (id: number, day: number, wakeHour = 7): PairLabel => label(id, at(24 * day - 1), at(24 * day + wakeHour));

describe("the rest of a labelled day", () => {
  test("reaches from its last label to its end, once the day is over and not a moment earlier", () => {
    const labels = [night(1, 0), label(2, at(8), at(9))];
    expect(restsOfDays(labels, RULES, at(12) - 1, null)).toEqual([]);
    expect(restsOfDays(labels, RULES, at(12), null)).toEqual([{ labelId: 2, startMs: at(9), endMs: at(12) }]);
  });

  test("is not spoken of where no label ends, or only an excluded one", () => {
    const labels = [night(1, 0), label(2, at(30), at(33), "excluded")];
    expect(restsOfDays(labels, RULES, at(100), null).map(({ labelId }) => labelId)).toEqual([1]);
  });

  test("ends where the next label begins, and where a label is open", () => {
    const long = label(2, at(11), at(14));
    expect(restsOfDays([night(1, 0), long], RULES, at(20), null)).toEqual([{ labelId: 1, startMs: at(7), endMs: at(11) }]);
    expect(restsOfDays([night(1, 0)], RULES, at(20), at(10))).toEqual([{ labelId: 1, startMs: at(7), endMs: at(10) }]);
  });

  test("holds the hours of the clock that changes", () => {
    const rules: DayRules = { zone: createZone("Europe/Amsterdam"), anchorHour: 12 };
    const endMs = rules.zone.instantOf("2025-10-26 01:00");
    const [rest] = restsOfDays([label(1, endMs - HOUR_MS, endMs)], rules, endMs + DAY_MS, null);
    expect((rest!.endMs - rest!.startMs) / HOUR_MS).toBe(12);
  });

  test("is found in a moment among the labels of a century", () => {
    const labels = Array.from({ length: 100_000 }, (_, i) => label(i, at(8 * i), at(8 * i + 1)));
    const beganMs = performance.now();
    expect(restsOfDays(labels, RULES, at(800_000), null)).toHaveLength(33_333);
    // Broken once: with a look at every label for each day it takes minutes.
    expect(performance.now() - beganMs).toBeLessThan(5_000);
  });

  test("pairs with its label as no, after the label itself: an earlier wake leaves no hole before a later one", () => {
    const labels = [night(1, 0, 6), night(2, 1, 9)];
    const asked = request(labels, windowsBetween(at(-17), at(37)), { trainingAtMs: at(36) });
    expect(pairWindows(asked).exclusions["no label"]).toBe(36 + 48);
    const paired = pairWindows({ ...asked, rests: restsOfDays(labels, RULES, at(36), null) });
    expect(paired.exclusions["no label"]).toBe(12);
    expect(tally(paired)).toEqual({ 1: [192 + 72, 84], 2: [11 * 12 + 36, 120] });
    expect(paired.pairs.at(-1)).toEqual({ windowNo: at(36) / GRID_MS, labelId: 2, target: 0, saidUntilMs: at(36) });
  });
});

const hours = fc.integer({ min: 0, max: 96 * 4 }).map((quarters) => at(quarters / 4));
const labelSets = fc
  .array(
    fc.record({ startMs: hours, kind: fc.constantFrom("positive" as const, "negative" as const, "excluded" as const), late: fc.nat(40) }),
    {
      maxLength: 8,
    },
  )
  .map((cuts) =>
    cuts
      .sort((a, b) => a.startMs - b.startMs)
      .flatMap(({ startMs, kind, late }, i) => {
        const endMs = Math.min(cuts[i + 1]?.startMs ?? startMs + 8 * HOUR_MS, startMs + 8 * HOUR_MS);
        return endMs > startMs ? [label(i + 1, startMs, endMs, kind, endMs + late * HOUR_MS)] : [];
      }),
  );

describe("rests of days", () => {
  const everything = windowsBetween(at(-24), at(140));

  test("only add windows that nobody calls asleep, and change no window's answer", () => {
    fc.assert(
      fc.property(labelSets, hours, (labels, trainingAtMs) => {
        const asked = request(labels, everything, { trainingAtMs });
        const rests = restsOfDays(labels, RULES, trainingAtMs, null);
        const before = new Map(pairWindows(asked).pairs.map(({ windowNo, target }) => [windowNo, target]));
        const after = new Map(pairWindows({ ...asked, rests }).pairs.map(({ windowNo, target }) => [windowNo, target]));
        for (const [windowNo, target] of before) expect(after.get(windowNo)).toBe(target);
        for (const [windowNo, target] of after) if (!before.has(windowNo)) expect(target).toBe(0);
      }),
      { numRuns: 200 },
    );
  });

  test("let no window speak before what it says was known, nor after what it belongs to", () => {
    fc.assert(
      fc.property(labelSets, hours, (labels, trainingAtMs) => {
        const byId = new Map(labels.map((one) => [one.id, one]));
        const rests = restsOfDays(labels, RULES, trainingAtMs, null);
        for (const { windowNo, labelId, saidUntilMs } of pairWindows(request(labels, everything, { trainingAtMs, rests })).pairs) {
          expect(byId.get(labelId)!.capturedAtMs).toBeLessThanOrEqual(trainingAtMs);
          expect(windowNo * GRID_MS).toBeLessThanOrEqual(saidUntilMs ?? byId.get(labelId)!.endMs);
          expect(saidUntilMs ?? 0).toBeLessThanOrEqual(trainingAtMs);
        }
      }),
      { numRuns: 200 },
    );
  });

  test("are not changed by labels that are said later", () => {
    fc.assert(
      fc.property(labelSets, hours, (labels, atMs) => {
        const known = labels.filter(({ capturedAtMs }) => capturedAtMs <= atMs);
        expect(restsOfDays(labels, RULES, atMs, null)).toEqual(restsOfDays(known, RULES, atMs, null));
      }),
      { numRuns: 200 },
    );
  });
});
