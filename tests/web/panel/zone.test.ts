import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createZone as createOwnZone } from "../../../src/core/time.ts";
import { createZone } from "../../../src/web/panel/words/zone.ts";

/** The panel's zone is held to the app's own, which has Temporal. */

const ZONES = ["Europe/Amsterdam", "America/St_Johns", "Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Apia", "UTC"];
const FROM_MS = Date.parse("2012-01-01T00:00:00Z");
const TO_MS = Date.parse("2036-01-01T00:00:00Z");

describe.each(ZONES)("%s", (name) => {
  const [zone, own] = [createZone(name), createOwnZone(name)];
  const minutes = fc.integer({ min: FROM_MS / 60_000, max: TO_MS / 60_000 }).map((minute) => minute * 60_000);

  test("any instant has the offset, date and day that the app gives it", () => {
    fc.assert(
      fc.property(minutes, fc.constantFrom(0, 12), (atMs, anchorHour) => {
        expect([zone.offsetMsAt(atMs), zone.dateAt(atMs), zone.dayAt(atMs, anchorHour)]).toEqual([
          own.offsetMsAt(atMs),
          own.dateAt(atMs),
          own.dayAt(atMs, anchorHour),
        ]);
      }),
    );
  });

  test("any wall clock is the instant that the app takes it for, also where the clocks change", () => {
    const nearChange = minutes.map((atMs) => atMs - (atMs % 1_800_000));
    fc.assert(
      fc.property(fc.oneof(minutes, nearChange), (atMs) => {
        const wallClock = new Date(atMs).toISOString().slice(0, 16);
        expect([wallClock, zone.instantOf(wallClock)]).toEqual([wallClock, own.instantOf(wallClock)]);
      }),
      { numRuns: 300 },
    );
  });
});

test("a time that the clocks skip is the later one, one that they repeat the earlier", () => {
  const zone = createZone("Europe/Amsterdam");
  const utc = (wallClock: string): string => new Date(zone.instantOf(wallClock)).toISOString();
  expect(utc("2026-03-29T02:30")).toBe("2026-03-29T01:30:00.000Z");
  expect(utc("2026-10-25T02:30")).toBe("2026-10-25T00:30:00.000Z");
  // Noon to noon: a night of 23 hours, and one of 25.
  const length = (date: string): number => {
    const day = zone.dayAt(zone.instantOf(`${date}T20:00`), 12);
    return (zone.dayStartMs(day + 1, 12) - zone.dayStartMs(day, 12)) / 3_600_000;
  };
  expect([length("2026-03-28"), length("2026-10-24"), length("2026-11-20")]).toEqual([23, 25, 24]);
});
