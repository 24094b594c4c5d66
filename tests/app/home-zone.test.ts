import { expect, test } from "vitest";
import { readPlace, type ToldPlace } from "../../src/app/home-place.ts";
import { followZone } from "../../src/app/home-zone.ts";
import type { Home } from "../../src/hass/home.ts";
import { inlineReader } from "../../src/store/reads.ts";
import { getMetadata } from "../../src/store/tables/metadata.ts";
import { smallHome } from "../flow/small-home.ts";
import { createLeapingClock } from "../helpers/test-clock.ts";

const placeIn = (timeZone: string): ToldPlace => ({ timeZone, latitude: 52.37, longitude: 4.89, elevation: 2 });

/** A home that says where it is. */
function homeIn(place: { zone: string; isConnected: boolean; isRunning: boolean }): Pick<Home, "config" | "state"> {
  return {
    state: () => (place.isConnected ? { kind: "connected", sinceMs: 0, haVersion: "2026.11.0" } : { kind: "stopped", sinceMs: 0 }),
    config: async () => ({ ...placeIn(place.zone), isRunning: place.isRunning, version: "2026.11.0", name: "Home" }),
  };
}

test("a home that moves while we listen is noticed within a minute, once, and kept for the helpers' words", async () => {
  const { writer, reader } = await smallHome();
  const place = { zone: "Europe/Amsterdam", isConnected: true, isRunning: true };
  const clock = createLeapingClock(0);
  const heard: string[] = [];
  const zone = followZone(homeIn(place), clock, writer);
  zone.onChange(async (name) => void heard.push(name));
  zone.start();
  const tick = async (): Promise<void> => {
    clock.tick();
    await new Promise((resolve) => setImmediate(resolve));
  };
  await tick();
  expect(heard).toEqual([]); // Nothing was told yet: the first word is the connection's.
  await zone.told(placeIn("Europe/Amsterdam"));
  place.zone = "America/New_York";
  place.isRunning = false;
  await tick();
  place.isRunning = true;
  place.isConnected = false;
  await tick();
  expect(heard).toEqual(["Europe/Amsterdam"]);
  place.isConnected = true;
  await tick();
  await tick();
  expect([heard, zone.name()]).toEqual([["Europe/Amsterdam", "America/New_York"], "America/New_York"]);
  expect(getMetadata(reader, "time_zone")).toBe("America/New_York");
});

test("the home's coordinates are kept for a start without Home Assistant, and forgotten where it has none", async () => {
  const { writer, reader } = await smallHome();
  const zone = followZone(homeIn({ zone: "UTC", isConnected: true, isRunning: true }), createLeapingClock(0), writer);
  const heard: string[] = [];
  zone.onChange(async (name) => void heard.push(name));
  expect(await readPlace(inlineReader(reader), "UTC")).toEqual({ timeZone: "UTC" });
  await zone.told(placeIn("Europe/Amsterdam"));
  await zone.told(placeIn("Europe/Amsterdam"));
  expect(await readPlace(inlineReader(reader), "Europe/Amsterdam")).toEqual(placeIn("Europe/Amsterdam"));
  await zone.told({ timeZone: "Europe/Amsterdam", latitude: null, longitude: null, elevation: null });
  expect(await readPlace(inlineReader(reader), "Europe/Amsterdam")).toEqual({ timeZone: "Europe/Amsterdam" });
  expect(heard).toEqual(["Europe/Amsterdam", "Europe/Amsterdam"]);
});
