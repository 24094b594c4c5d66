import fc from "fast-check";
import { expect, test } from "vitest";
import type { EventSource } from "../../../src/core/events/event.ts";
import { CHANGE, COARSE, createTimeline, REPEATED_ON, type Timeline } from "../../../src/core/features/timeline.ts";

const HOUR_US = 3_600_000_000;

function built(states: readonly string[], drop?: number) {
  const builder = createTimeline("binary_sensor.bed", "binary", 1);
  states.forEach((state, i) => {
    builder.push((i + 1) * HOUR_US, state, null, "live");
  });
  if (drop !== undefined) builder.dropBefore(drop * HOUR_US);
  return builder;
}

test("flags say what is a change and what is a repeated on", () => {
  const { flags, length } = built(["on", "on", "off", "off", "unavailable", "off", "unavailable", "on", "unknown", "on"]).timeline();
  expect([...flags.subarray(0, length)]).toEqual([0, REPEATED_ON, CHANGE, 0, 0, 0, 0, CHANGE, 0, 0]);
});

test("a state on the way is left out, and the one that follows is compared with the one before", () => {
  const builder = createTimeline("cover.blind", "binary");
  ["open", "closing", "closed", "opening", "closed"].forEach((state, i) => {
    builder.push(i + 1, state, null, "live");
  });
  const { value, flags, length } = builder.timeline();
  expect([...value.subarray(0, length)]).toEqual([1, 0, 0]);
  expect([...flags.subarray(0, length)]).toEqual([0, CHANGE, 0]);
});

test("anchors and statistics are no changes; the next state is compared with an anchor and not with a statistic", () => {
  const builder = createTimeline("sensor.lux", "numeric");
  builder.push(1, "5", null, "anchor");
  builder.push(2, "6", null, "history");
  builder.push(3, "7", null, "statistics");
  builder.push(4, "7.5", null, "live");
  builder.push(5, "8", null, "live");
  const { flags, hasCoarse } = builder.timeline();
  expect(Array.from(flags.subarray(0, 5), (flag) => flag & (CHANGE | COARSE))).toEqual([0, CHANGE, COARSE, 0, CHANGE]);
  expect(hasCoarse).toBe(true);
});

test("rows that were dropped still decide whether the next one is a change", () => {
  const builder = built(["on", "off", "on", "off", "on", "off", "on"], 7);
  expect(builder.timeline().length).toBe(1);
  builder.push(9 * HOUR_US, "off", null, "live");
  builder.push(10 * HOUR_US, "off", null, "live");
  const { atUs, flags } = builder.timeline();
  expect([atUs[0], atUs[1], flags[1], flags[2]]).toEqual([7 * HOUR_US, 9 * HOUR_US, CHANGE, 0]);
});

test("the state in force is not dropped, however old; what it replaced is", () => {
  const builder = built(["on", "off", "on", "unavailable"], 900);
  expect([...builder.timeline().atUs.subarray(0, builder.timeline().length)]).toEqual([3 * HOUR_US, 4 * HOUR_US]);
});

test("rows inserted in any order make the very timeline that rows in time order make", () => {
  const rowsOf = fc.uniqueArray(
    fc.record({
      atUs: fc.integer({ min: 1, max: 400 }).map((hours) => hours * HOUR_US),
      state: fc.constantFrom("on", "on", "off", "unavailable", "opening"),
      known: fc.option(fc.integer({ min: 0, max: 2_000_000_000 }), { nil: null }),
      source: fc.constantFrom<EventSource>("live", "history", "statistics", "anchor"),
    }),
    { selector: ({ atUs }) => atUs, maxLength: 40 },
  );
  fc.assert(
    fc.property(
      rowsOf.chain((rows) => fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length }), fc.nat(1))),
      ([rows, shuffled, more]) => {
        const sorted = createTimeline("binary_sensor.bed", "binary", 1);
        for (const row of [...rows].sort((a, b) => a.atUs - b.atUs)) sorted.push(row.atUs, row.state, row.known, row.source);
        const inserted = createTimeline("binary_sensor.bed", "binary", 1);
        for (const row of shuffled) for (let i = 0; i <= more; i++) inserted.insert(row.atUs, row.state, row.known, row.source);
        const cells = (timeline: Timeline): unknown[] =>
          [timeline.atUs, timeline.value, timeline.knownAtMs, timeline.allKnownAtMs, timeline.flags].map((column) => [
            ...column.subarray(0, timeline.length),
          ]);
        expect(cells(inserted.timeline())).toEqual(cells(sorted.timeline()));
      },
    ),
    { numRuns: 200 },
  );
});

test("nothing is moved for the sake of a few rows", () => {
  expect(built(["on", "off", "on", "off", "on", "off"], 3).timeline().length).toBe(6);
});

test("says when all rows so far were known, and whether any was late", () => {
  const builder = createTimeline("binary_sensor.bed", "binary");
  builder.push(1_000_000, "on", null, "history");
  expect(builder.timeline().hasLate).toBe(false);
  builder.push(2_000_000, "off", 9000, "live");
  builder.push(3_000_000, "on", 3500, "live");
  const { knownAtMs, allKnownAtMs, hasLate } = builder.timeline();
  expect([...knownAtMs.subarray(0, 3)]).toEqual([1000, 9000, 3500]);
  expect([...allKnownAtMs.subarray(0, 3)]).toEqual([1000, 9000, 9000]);
  expect(hasLate).toBe(true);
});
