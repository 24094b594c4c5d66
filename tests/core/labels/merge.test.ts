import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Label, LabelKind } from "../../../src/core/labels/label.ts";
import { mergeLabels, sayLabels } from "../../../src/core/labels/merge.ts";
import { negativeSpan, subtractSpans } from "../../../src/core/labels/span.ts";
import { HOUR_MS } from "../../../src/core/time.ts";
import { applyMerge, removeByHand, type Shelf } from "./shelf.ts";
import { active, amsterdam, FRESH, type Told, tell } from "./telling.ts";

const EMPTY: Shelf = { current: [], past: [] };

function label(startHour: number, endHour: number, saidHour: number, kind: LabelKind = "positive", source = "panel"): Label {
  const endMs = endHour * HOUR_MS;
  return {
    startMs: startHour * HOUR_MS,
    endMs,
    localDate: amsterdam.dateAt(endMs),
    timeZone: amsterdam.timeZone,
    kind,
    source,
    capturedAtMs: Math.max(endMs, saidHour * HOUR_MS),
    rawStart: null,
    rawEnd: null,
    saidBy: null,
    status: "active",
    reason: null,
  };
}
const say = (shelf: Shelf, ...labels: Label[]): Shelf => applyMerge(shelf, sayLabels(labels), 0);
const hours = (shelf: Shelf): string[] => active(shelf).map(({ startMs, endMs }) => `${startMs / HOUR_MS}-${endMs / HOUR_MS}`);

describe("a new label", () => {
  test("replaces those it overlaps, names why, and leaves the others", () => {
    const before = say(EMPTY, label(0, 8, 9), label(14, 15, 16));
    const { replaced, added } = mergeLabels(before, sayLabels([label(1, 9, 20)]));
    expect(replaced.map(({ label: { startMs }, reason }) => [startMs, reason])).toEqual([[0, "replaced by a later label"]]);
    expect(added).toEqual([label(1, 9, 20)]);
  });

  test("that only touches another one stands beside it", () => {
    expect(hours(say(EMPTY, label(0, 8, 9), label(8, 9, 20)))).toEqual(["0-8", "8-9"]);
  });

  test("that was said earlier does not displace a later one, although it arrives after it", () => {
    expect(hours(say(say(EMPTY, label(0, 8, 30)), label(1, 9, 20)))).toEqual(["0-8"]);
  });

  test("removed by hand stays away when the same is said again, and comes back when it is said anew", () => {
    const removed = removeByHand(say(EMPTY, label(0, 8, 9)), () => true, 12 * HOUR_MS);
    expect(hours(say(removed, label(0, 8, 9)))).toEqual([]);
    expect(hours(say(removed, label(0, 8, 13)))).toEqual(["0-8"]);
  });

  test("removed by hand does not bring back what it had replaced", () => {
    const corrected = say(say(EMPTY, label(0, 8, 9)), label(1, 9, 10));
    const removed = removeByHand(corrected, ({ status }) => status === "active", 12 * HOUR_MS);
    expect(hours(say(removed, label(0, 8, 9)))).toEqual([]);
    expect(hours(say(removed, label(0, 8, 9), label(1, 9, 10)))).toEqual([]);
  });
});

test("what one label replaced does not come back when that one is replaced in turn", () => {
  const shelf = say(say(say(EMPTY, label(0, 8, 9)), label(7, 12, 13)), label(11, 14, 15));
  expect(hours(shelf)).toEqual(["11-14"]);
  expect(hours(say(shelf, label(0, 8, 9)))).toEqual(["11-14"]);
});

test("a label said again while it stands keeps its first capture", () => {
  const shelf = say(EMPTY, label(0, 8, 9));
  expect(say(shelf, label(0, 8, 20))).toEqual(shelf);
});

describe("an excluded label", () => {
  test("is clipped at labels, in pieces", () => {
    const shelf = say(EMPTY, label(10, 18, 19), label(0, 48, 50, "excluded"));
    expect(hours(shelf)).toEqual(["0-10", "10-18", "18-48"]);
    expect(shelf.past).toEqual([]);
  });

  test("gives way to a label said later and keeps the rest", () => {
    const shelf = say(say(EMPTY, label(0, 48, 50, "excluded")), label(10, 18, 60));
    expect(hours(shelf)).toEqual(["0-10", "10-18", "18-48"]);
    expect(shelf.past.map(({ replacedBy }) => replacedBy)).toEqual(["clipped by another label"]);
  });

  test("carries the local date of each piece's end", () => {
    const shelf = say(EMPTY, label(10, 30, 31), label(0, 100, 101, "excluded"));
    for (const piece of active(shelf)) expect(piece.localDate).toBe(amsterdam.dateAt(piece.endMs));
  });

  test("said again changes nothing, clipped or not", () => {
    const shelf = say(EMPTY, label(10, 18, 19), label(0, 48, 50, "excluded"), label(60, 70, 80, "excluded"));
    expect(say(shelf, label(0, 48, 50, "excluded"), label(60, 70, 90, "excluded"))).toEqual(shelf);
  });

  test("removed by hand stays away when the same is said again", () => {
    const removed = removeByHand(
      say(EMPTY, label(10, 18, 19), label(0, 48, 50, "excluded")),
      ({ kind }) => kind === "excluded",
      60 * HOUR_MS,
    );
    expect(hours(say(removed, label(0, 48, 50, "excluded")))).toEqual(["10-18"]);
    expect(hours(say(removed, label(0, 48, 70, "excluded")))).toEqual(["0-10", "10-18", "18-48"]);
  });
});

