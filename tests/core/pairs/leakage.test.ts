import { describe, expect, test } from "vitest";
import { evenSample, guardAgainstLeakage, type LeakageQuestion, type SampledRow } from "../../../src/core/pairs/leakage.ts";
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

function rows(sumOf: (windowNo: number) => number | null): SampledRow[] {
  return evenSample(90, 30).map((index) => ({
    windowNo: index + 1,
    values: [sumOf(index + 1), null],
    availableAtMs: (index + 1) * GRID_MS,
    labelEndMs: 100 * GRID_MS,
    labelCapturedAtMs: 101 * GRID_MS,
  }));
}

function question(more: Partial<LeakageQuestion> = {}): LeakageQuestion {
  return {
    features: [
      { name: "sensor.a:sum:60m", entityIds: ["sensor.a"] },
      { name: "clock:hour_sin", entityIds: [] },
    ],
    rows: rows((windowNo) => sum(windowNo * GRID_MS, TRAINING_AT_MS)),
    gridMs: GRID_MS,
    trainingAtMs: TRAINING_AT_MS,
    labelHelperIds: new Set(["input_datetime.sleep_start", "input_datetime.sleep_end"]),
    trainDays: [1, 2, 3],
    testDays: [4],
    derive: (windowNo) => [sum(windowNo * GRID_MS, TRAINING_AT_MS), null],
    ...more,
  };
}

test("honest data passes", () => {
  expect(guardAgainstLeakage(question())).toEqual({ ok: true, derivedRows: 30, undecidedRows: 0 });
});

test("rows whose events are gone are left undecided and counted", () => {
  const derive = (windowNo: number) => (windowNo <= 45 ? null : [sum(windowNo * GRID_MS, TRAINING_AT_MS), null]);
  expect(guardAgainstLeakage(question({ derive }))).toEqual({ ok: true, derivedRows: 15, undecidedRows: 15 });
});

describe("a planted leak is refused", () => {
  const refusal = (more: Partial<LeakageQuestion>) => {
    const answer = guardAgainstLeakage(question(more));
    return answer.ok ? "passed" : answer.reason;
  };

  test("a feature that reads past the end of its window", () => {
    expect(refusal({ rows: rows((windowNo) => sum((windowNo + 1) * GRID_MS, TRAINING_AT_MS)) })).toBe("differs when derived again");
  });

  test("a feature that saw an event before this app knew it", () => {
    expect(refusal({ rows: rows((windowNo) => sum(windowNo * GRID_MS, Number.POSITIVE_INFINITY)) })).toBe("differs when derived again");
  });

  test("a value where nothing was known, or nothing where a value was, or a row too short", () => {
    const honest = question();
    const spoil = (values: (number | null)[]) => refusal({ rows: [{ ...honest.rows[3]!, values }] });
    expect(spoil([honest.rows[3]!.values[0]!, 0])).toBe("differs when derived again");
    expect(spoil([null, null])).toBe("differs when derived again");
    expect(spoil([honest.rows[3]!.values[0]!])).toBe("differs when derived again");
    expect(spoil([...honest.rows[3]!.values])).toBe("passed");
  });

  test("a feature computed from a label helper, or from an attribute of one", () => {
    const reads = (entityId: string) => refusal({ features: [{ name: "x", entityIds: ["sensor.a", entityId] }, question().features[1]!] });
    expect(reads("input_datetime.sleep_end")).toBe("reads a label helper");
    expect(reads("input_datetime.sleep_end#timestamp")).toBe("reads a label helper");
    expect(reads("input_datetime.alarm")).toBe("passed");
  });

  test("a window past its label", () => {
    const [row] = question().rows;
    const end = row!.windowNo * GRID_MS;
    expect(refusal({ rows: [{ ...row!, labelEndMs: end - 1 }] })).toBe("window after its label");
    expect(refusal({ rows: [{ ...row!, labelEndMs: end }] })).toBe("passed");
  });

  test("a day shared by train and test", () => {
    expect(refusal({ testDays: [7, 3] })).toBe("shares a day");
  });

  test("a row or a label that was not known when the training began", () => {
    const [row] = question().rows;
    expect(refusal({ rows: [{ ...row!, availableAtMs: TRAINING_AT_MS + 1 }] })).toBe("row not yet available");
    expect(refusal({ rows: [{ ...row!, labelCapturedAtMs: TRAINING_AT_MS + 1 }] })).toBe("label not yet known");
    expect(refusal({ rows: [{ ...row!, availableAtMs: Number.NaN }] })).toBe("row not yet available");
  });
});

test("an even sample holds the first and the last row, each once", () => {
  expect(evenSample(5, 10)).toEqual([0, 1, 2, 3, 4]);
  expect(evenSample(101, 5)).toEqual([0, 25, 50, 75, 100]);
  expect(evenSample(7, 1)).toEqual([6]);
  expect(evenSample(0, 4)).toEqual([]);
  expect(new Set(evenSample(1000, 999)).size).toBe(999);
});
