import { expect, test } from "vitest";
import { CHANGE, COARSE, createTimeline, REPEATED_ON } from "../../../src/core/features/timeline.ts";

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

test("anchors and statistics are no changes, but the next state is compared with them", () => {
  const builder = createTimeline("sensor.lux", "numeric");
  builder.push(1, "5", null, "anchor");
  builder.push(2, "6", null, "history");
  builder.push(3, "7", null, "statistics");
  builder.push(4, "7", null, "live");
  builder.push(5, "8", null, "live");
  expect([...builder.timeline().flags.subarray(0, 5)]).toEqual([0, CHANGE, COARSE, 0, CHANGE]);
});

test("rows that were dropped still decide whether the next one is a change", () => {
  const builder = built(["on", "off", "on", "off", "on", "off", "on"], 7);
  expect(builder.timeline().length).toBe(1);
  builder.dropBefore(9 * HOUR_US);
  expect(builder.timeline().length).toBe(0);
  builder.push(9 * HOUR_US, "off", null, "live");
  builder.push(10 * HOUR_US, "off", null, "live");
  const { atUs, flags } = builder.timeline();
  expect([atUs[0], flags[0], flags[1]]).toEqual([9 * HOUR_US, CHANGE, 0]);
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