describe("a story of helpers", () => {
  const night: readonly Told[] = [
    ...FRESH,
    ["start", "2025-06-01 23:00:00", "2025-06-01 23:00:01"],
    ["end", "2025-06-02 07:00:00", "2025-06-02 07:00:01"],
  ];
  const nap: readonly Told[] = [...night, ["end", "2025-06-02 14:45:00", "2025-06-02 15:00"]];

  test("takes back the half of an entry and restores the night", () => {
    const half = applyMerge(applyMerge(EMPTY, tell(night), 0), tell(nap), 1);
    const whole = applyMerge(half, tell([...nap, ["start", "2025-06-02 14:00:00", "2025-06-02 15:05"]]), 2);
    expect(active(whole).map(({ rawStart, rawEnd }) => [rawStart, rawEnd])).toEqual([
      ["2025-06-01 23:00:00", "2025-06-02 07:00:00"],
      ["2025-06-02 14:00:00", "2025-06-02 14:45:00"],
    ]);
    expect(whole.past.map(({ replacedBy }) => replacedBy)).toEqual(["replaced by a later label", "no longer said"]);
  });

  test("restores the night also when the half had been replaced meanwhile", () => {
    const half = applyMerge(applyMerge(EMPTY, tell(night), 0), tell(nap), 1);
    const hour = (text: string): number => amsterdam.instantOf(text) / HOUR_MS;
    const drawn = say(half, label(hour("2025-06-02 10:00"), hour("2025-06-02 11:00"), hour("2025-06-02 15:02"), "negative"));
    const whole = applyMerge(drawn, tell([...nap, ["start", "2025-06-02 14:00:00", "2025-06-02 15:05"]]), 2);
    expect(active(whole).map(({ startMs }) => amsterdam.hourAt(startMs))).toEqual([23, 10, 14]);
  });

  test("takes back a rejection that it does not tell any more", () => {
    const told: Told[] = [
      ...night,
      ["start", "2025-06-02 23:00:00", "2025-06-02 23:00:01"],
      ["end", "2025-06-01 07:00:00", "2025-06-03 07:00"],
    ];
    const shelf = applyMerge(EMPTY, tell(told), 1);
    expect(shelf.current.map(({ status }) => status)).toEqual(["active", "rejected"]);
    const fetchedLater: Told[] = [
      ...told.slice(0, -1),
      ["end", "2025-06-03 07:00:00", "2025-06-03 06:59:40"],
      ...told.slice(-1),
      ["end", "2025-06-03 07:00:00", "2025-06-03 07:00:20"],
    ];
    expect(applyMerge(shelf, tell(fetchedLater), 2).current.map(({ status }) => status)).toEqual(["active", "active"]);
  });

  test("takes back nothing that was said before it begins to hear, nor labels of another source", () => {
    const old = applyMerge(EMPTY, tell(night), 1);
    const other = tell([
      ["start", "2025-07-01 23:00:00", "2025-07-02 09:00"],
      ["end", "2025-07-02 07:00:00", "2025-07-02 09:00"],
    ]);
    expect(applyMerge(old, other, 2)).toEqual(old);
    const drawn = say(EMPTY, label(0, 8, 9));
    expect(active(applyMerge(drawn, tell(night), 2))).toHaveLength(2);
  });

  test("told by a clock that was set back takes nothing back", () => {
    const shelf = applyMerge(EMPTY, tell(night), 1);
    expect(applyMerge(shelf, tell(night, amsterdam, "2025-06-01 12:00:00"), 2)).toEqual(shelf);
  });

  test("keeps the instants it had when the home moves to another zone", () => {
    const shelf = applyMerge(EMPTY, tell(night), 1);
    const states = tell(night);
    const moved = {
      ...states,
      timeZone: "America/New_York",
      labels: states.labels.map((one) => ({
        ...one,
        timeZone: "America/New_York",
        startMs: one.startMs + 6 * HOUR_MS,
        endMs: one.endMs + 6 * HOUR_MS,
      })),
    };
    expect(applyMerge(shelf, moved, 2)).toEqual(shelf);
  });

  test("stores a rejection once, and drops it when a longer label is allowed", () => {
    const told: Told[] = [
      ...FRESH,
      ["start", "2025-06-01 14:00:00", "2025-06-01 14:00:01"],
      ["end", "2025-06-02 07:00:00", "2025-06-02 07:00:01"],
    ];
    const shelf = applyMerge(EMPTY, tell(told), 1);
    expect(shelf.current.map(({ status, reason }) => [status, reason])).toEqual([["rejected", "too long"]]);
    expect(applyMerge(shelf, tell(told), 2)).toEqual(shelf);
    const rejected = shelf.current[0]!;
    const allowed = { ...tell(told), rejected: [], labels: [{ ...rejected, status: "active" as const, reason: null }] };
    expect(applyMerge(shelf, allowed, 3).current.map(({ status }) => status)).toEqual(["active"]);
  });
});

