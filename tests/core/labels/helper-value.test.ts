import { describe, expect, test } from "vitest";
import { looksInvented, readHelper } from "../../../src/core/labels/helper-value.ts";
import { amsterdam, losAngeles } from "./telling.ts";

const utc = (text: string): number => Date.parse(text);

describe("the state of a helper", () => {
  const changedAtMs = amsterdam.instantOf("2025-06-02 08:00:00");

  test("with date and time is the wall clock of the home", () => {
    expect(readHelper("2025-06-01 23:10:00", changedAtMs, amsterdam)?.atMs).toBe(utc("2025-06-01T21:10:00Z"));
    expect(readHelper("2025-06-01 23:10", changedAtMs, losAngeles)?.atMs).toBe(utc("2025-06-02T06:10:00Z"));
  });

  test("with a date alone is that day's midnight", () => {
    expect(readHelper("2025-06-01", changedAtMs, amsterdam)?.atMs).toBe(utc("2025-05-31T22:00:00Z"));
  });

  test("with a time alone lies on the day of the change, or the day before when it would lie ahead", () => {
    expect(readHelper("07:05:00", changedAtMs, amsterdam)?.atMs).toBe(amsterdam.instantOf("2025-06-02 07:05"));
    expect(readHelper("23:10:00", changedAtMs, amsterdam)?.atMs).toBe(amsterdam.instantOf("2025-06-01 23:10"));
  });

  test("with a time alone that was rounded up to the next minutes still means today", () => {
    expect(readHelper("08:05:00", changedAtMs, amsterdam)?.atMs).toBe(amsterdam.instantOf("2025-06-02 08:05"));
    expect(readHelper("08:06:00", changedAtMs, amsterdam)?.atMs).toBe(amsterdam.instantOf("2025-06-01 08:06"));
  });

  test("that rolls back over a change of the clocks keeps its wall-clock time", () => {
    const morningAfter = amsterdam.instantOf("2025-10-26 08:00");
    expect(readHelper("22:30:00", morningAfter, amsterdam)?.atMs).toBe(utc("2025-10-25T20:30:00Z"));
  });

  test("with its own offset is that instant", () => {
    expect(readHelper("2025-06-02T05:00:00.250+00:00", changedAtMs, amsterdam)?.atMs).toBe(utc("2025-06-02T05:00:00.250Z"));
  });

  test.each(["unknown", "unavailable", "", "None", "on", "2025-13-01 00:00:00", "2025-02-30", "25:00:00", "07", "tomorrow 07:00"])(
    "%j carries no value",
    (state) => {
      expect(readHelper(state, changedAtMs, amsterdam)).toBeNull();
    },
  );

  test("in the hour that spring skips moves forward", () => {
    expect(readHelper("2025-03-30 02:30:00", amsterdam.instantOf("2025-03-30 08:00"), amsterdam)).toEqual({
      atMs: utc("2025-03-30T01:30:00Z"),
      laterMs: null,
    });
  });

  test("in the hour that autumn repeats means the earlier one and remembers the later", () => {
    expect(readHelper("2025-10-26 02:30:00", amsterdam.instantOf("2025-10-26 08:00"), amsterdam)).toEqual({
      atMs: utc("2025-10-26T00:30:00Z"),
      laterMs: utc("2025-10-26T01:30:00Z"),
    });
    expect(readHelper("2025-11-02 01:30:00", losAngeles.instantOf("2025-11-02 08:00"), losAngeles)).toEqual({
      atMs: utc("2025-11-02T08:30:00Z"),
      laterMs: utc("2025-11-02T09:30:00Z"),
    });
  });

  test("in the repeated hour means the later one when it was set at that very moment", () => {
    const pressedAtMs = utc("2025-10-26T01:30:00.200Z");
    expect(readHelper("2025-10-26 02:30:00", pressedAtMs, amsterdam)).toEqual({ atMs: utc("2025-10-26T01:30:00Z"), laterMs: null });
    expect(readHelper("02:30:00", pressedAtMs, amsterdam)?.atMs).toBe(utc("2025-10-26T01:30:00Z"));
  });

  test("an hour before or after the repeated one has a single reading", () => {
    const atMs = amsterdam.instantOf("2025-10-26 08:00");
    expect(readHelper("2025-10-26 01:59:59", atMs, amsterdam)?.laterMs).toBeNull();
    expect(readHelper("2025-10-26 03:00:00", atMs, amsterdam)?.laterMs).toBeNull();
  });
});

describe("a value that HA may have made up", () => {
  const atMs = amsterdam.instantOf("2025-06-02 09:00");

  test.each(["2025-06-02 00:00:00", "2025-06-02", "00:00:00"])("is midnight of the day: %s", (state) => {
    expect(looksInvented(state, atMs, amsterdam)).toBe(true);
  });

  test.each(["2025-06-02 00:01:00", "2025-05-30 00:00:00", "2025-06-05", "00:00:01", "2025-06-01 23:00:00"])("is not %s", (state) => {
    expect(looksInvented(state, atMs, amsterdam)).toBe(false);
  });

  test("may carry the date of a container on another zone", () => {
    expect(looksInvented("2025-06-02 00:00:00", amsterdam.instantOf("2025-06-03 01:30"), amsterdam)).toBe(true);
  });
});
