import { testHome } from "ml-data-layer/testing";
import { expect, test } from "vitest";
import SleepLights from "../../examples/apps/sleep-lights.ts";

const args = { lights: ["light.living", "light.kitchen"], morning_light: "light.bedroom" };
const states = { "light.living": "on", "light.kitchen": "off", "sun.sun": "below_horizon" };

test("lights that are on go out when the probability has been high for ten minutes, once", async () => {
  const home = await testHome(SleepLights, { args, states, at: "2026-01-10T23:00:00+01:00" });
  await home.predict("sleep", 0.9);
  await home.advance({ minutes: 5 });
  expect(home.takeCalls()).toEqual([]);
  await home.advance({ minutes: 5 });
  expect(home.takeCalls()).toEqual([{ service: "light.turn_off", entityId: ["light.living"], data: { transition: 30 } }]);
  await home.advance({ hours: 5 });
  expect(home.takeCalls()).toEqual([]);
});

test("a peak of five minutes and a window without an answer turn nothing off", async () => {
  const home = await testHome(SleepLights, { args, states, at: "2026-01-10T23:00:00+01:00" });
  await home.predict("sleep", 0.9);
  await home.advance({ minutes: 5 });
  await home.predict("sleep", null);
  await home.advance({ minutes: 5 });
  await home.predict("sleep", 0.9);
  await home.advance({ minutes: 5 });
  await home.predict("sleep", 0.4);
  await home.advance({ minutes: 30 });
  expect(home.takeCalls()).toEqual([]);
});

test("whoever wakes before sunrise gets the morning light, whoever did not sleep gets none", async () => {
  const home = await testHome(SleepLights, { args, states, at: "2026-01-10T22:00:00+01:00" });
  await home.predict("sleep", 0.05);
  await home.advance({ minutes: 30 });
  expect(home.takeCalls()).toEqual([]);
  await home.predict("sleep", 0.95);
  await home.advance({ hours: 8 });
  home.takeCalls();
  await home.predict("sleep", 0.1);
  await home.advance({ minutes: 10 });
  expect(home.takeCalls()).toEqual([
    { service: "light.turn_on", entityId: ["light.bedroom"], data: { brightness_pct: 20, transition: 60 } },
  ]);
});
