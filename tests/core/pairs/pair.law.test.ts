import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Pair, type PairRequest, pairWindows } from "../../../src/core/pairs/pair.ts";
import type { PairLabel } from "../../../src/core/pairs/pair-label.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/core/time.ts";
import { GRID_MS, label } from "./asking.ts";

const RANGE_MS = 4 * DAY_MS;
const instant = fc.integer({ min: 0, max: RANGE_MS / MINUTE_MS }).map((minute) => minute * MINUTE_MS);
const delay = fc.oneof(
  fc.constant(0),
  fc.integer({ min: 0, max: 3 * 24 * 60 }).map((minute) => minute * MINUTE_MS),
);

/** Labels that do not overlap, as the store holds them; bounds on the minute, so that some lie on the grid. */
const labels: fc.Arbitrary<PairLabel[]> = fc
  .array(
    fc.record({
      at: instant,
      kind: fc.constantFrom("positive" as const, "positive" as const, "negative" as const, "excluded" as const),
      delay,
    }),
    { maxLength: 12 },
  )
  .chain((cuts) =>
    fc.shuffledSubarray(
      cuts
        .sort((a, b) => a.at - b.at)
        .flatMap(({ at, kind, delay: late }, i) => {
          const endMs = Math.min(cuts[i + 1]?.at ?? RANGE_MS, at + 30 * HOUR_MS);
          return endMs > at ? [label(i + 1, at, endMs, kind, endMs + late)] : [];
        }),
    ),
  );

const windows = fc
  .uniqueArray(fc.record({ no: fc.integer({ min: 1, max: RANGE_MS / GRID_MS }), delay, coverage: fc.constantFrom(0, 0.4, 0.5, 1, 1, 1) }), {
    selector: ({ no }) => no,
    maxLength: 120,
  })
  .map((rows) => {
    rows.sort((a, b) => a.no - b.no);
    return {
      windowNo: Float64Array.from(rows, ({ no }) => no),
      availableAtMs: Float64Array.from(rows, ({ no, delay: late }) => no * GRID_MS + late),
      coverage: Float64Array.from(rows, ({ coverage }) => coverage),
    };
  });

const requests: fc.Arbitrary<PairRequest> = fc.record({
  labels,
  windows,
  trainingAtMs: fc.oneof(instant, fc.constant(10 * DAY_MS)),
  gridMs: fc.constant(GRID_MS),
  longestHorizonMs: fc.constantFrom(GRID_MS, 2 * HOUR_MS),
  dataBeganMs: fc.oneof(
    fc.constant(0),
    instant.map((atMs) => atMs / 4),
  ),
  minimumCoverage: fc.constant(0.5),
  gaps: fc.array(
    fc.tuple(instant, fc.integer({ min: 0, max: 200 })).map(([startMs, minutes]) => ({ startMs, endMs: startMs + minutes * MINUTE_MS })),
    { maxLength: 3 },
  ),
});

/** The rules word by word, one window at a time, sharing nothing with the sweep. */
function byDefinition(asked: PairRequest): Pair[] {
  const known = asked.labels.filter(({ capturedAtMs }) => capturedAtMs <= asked.trainingAtMs);
  const speaking = known.filter(({ kind }) => kind !== "excluded");
  const pairs: Pair[] = [];
  asked.windows.windowNo.forEach((windowNo, i) => {
    const end = windowNo * asked.gridMs;
    const start = end - asked.gridMs;
    const disjoint = (span: { startMs: number; endMs: number }): boolean =>
      span.endMs <= span.startMs || end <= span.startMs || start >= span.endMs;
    const inScope = (one: PairLabel): boolean => {
      const before = speaking.filter((other) => other.endMs < one.endMs).map(({ endMs }) => endMs);
      const reach = one.kind === "negative" ? Math.min(one.startMs, one.endMs - DAY_MS) : one.endMs - DAY_MS;
      return end <= one.endMs && end > reach && before.every((endMs) => end > endMs);
    };
    const positives = known.filter(({ kind }) => kind === "positive");
    const inside = positives.some((one) => one.startMs <= start && end <= one.endMs);
    const stands = [
      asked.windows.availableAtMs[i]! <= asked.trainingAtMs,
      end - asked.longestHorizonMs >= asked.dataBeganMs,
      asked.windows.coverage[i]! >= asked.minimumCoverage,
      asked.gaps.every(disjoint),
      known.filter(({ kind }) => kind === "excluded").every(disjoint),
      inside || positives.every(disjoint),
    ];
    const found = speaking.filter(inScope);
    expect(found.length).toBeLessThanOrEqual(1);
    if (found.length === 1 && stands.every(Boolean)) pairs.push({ windowNo, labelId: found[0]!.id, target: inside ? 1 : 0 });
  });
  return pairs;
}

