import fc from "fast-check";
import { expect, test } from "vitest";
import { computeWindows, type Windows } from "../../../src/core/features/compute.ts";
import { lookBackMs, reachByEntity } from "../../../src/core/features/definition.ts";
import { createTimeline } from "../../../src/core/features/timeline.ts";
import {
  arbitraryOffset,
  arbitraryScene,
  BED,
  compute,
  count,
  EVERY_KIND,
  GRID,
  kindOf,
  LUX,
  level,
  MOTION,
  onFraction,
  row,
  type Scene,
  since,
  timelinesOf,
} from "./home.ts";

const { reachMs, holdLastMs } = lookBackMs(EVERY_KIND);

/** Bits, so that NaN equals NaN and 0 differs from -0. */
const bitsOf = (windows: Windows): unknown => [windows.values.map(bits), windows.coverage, bits(windows.availableAtMs)];
const bits = (column: Float64Array): bigint[] => [...new BigUint64Array(column.buffer, column.byteOffset, column.length)];

function joined(parts: readonly Windows[]): Windows {
  const join = <Column extends { length: number }>(columns: readonly Column[], make: (all: number[]) => Column): Column =>
    make(columns.flatMap((column) => Array.from(column as unknown as ArrayLike<number>)));
  return {
    values: parts[0]!.values.map((_, i) =>
      join(
        parts.map((part) => part.values[i]!),
        (all) => Float64Array.from(all),
      ),
    ),
    coverage: parts[0]!.coverage.map((_, i) =>
      join(
        parts.map((part) => part.coverage[i]!),
        (all) => Uint8Array.from(all),
      ),
    ),
    availableAtMs: join(
      parts.map((part) => part.availableAtMs),
      (all) => Float64Array.from(all),
    ),
  };
}

test("windows computed in pieces have the very bits of windows computed at once", () => {
  fc.assert(
    fc.property(
      arbitraryScene,
      arbitraryOffset,
      fc.integer({ min: 1, max: 40 }),
      fc.integer({ min: 1, max: 40 }),
      (scene, offset, first, second) => {
        const from = scene.focusNo + offset - first;
        const whole = compute(scene, EVERY_KIND, from, from + first + second - 1);
        const parts = [
          compute(scene, EVERY_KIND, from, from + first - 1),
          compute(scene, EVERY_KIND, from + first, from + first + second - 1),
        ];
        expect(bitsOf(joined(parts))).toEqual(bitsOf(whole));
      },
    ),
    { numRuns: 150 },
  );
});

test("events at or after a window's end change nothing of it, not even when it is available", () => {
  fc.assert(
    fc.property(arbitraryScene, arbitraryOffset, (scene, offset) => {
      const windowNo = scene.focusNo + offset;
      const before = { ...scene, rows: scene.rows.filter((each) => each.atUs < windowNo * GRID * 1000) };
      expect(bitsOf(compute(before, EVERY_KIND, windowNo, windowNo))).toEqual(bitsOf(compute(scene, EVERY_KIND, windowNo, windowNo)));
    }),
    { numRuns: 150 },
  );
});

test("events older than the look-back change nothing", () => {
  fc.assert(
    fc.property(arbitraryScene, arbitraryOffset, (scene, offset) => {
      const windowNo = scene.focusNo + offset;
      const fromUs = (windowNo * GRID - reachMs - holdLastMs) * 1000;
      const young = { ...scene, rows: scene.rows.filter((each) => each.atUs >= fromUs) };
      expect(bitsOf(compute(young, EVERY_KIND, windowNo, windowNo + 3))).toEqual(
        bitsOf(compute(scene, EVERY_KIND, windowNo, windowNo + 3)),
      );
    }),
    { numRuns: 150 },
  );
});

