import { testHome } from "ml-data-layer/testing";
import { expect, test } from "vitest";
import MotionLight from "../../examples/apps/motion-light.ts";
import type { Json, Store } from "../../src/kit/contract.ts";

const HALL = { motion: ["binary_sensor.hall", "binary_sensor.stairs"], light: "light.hall", minutes: 3 };
const OFF = { "binary_sensor.hall": "off", "binary_sensor.stairs": "off", "light.hall": "off" };
const on = { service: "light.turn_on", entityId: ["light.hall"], data: {} };
const off = { service: "light.turn_off", entityId: ["light.hall"], data: {} };

test("motion turns the light on, and it goes off when both sensors have been quiet for the time", async () => {
  const home = await testHome(MotionLight, { args: HALL, states: OFF });
  await home.set("binary_sensor.hall", "on");
  expect(home.takeCalls()).toEqual([on]);
  await home.set("light.hall", "on");
  await home.set("binary_sensor.hall", "off");
  await home.advance({ minutes: 2 });
  await home.set("binary_sensor.stairs", "on");
  await home.advance({ minutes: 5 });
  expect(home.takeCalls()).toEqual([]);
  await home.set("binary_sensor.stairs", "off");
  await home.advance({ minutes: 2, seconds: 59 });
  expect(home.takeCalls()).toEqual([]);
  await home.advance({ seconds: 1 });
  expect(home.takeCalls()).toEqual([off]);
});

test("motion within the time begins it anew", async () => {
  const home = await testHome(MotionLight, { args: HALL, states: OFF });
  await home.set("binary_sensor.hall", "on");
  await home.set("light.hall", "on");
  await home.set("binary_sensor.hall", "off");
  await home.advance({ minutes: 2 });
  await home.set("binary_sensor.hall", "on");
  await home.set("binary_sensor.hall", "off");
  home.takeCalls();
  await home.advance({ minutes: 2 });
  expect(home.takeCalls()).toEqual([]);
  await home.advance({ minutes: 1 });
  expect(home.takeCalls()).toEqual([off]);
});

// Broken once: with a look at who is on now alone (motion-light.ts) it goes off a minute after the second sensor fell quiet.
test("it goes off when the sensor that moved last has been quiet for the time, whatever the other did", async () => {
  const home = await testHome(MotionLight, { args: HALL, states: OFF });
  await home.set("binary_sensor.hall", "on");
  await home.set("light.hall", "on");
  await home.set("binary_sensor.hall", "off");
  await home.advance({ minutes: 1 });
  await home.set("binary_sensor.stairs", "on");
  await home.advance({ minutes: 1 });
  await home.set("binary_sensor.stairs", "off");
  home.takeCalls();
  await home.advance({ minutes: 2, seconds: 59 });
  expect(home.takeCalls()).toEqual([]);
  await home.advance({ seconds: 1 });
  expect(home.takeCalls()).toEqual([off]);
});

test("a sensor that says nothing any more does not keep the light on", async () => {
  const home = await testHome(MotionLight, { args: HALL, states: { ...OFF, "binary_sensor.stairs": "unavailable" } });
  await home.set("binary_sensor.hall", "on");
  await home.set("light.hall", "on");
  await home.set("binary_sensor.hall", "unavailable");
  home.takeCalls();
  await home.advance({ minutes: 3 });
  expect(home.takeCalls()).toEqual([off]);
});

// Broken once: with isOurs in memory (motion-light.ts) the light stays on.
test("after a restart the light that it turned on goes off, and one that was turned off meanwhile is not its own any more", async () => {
  const kept = new Map<string, Json>();
  class Kept extends MotionLight {
    override readonly store: Store = {
      get: async (key) => kept.get(key),
      set: async (key, value) => void kept.set(key, value),
      delete: async (key) => void kept.delete(key),
      keys: async () => [...kept.keys()],
    };
  }
  const before = await testHome(Kept, { args: HALL, states: OFF });
  await before.set("binary_sensor.hall", "on");
  expect(before.takeCalls()).toEqual([on]);
  await before.stop();
  const lit = { ...OFF, "light.hall": "on" };
  const after = await testHome(Kept, { args: HALL, states: lit });
  await after.advance({ minutes: 3 });
  expect(after.takeCalls()).toEqual([off]);
  await after.stop();
  await testHome(Kept, { args: HALL, states: OFF });
  const byHand = await testHome(Kept, { args: HALL, states: lit });
  await byHand.advance({ minutes: 3 });
  expect(byHand.takeCalls()).toEqual([]);
});

test("a light that somebody turned on by hand is left on", async () => {
  const home = await testHome(MotionLight, { args: HALL, states: { ...OFF, "light.hall": "on" } });
  await home.set("binary_sensor.hall", "on");
  await home.set("binary_sensor.hall", "off");
  await home.advance({ minutes: 10 });
  expect(home.takeCalls()).toEqual([]);
});

test("by day the light stays off; a light sensor that says nothing counts as dark", async () => {
  const args = { ...HALL, illuminance: "sensor.lux", below_lux: 20 };
  const home = await testHome(MotionLight, { args, states: { ...OFF, "sensor.lux": "300" } });
  await home.set("binary_sensor.hall", "on");
  expect(home.takeCalls()).toEqual([]);
  await home.set("sensor.lux", "unavailable");
  await home.set("binary_sensor.hall", "off");
  await home.set("binary_sensor.hall", "on");
  expect(home.takeCalls()).toEqual([on]);
});

test("wrong arguments are named", async () => {
  await expect(testHome(MotionLight, { args: { motion: "binary_sensor.hall", minutes: -1 } })).rejects.toThrow(/light: .*; minutes: /);
});