describe("labels of all kinds, said in any order", () => {
  const any = fc
    .record({
      start: fc.integer({ min: 0, max: 60 }),
      length: fc.integer({ min: 1, max: 20 }),
      said: fc.integer({ min: 0, max: 200 }),
      kind: fc.constantFrom("positive" as const, "negative" as const, "excluded" as const),
    })
    .map(({ start, length, said, kind }) => label(start, start + length, said, kind));
  const many = fc.array(any, { maxLength: 15 });

  test("never leave two active ones that overlap", () => {
    fc.assert(
      fc.property(many, many, (first, second) => {
        const labels = active(say(say(EMPTY, ...first), ...second));
        for (let i = 1; i < labels.length; i++) expect(labels[i]!.startMs).toBeGreaterThanOrEqual(labels[i - 1]!.endMs);
      }),
    );
  });

  test("change nothing when said twice", () => {
    fc.assert(
      fc.property(many, (labels) => {
        const once = say(EMPTY, ...labels);
        expect(say(once, ...labels)).toEqual(once);
      }),
    );
  });

  test("leave the same ones whether said one by one or at once, in any order", () => {
    const known = (shelf: Shelf) =>
      active(shelf)
        .filter(({ kind }) => kind !== "excluded")
        .map(({ startMs, endMs, kind, capturedAtMs }) => [startMs, endMs, kind, capturedAtMs]);
    fc.assert(
      // Distinct instants of saying: of two labels said at once neither is the later.
      fc.property(fc.uniqueArray(any, { maxLength: 12, selector: ({ capturedAtMs }) => capturedAtMs }), (labels) => {
        let shelf = EMPTY;
        for (const one of [...labels].sort((a, b) => a.capturedAtMs - b.capturedAtMs)) shelf = say(shelf, one);
        expect(known(say(EMPTY, ...labels))).toEqual(known(shelf));
      }),
      { numRuns: 500 },
    );
  });

  test("keep a positive or negative label exactly when no later one overlaps it", () => {
    fc.assert(
      fc.property(fc.uniqueArray(any, { maxLength: 12, selector: ({ capturedAtMs }) => capturedAtMs }), (labels) => {
        const firm = labels.filter(({ kind }) => kind !== "excluded");
        const distinct = new Set(firm.map(({ startMs, endMs }) => `${startMs} ${endMs}`)).size === firm.length;
        fc.pre(distinct);
        const expected = firm.filter(
          (one) => !firm.some((two) => two.capturedAtMs > one.capturedAtMs && two.startMs < one.endMs && one.startMs < two.endMs),
        );
        const shown = active(say(EMPTY, ...labels)).filter(({ kind }) => kind !== "excluded");
        expect(shown.map(({ startMs }) => startMs)).toEqual(expected.map(({ startMs }) => startMs).sort((a, b) => a - b));
      }),
    );
  });
});

describe("spans", () => {
  test("a negative day runs from anchor to anchor, also when the clocks change", () => {
    const day = amsterdam.dayAt(amsterdam.instantOf("2025-10-25 12:00"), 12);
    const span = negativeSpan(day, 12, Number.POSITIVE_INFINITY, amsterdam)!;
    expect(span.startMs).toBe(amsterdam.instantOf("2025-10-25 12:00"));
    expect((span.endMs - span.startMs) / HOUR_MS).toBe(25);
  });

  test("a negative day ends where it was said, and is none before it began", () => {
    const day = amsterdam.dayAt(amsterdam.instantOf("2025-06-01 12:00"), 12);
    expect(negativeSpan(day, 12, amsterdam.instantOf("2025-06-02 09:00"), amsterdam)!.endMs).toBe(amsterdam.instantOf("2025-06-02 09:00"));
    expect(negativeSpan(day, 12, amsterdam.instantOf("2025-06-01 12:00"), amsterdam)).toBeNull();
  });

  test("what is left of a span is exactly what no other covers", () => {
    const span = fc
      .tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 12 }))
      .map(([startMs, length]) => ({ startMs, endMs: startMs + length }));
    fc.assert(
      fc.property(span, fc.array(span, { maxLength: 6 }), (whole, others) => {
        const pieces = subtractSpans(whole, others);
        for (let at = -1; at < 45; at++) {
          const inside = (one: { startMs: number; endMs: number }): boolean => one.startMs <= at && at < one.endMs;
          expect(pieces.filter(inside)).toHaveLength(inside(whole) && !others.some(inside) ? 1 : 0);
        }
        for (const piece of pieces) expect(piece.endMs).toBeGreaterThan(piece.startMs);
      }),
    );
  });
});
