import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countShapeAt, flatCountShape, learnCountShape, noteCount } from "../../../src/core/changes/count-shape.ts";
import { believableContrast } from "../../../src/core/changes/day-types.ts";
import { learnLevelShape, levelShapeAt, noteLevel } from "../../../src/core/changes/level-shape.ts";
import { autoregression, lagOneCorrelation, median, robustScale, trimmedMean } from "../../../src/core/changes/robust.ts";
import { type Slot, slotOf } from "../../../src/core/changes/slot.ts";
import { createZone, HOUR_MS } from "../../../src/core/time.ts";
import { seeded } from "./models.ts";

/** The slots of whole days; day 0 is a Monday. */
function slotsOf(days: number): Slot[] {
  return Array.from({ length: 24 * days }, (_, t) => {
    const day = Math.floor(t / 24);
    return { day, hour: t % 24, weekend: day % 7 >= 5 ? 1 : 0 };
  });
}
const swing = (hour: number) => 3 * Math.sin((2 * Math.PI * hour) / 24);
const weekMean = (of: (slot: Slot) => number): number =>
  slotsOf(7)
    .map(of)
    .reduce((sum, value) => sum + value, 0) / 168;

describe("the shape of a level", () => {
  test("is learned from two weeks, without the level itself", () => {
    const random = seeded(1);
    const slots = slotsOf(14);
    const shape = learnLevelShape(
      slots,
      slots.map((slot) => 50 + swing(slot.hour) + 0.2 * random.normal()),
    );
    for (const slot of slotsOf(7)) expect(Math.abs(levelShapeAt(shape, slot) - swing(slot.hour))).toBeLessThan(0.25);
    expect(weekMean((slot) => levelShapeAt(shape, slot))).toBeCloseTo(0, 5);
    expect(Math.abs(shape.spread[0]! - 0.2)).toBeLessThan(0.04);
  });

  test("does not take in a change of the level, on whatever day it comes", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), fc.double({ min: -20, max: 20, noNaN: true }), (changeDay, change) => {
        const slots = slotsOf(44);
        const shape = learnLevelShape(
          slots.slice(0, 24 * 14),
          slots.slice(0, 24 * 14).map((slot) => swing(slot.hour)),
        );
        for (const slot of slots.slice(24 * 14)) noteLevel(shape, slot, swing(slot.hour) + (slot.day >= 14 + changeDay ? change : 0), 0.05);
        expect(weekMean((slot) => levelShapeAt(shape, slot))).toBeCloseTo(0, 4);
        // Within a week a step may look like a weekend; what is left of that fades with the weeks.
        for (const slot of slotsOf(7)) {
          expect(Math.abs(levelShapeAt(shape, slot) - swing(slot.hour))).toBeLessThan(0.2 * Math.abs(change) + 1e-4);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("follows a rhythm that moves, and a weekend that differs", () => {
    const slots = slotsOf(200);
    const later = (slot: Slot) => swing(slot.hour + 2) + (slot.weekend === 1 ? 1.4 : 0);
    const shape = learnLevelShape(
      slots.slice(0, 24 * 14),
      slots.slice(0, 24 * 14).map((slot) => swing(slot.hour)),
    );
    for (const slot of slots.slice(24 * 14)) noteLevel(shape, slot, later(slot), 0.05);
    for (const slot of slotsOf(7)) expect(Math.abs(levelShapeAt(shape, slot) - (later(slot) - 0.4))).toBeLessThan(0.15);
  });

  test("learns no more from a freak hour than from a bad one", () => {
    const slots = slotsOf(15);
    const random = seeded(2);
    const values = slots.map((slot) => swing(slot.hour) + 0.2 * random.normal());
    const learned = () => learnLevelShape(slots.slice(0, 24 * 14), values.slice(0, 24 * 14));
    const learnedFrom = (freak: number) => {
      const shape = learned();
      for (const [t, slot] of slots.slice(24 * 13).entries()) noteLevel(shape, slot, t === 7 ? freak : swing(slot.hour), 0.05);
      return levelShapeAt(shape, slots[7]!);
    };
    expect(learnedFrom(1e6)).toBeCloseTo(learnedFrom(100), 6);
    expect(Math.abs(learnedFrom(1e6) - swing(7))).toBeLessThan(0.25);
  });
});

describe("the shape of a count", () => {
  const busy = (slot: Slot) => (slot.hour < 6 ? 0.02 : 1.3) * (slot.weekend === 1 ? 1.5 : 1);

  test("is learned from two weeks, with a mean of 1 over the week", () => {
    const random = seeded(3);
    const slots = slotsOf(14);
    const shape = learnCountShape(
      slots,
      slots.map((slot) => random.poisson(20 * busy(slot))),
      slots.map(() => 1),
    );
    expect(weekMean((slot) => countShapeAt(shape, slot))).toBeCloseTo(1, 3);
    const centre = weekMean(busy);
    for (const slot of slotsOf(7)) expect(Math.abs(countShapeAt(shape, slot) - busy(slot) / centre)).toBeLessThan(0.25);
  });

  test("does not take in a change of the rate", () => {
    const slots = slotsOf(60);
    const early = slots.slice(0, 24 * 14);
    const shape = learnCountShape(
      early,
      early.map((slot) => 10 * busy(slot)),
      early.map(() => 1),
    );
    const before = slotsOf(7).map((slot) => countShapeAt(shape, slot));
    for (const slot of slots.slice(24 * 14)) noteCount(shape, slot, 30 * busy(slot), 1, 0.05);
    expect(weekMean((slot) => countShapeAt(shape, slot))).toBeCloseTo(1, 3);
    for (const [k, slot] of slotsOf(7).entries()) expect(Math.abs(countShapeAt(shape, slot) - before[k]!)).toBeLessThan(0.1);
  });

  test("follows a weekend that becomes busier", () => {
    const slots = slotsOf(300);
    const early = slots.slice(0, 24 * 14);
    const shape = learnCountShape(
      early,
      early.map(() => 10),
      early.map(() => 1),
    );
    for (const slot of slots.slice(24 * 14)) noteCount(shape, slot, slot.weekend === 1 ? 20 : 10, 1, 0.05);
    const [work, free] = [slots[10]!, slots[24 * 5 + 10]!];
    expect(Math.abs(countShapeAt(shape, free) / countShapeAt(shape, work) - 2)).toBeLessThan(0.1);
  });

  test("expects something of every hour, even if nothing ever came", () => {
    const slots = slotsOf(14);
    const shape = learnCountShape(
      slots,
      slots.map((slot) => (slot.hour === 12 ? 100 : 0)),
      slots.map(() => 1),
    );
    for (const slot of slotsOf(7)) expect(countShapeAt(shape, slot)).toBeGreaterThan(0);
    expect(countShapeAt(flatCountShape(), { day: 0, hour: 3, weekend: 1 })).toBe(1);
  });
});

describe("small statistics", () => {
  const some = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 50 });

  test("the middle is not moved by one freak of twenty", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1, max: 1, noNaN: true }), { minLength: 19, maxLength: 19 }), (values) => {
        expect(Math.abs(median([...values, 1e9]))).toBeLessThanOrEqual(1);
        expect(Math.abs(trimmedMean([...values, 1e9]))).toBeLessThanOrEqual(1);
        expect(robustScale([...values, 1e9], 0)).toBeLessThanOrEqual(1.4826);
      }),
    );
  });

  test("order does not matter to the middle, and it lies within the values", () => {
    fc.assert(
      fc.property(some, (values) => {
        expect(median([...values].reverse())).toBe(median(values));
        for (const middle of [median(values), trimmedMean(values)]) {
          expect(middle).toBeGreaterThanOrEqual(Math.min(...values) - 1e-6);
          expect(middle).toBeLessThanOrEqual(Math.max(...values) + 1e-6);
        }
      }),
    );
  });

  test("the coefficient of an AR(1) process is found, across holes", () => {
    const random = seeded(5);
    let level = 0;
    const values = Array.from({ length: 4000 }, (_, t) => {
      level = 0.6 * level + random.normal();
      return t % 11 === 0 ? Number.NaN : level;
    });
    expect(Math.abs(autoregression(values, 0) - 0.6)).toBeLessThan(0.04);
    expect(lagOneCorrelation([1, 1, 1], 1)).toBe(0);
  });

  test("a weekend that differs by chance alone counts for nothing, one that differs a lot for nearly all", () => {
    const week = [0, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 0, 1, 1] as const;
    const wobble = week.map((_, k) => (k % 2 === 0 ? 0.5 : -0.5));
    expect(
      believableContrast(
        week,
        week.map((weekend, k) => 0.1 * weekend + wobble[k]!),
      ),
    ).toBe(0);
    const clear = believableContrast(
      week,
      week.map((weekend, k) => 8 * weekend + wobble[k]!),
    );
    expect(Math.abs(clear - 8)).toBeLessThan(0.2);
  });

  test("an hour belongs to the local day in which it begins", () => {
    const berlin = createZone("Europe/Berlin");
    // 22:00 to 23:00 UTC of Friday 3 January 2025 is the last hour of that day in Berlin.
    const hour = Date.UTC(2025, 0, 3, 23) / HOUR_MS;
    expect(slotOf(berlin, hour)).toMatchObject({ hour: 23, weekend: 0 });
    expect(slotOf(berlin, hour + 1)).toMatchObject({ hour: 0, weekend: 1, day: slotOf(berlin, hour).day + 1 });
  });
});
