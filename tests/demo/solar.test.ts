import { describe, expect, test } from "vitest";
import { nextSolarEvent, type SolarEvent, solarPosition } from "../../src/demo/home/solar.ts";

/** `sun.sun` of a real Home Assistant 2026.11.0 at this place, asked at 2026-11-21T12:30:56Z. */
const PLACE = { latitude: 52.1, longitude: 4.9 };
const ASKED_MS = Date.parse("2026-11-21T12:30:56Z");
const REAL: Readonly<Record<SolarEvent, string>> = {
  dawn: "2026-11-22T06:33:27Z",
  dusk: "2026-11-21T16:20:01Z",
  midnight: "2026-11-21T23:26:31Z",
  noon: "2026-11-22T11:26:22Z",
  rising: "2026-11-22T07:12:46Z",
  setting: "2026-11-21T15:40:52Z",
};

describe("the sun over the home", () => {
  test.each(Object.entries(REAL) as [SolarEvent, string][])("the next %s is within two minutes of the real one", (event, instant) => {
    expect(Math.abs(nextSolarEvent(event, ASKED_MS, PLACE) - Date.parse(instant))).toBeLessThan(120_000);
  });

  test("it stands within a fifth of a degree of the real one", () => {
    const { elevationDegrees, azimuthDegrees } = solarPosition(Date.parse("2026-11-21T12:27:11Z"), PLACE);
    expect(Math.abs(elevationDegrees - 16.76)).toBeLessThan(0.2);
    expect(Math.abs(azimuthDegrees - 194.94)).toBeLessThan(0.2);
  });
});
