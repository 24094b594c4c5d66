import { expect, test } from "vitest";
import { KEEP, valueOfState } from "../../../src/core/features/state-value.ts";

test.each([
  ["binary_sensor", "on", 1],
  ["binary_sensor", "off", 0],
  ["cover", "open", 1],
  ["cover", "closed", 0],
  ["cover", "opening", KEEP],
  ["cover", "closing", KEEP],
  ["lock", "unlocked", 1],
  ["lock", "locking", KEEP],
  ["person", "home", 1],
  ["person", "not_home", 0],
  ["person", "Work", 0],
  ["media_player", "playing", 1],
  ["media_player", "paused", 0],
  ["media_player", "standby", 0],
  ["person", "unknown", Number.NaN],
  ["light", "unavailable", Number.NaN],
  ["binary_sensor", "", Number.NaN],
  ["binary_sensor", "perhaps", Number.NaN],
])("a %s that is %s reads %d", (domain, state, value) => {
  expect(valueOfState("binary", domain, state)).toBe(value);
});

test.each([
  ["21.5", 21.5],
  ["-0", 0],
  ["1e3", 1000],
  ["unavailable", Number.NaN],
  ["", Number.NaN],
  ["  ", Number.NaN],
  ["Infinity", Number.NaN],
  ["21,5", Number.NaN],
])("a number written %j reads %d", (state, value) => {
  expect(valueOfState("numeric", "sensor", state)).toBe(value);
});
