import { describe, expect, test } from "vitest";
import { guardAgainstLeakage, type LeakageQuestion, type PairedRow, type SampledRow } from "../../../src/core/pairs/leakage.ts";
import { evenSample, telltaleRows } from "../../../src/core/pairs/sample.ts";
import { GRID_MS } from "./asking.ts";

/** Events of one sensor: one at the middle of each window, some of which this app learned of late. */
const EVENTS = Array.from({ length: 200 }, (_, i) => {
  const occurredAtMs = (i + 0.5) * GRID_MS;
  return { occurredAtMs, knownAtMs: i % 50 === 49 ? occurredAtMs + 100 * GRID_MS : occurredAtMs, value: (i * 37) % 11 };
});
const TRAINING_AT_MS = 120 * GRID_MS;

/** The feature "sum of the last hour", told what it may see. */
function sum(untilMs: number, knownUntilMs: number): number {
  const seen = EVENTS.filter(
    ({ occurredAtMs, knownAtMs }) => occurredAtMs < untilMs && occurredAtMs >= untilMs - 12 * GRID_MS && knownAtMs <= knownUntilMs,
  );
  return seen.reduce((total, { value }) => total + value, 0);
}

function sample(sumOf: (windowNo: number) => number | null): SampledRow[] {
  return evenSample(90, 30).map((index) => ({ windowNo: index + 1, values: [sumOf(index + 1), null] }));
}

const ROW: PairedRow = { windowNo: 40, availableAtMs: 40 * GRID_MS, labelEndMs: 100 * GRID_MS, labelCapturedAtMs: 101 * GRID_MS };

function question(more: Partial<LeakageQuestion> = {}): LeakageQuestion {
  return {
    features: [
      { name: "sensor.a:sum:60m", entityIds: ["sensor.a"] },
      { name: "clock:hour_sin", entityIds: [] },
    ],
    rows: Array.from({ length: 90 }, (_, i) => ({ ...ROW, windowNo: i + 1, availableAtMs: (i + 1) * GRID_MS })),
    sample: sample((windowNo) => sum(windowNo * GRID_MS, TRAINING_AT_MS)),
    undecidedRows: 0,
    gridMs: GRID_MS,
    trainingAtMs: TRAINING_AT_MS,
    labelHelperIds: new Set(["input_datetime.sleep_start", "input_datetime.sleep_end"]),
    folds: [
      { trainDays: [1, 2, 3], testDays: [4] },
      { trainDays: [1, 2, 4], testDays: [3] },
    ],
    derive: (windowNo) => [sum(windowNo * GRID_MS, TRAINING_AT_MS), null],
    ...more,
  };
}

/** All rows honest but one, wherever it stands. */
const oneOf = (row: Partial<PairedRow>): Partial<LeakageQuestion> => ({
  rows: [...question().rows].map((honest, i) => (i === 57 ? { ...honest, ...row } : honest)),
});

test("honest data passes", () => {
  expect(guardAgainstLeakage(question())).toEqual({ ok: true, derivedRows: 30, undecidedRows: 0 });
});

test("rows whose events are gone are left undecided and counted", () => {
  const derive = (windowNo: number) => (windowNo <= 45 ? null : [sum(windowNo * GRID_MS, TRAINING_AT_MS), null]);
  expect(guardAgainstLeakage(question({ derive, undecidedRows: 7 }))).toEqual({ ok: true, derivedRows: 15, undecidedRows: 22 });
});