test("rows forgotten by a live timeline change nothing of later windows", () => {
  fc.assert(
    fc.property(arbitraryScene, arbitraryOffset, (scene, offset) => {
      const windowNo = scene.focusNo + offset;
      const reaches = reachByEntity(EVERY_KIND);
      const timelines = new Map(
        [
          ...Map.groupBy(
            [...scene.rows].sort((a, b) => a.atUs - b.atUs),
            ({ entityId }) => entityId,
          ),
        ].map(([entityId, rows]) => {
          const builder = createTimeline(entityId, kindOf(entityId), 1);
          const fromUs = (windowNo * GRID - GRID - reaches.get(entityId)!) * 1000;
          rows.forEach((each, i) => {
            if (i % 3 === 0) builder.dropBefore(Math.min(fromUs, each.atUs));
            builder.push(each.atUs, each.state, each.knownAtMs, each.source);
          });
          builder.dropBefore(fromUs);
          return [entityId, builder.timeline()];
        }),
      );
      const live = computeWindows({
        definitions: EVERY_KIND,
        timelines,
        fromNo: windowNo,
        toNo: windowNo,
        gridMs: GRID,
        knownFromMs: scene.knownFromMs,
        gaps: scene.gaps,
      });
      expect(bitsOf(live)).toEqual(bitsOf(compute(scene, EVERY_KIND, windowNo, windowNo)));
    }),
    { numRuns: 150 },
  );
});

test("an entity and features that have nothing to do with a feature leave its bits alone", () => {
  const some = [onFraction(30, BED), since("activity", [MOTION], [MOTION]), count(60, [BED]), level("slope", 60)];
  fc.assert(
    fc.property(arbitraryScene, arbitraryOffset, (scene, offset) => {
      const windowNo = scene.focusNo + offset;
      const alone = { ...scene, rows: scene.rows.filter(({ entityId }) => [BED, MOTION, LUX].includes(entityId)) };
      const few = compute(alone, some, windowNo, windowNo + 2);
      const all = compute(scene, [...EVERY_KIND, ...some], windowNo, windowNo + 2);
      expect(few.values.map(bits)).toEqual(all.values.slice(EVERY_KIND.length).map(bits));
      expect(few.coverage).toEqual(all.coverage.slice(EVERY_KIND.length));
    }),
    { numRuns: 100 },
  );
});

test("only what was known when a row became available decides its values", () => {
  fc.assert(
    fc.property(arbitraryScene, arbitraryOffset, (scene, offset) => {
      const windowNo = scene.focusNo + offset;
      const whole = compute(scene, EVERY_KIND, windowNo, windowNo);
      const knownAt = (each: Scene["rows"][number]): number => each.knownAtMs ?? each.atUs / 1000;
      const known = { ...scene, rows: scene.rows.filter((each) => knownAt(each) <= whole.availableAtMs[0]!) };
      expect(bitsOf(compute(known, EVERY_KIND, windowNo, windowNo))).toEqual(bitsOf(whole));
      expect(whole.availableAtMs[0]!).toBeGreaterThanOrEqual(windowNo * GRID);
    }),
    { numRuns: 300 },
  );
});

test("values are bounded, covered values are numbers, and what is not covered is never a number", () => {
  fc.assert(
    fc.property(arbitraryScene, arbitraryOffset, fc.constantFrom(0.01, 0.5, 1), (scene, offset, minimumCoverage) => {
      const windows = compute(scene, EVERY_KIND, scene.focusNo + offset, scene.focusNo + offset, minimumCoverage);
      EVERY_KIND.forEach((definition, i) => {
        const value = windows.values[i]![0]!;
        const covered = windows.coverage[i]![0]! >= minimumCoverage * 100;
        expect(Number.isNaN(value), definition.name).toBe(!covered);
        if (!covered) return;
        if (definition.kind === "minutes_since" || definition.kind === "left_by_door") expect(value).toBeLessThanOrEqual(6.582026); // log(1 + 720)
        if (definition.kind === "on_fraction" || definition.kind === "away") expect(value).toBeLessThanOrEqual(1);
        if (definition.kind === "silent_hours") expect(value).toBeLessThanOrEqual(12);
        if (definition.kind !== "level" && definition.kind !== "clock_wave" && definition.kind !== "state_now")
          expect(value).toBeGreaterThanOrEqual(0);
      });
    }),
    { numRuns: 150 },
  );
});

test("a horizon that is no multiple of the grid is refused", () => {
  expect(() => compute({ rows: [], gaps: [], knownFromMs: 0 }, [onFraction(7, BED)], 1, 1)).toThrow(RangeError);
});

test("a timeline refuses rows that are not later than the one before", () => {
  expect(() => timelinesOf([row(BED, 1000, "on"), row(BED, 1000, "off")])).toThrow(RangeError);
});