const RUNS = { numRuns: 500 };

describe("pairing", () => {
  test("gives exactly the pairs of R1 to R5, read word by word", () => {
    fc.assert(
      fc.property(requests, (asked) => {
        expect(pairWindows(asked).pairs).toEqual(byDefinition(asked));
      }),
      RUNS,
    );
  });

  test("accounts for each window once: a pair or one reason", () => {
    fc.assert(
      fc.property(requests, (asked) => {
        const { pairs, exclusions } = pairWindows(asked);
        expect(new Set(pairs.map(({ windowNo }) => windowNo)).size).toBe(pairs.length);
        expect(pairs.length + Object.values(exclusions).reduce((a, b) => a + b)).toBe(asked.windows.windowNo.length);
      }),
      RUNS,
    );
  });

  test("is not changed by labels said, or rows that came, after the training", () => {
    fc.assert(
      fc.property(requests, (asked) => {
        const known = asked.labels.filter(({ capturedAtMs }) => capturedAtMs <= asked.trainingAtMs);
        const { windowNo, availableAtMs, coverage } = asked.windows;
        const kept = [...windowNo.keys()].filter((i) => availableAtMs[i]! <= asked.trainingAtMs);
        const rows = {
          windowNo: Float64Array.from(kept, (i) => windowNo[i]!),
          availableAtMs: Float64Array.from(kept, (i) => availableAtMs[i]!),
          coverage: Float64Array.from(kept, (i) => coverage[i]!),
        };
        expect(pairWindows({ ...asked, labels: known, windows: rows }).pairs).toEqual(pairWindows(asked).pairs);
      }),
      RUNS,
    );
  });

  test("is not changed by where and of what kind the labels of the future are", () => {
    fc.assert(
      fc.property(requests, labels, (asked, others) => {
        const known = asked.labels.filter(({ capturedAtMs }) => capturedAtMs <= asked.trainingAtMs);
        const future = others.map((one) => ({ ...one, id: one.id + 100, capturedAtMs: asked.trainingAtMs + 1 + one.id }));
        expect(pairWindows({ ...asked, labels: [...future, ...known] })).toEqual(pairWindows({ ...asked, labels: known }));
      }),
      RUNS,
    );
  });

  test("only adds pairs to labels already there when a later label is said", () => {
    fc.assert(
      fc.property(requests, (asked) => {
        const sorted = asked.labels.filter(({ kind }) => kind !== "excluded").sort((a, b) => a.endMs - b.endMs);
        fc.pre(sorted.length > 0);
        const rest = asked.labels.filter((one) => one !== sorted.at(-1));
        const whole = pairWindows(asked).pairs.filter(({ labelId }) => labelId !== sorted.at(-1)!.id);
        expect(whole).toEqual(pairWindows({ ...asked, labels: rest }).pairs);
      }),
      RUNS,
    );
  });

  test("does not depend on the order of labels or gaps, and twice is once", () => {
    fc.assert(
      fc.property(requests, (asked) => {
        const turned = { ...asked, labels: [...asked.labels].reverse(), gaps: [...asked.gaps].reverse() };
        const first = pairWindows(asked);
        expect(pairWindows(turned)).toEqual(first);
        expect(pairWindows(asked)).toEqual(first);
      }),
      RUNS,
    );
  });

  test("calls positive exactly the paired windows that lie inside a positive label", () => {
    fc.assert(
      fc.property(requests, (asked) => {
        const positives = asked.labels.filter(({ kind, capturedAtMs }) => kind === "positive" && capturedAtMs <= asked.trainingAtMs);
        for (const { windowNo, target } of pairWindows(asked).pairs) {
          const endMs = windowNo * GRID_MS;
          const inside = positives.some((one) => one.startMs <= endMs - GRID_MS && endMs <= one.endMs);
          expect(target).toBe(inside ? 1 : 0);
        }
      }),
      RUNS,
    );
  });
});