describe("a planted leak is refused", () => {
  const refusal = (more: Partial<LeakageQuestion>) => {
    const answer = guardAgainstLeakage(question(more));
    return answer.ok ? "passed" : answer.reason;
  };

  test("a feature that reads past the end of its window", () => {
    expect(refusal({ sample: sample((windowNo) => sum((windowNo + 1) * GRID_MS, TRAINING_AT_MS)) })).toBe("differs when derived again");
  });

  test("a feature that saw an event before this app knew it", () => {
    expect(refusal({ sample: sample((windowNo) => sum(windowNo * GRID_MS, Number.POSITIVE_INFINITY)) })).toBe("differs when derived again");
  });

  test("a value where nothing was known, or nothing where a value was, or a row too short", () => {
    const honest = question();
    const spoil = (values: (number | null)[]) => refusal({ sample: [{ ...honest.sample[3]!, values }] });
    expect(spoil([honest.sample[3]!.values[0]!, 0])).toBe("differs when derived again");
    expect(spoil([null, null])).toBe("differs when derived again");
    expect(spoil([honest.sample[3]!.values[0]!])).toBe("differs when derived again");
    expect(spoil([...honest.sample[3]!.values])).toBe("passed");
  });

  test("a feature computed from a label helper, or from an attribute of one", () => {
    const reads = (entityId: string) => refusal({ features: [{ name: "x", entityIds: ["sensor.a", entityId] }, question().features[1]!] });
    expect(reads("input_datetime.sleep_end")).toBe("reads a label helper");
    expect(reads("input_datetime.sleep_end#timestamp")).toBe("reads a label helper");
    expect(reads("input_datetime.alarm")).toBe("passed");
  });

  test("a single window past its label, among honest ones", () => {
    expect(refusal(oneOf({ windowNo: 100, labelEndMs: 100 * GRID_MS - 1 }))).toBe("window after its label");
    expect(refusal(oneOf({ windowNo: 100, labelEndMs: 100 * GRID_MS }))).toBe("passed");
  });

  test("a day shared by train and test in any fold", () => {
    const honest = { trainDays: [1, 2], testDays: [3] };
    expect(refusal({ folds: [honest, { trainDays: [1, 2, 3], testDays: [7, 3] }] })).toBe("shares a day");
    expect(refusal({ folds: [honest, { trainDays: [1, 2, 3], testDays: [7] }] })).toBe("passed");
  });

  test("a single row or label that was not known when the training began", () => {
    expect(refusal(oneOf({ availableAtMs: TRAINING_AT_MS + 1 }))).toBe("row not yet available");
    expect(refusal(oneOf({ labelCapturedAtMs: TRAINING_AT_MS + 1 }))).toBe("label not yet known");
    expect(refusal(oneOf({ availableAtMs: Number.NaN }))).toBe("row not yet available");
    expect(refusal(oneOf({ labelEndMs: Number.NEGATIVE_INFINITY }))).toBe("window after its label");
  });
});

describe("the rows that are derived again", () => {
  const windowNos = Array.from({ length: 3000 }, (_, i) => i + 1);

  test("hold the only change of every feature, however seldom it changes", () => {
    const changes = [17, 1203, 1204, 2222, 2990];
    const chosen = new Set(telltaleRows(windowNos, changes.length, (j) => windowNos.map((no) => (no > changes[j]! ? 1 : 0)), 16));
    expect(changes.filter((at) => !chosen.has(at))).toEqual([]);
    expect(chosen.size).toBeLessThanOrEqual(16 * 6);
  });

  test("take no pause for a neighbour, and are spread evenly where nothing changes", () => {
    const gappy = windowNos.map((no) => no * 2);
    const chosen = telltaleRows(gappy, 1, () => gappy, 4);
    expect([chosen[0], chosen.at(-1), chosen.length]).toEqual([0, 2999, 24]);
    expect(telltaleRows([], 3, () => [], 4)).toEqual([]);
  });
});

test("an even sample holds the first and the last row, each once", () => {
  expect(evenSample(5, 10)).toEqual([0, 1, 2, 3, 4]);
  expect(evenSample(101, 5)).toEqual([0, 25, 50, 75, 100]);
  expect(evenSample(7, 1)).toEqual([6]);
  expect(evenSample(0, 4)).toEqual([]);
  expect(new Set(evenSample(1000, 999)).size).toBe(999);
});
