import { setTimeout as pause } from "node:timers/promises";
import { expect, onTestFinished, test } from "vitest";
import { createAppStates } from "../../src/app/app-states.ts";
import type { HomeConfig } from "../../src/hass/registries.ts";
import type { HomeState } from "../../src/hass/state-change.ts";
import { createFastClock } from "../helpers/test-clock.ts";

/** Ten seconds take 20 ms. */
const clock = createFastClock(500);
const LIST = [{ entityId: "light.a", state: "on" } as HomeState];

/** Apps beside a home that refuses a question as often as is said here. */
function scene(refusals: { states?: number; config?: number; place?: number }, isRunning = true) {
  const left = { states: 0, config: 0, place: 0, ...refusals };
  const done: string[] = [];
  const troubles: string[] = [];
  const stopping = new AbortController();
  onTestFinished(() => stopping.abort());
  function refuse(question: keyof typeof left): void {
    left[question] -= 1;
    if (left[question] >= 0) throw new Error(`no ${question}`);
  }
  const states = createAppStates({
    clock,
    home: {
      async states() {
        refuse("states");
        return LIST;
      },
      async config() {
        refuse("config");
        return { timeZone: "Europe/Amsterdam", isRunning } as HomeConfig;
      },
    },
    apps: () => ({ asking: () => void done.push("asking"), all: (all) => void done.push(`all ${all.length}`) }),
    async tellPlace(timeZone) {
      refuse("place");
      done.push(timeZone);
    },
    onTrouble: (error) => void troubles.push((error as Error).message),
    signal: stopping.signal,
  });
  return { states, done, troubles, stopping, left };
}

// Broken once: asked once alone, apps whose process was started anew waited for ever where that one question was not answered.
test("states that are refused are asked for again, and the trouble is told once", async () => {
  const { states, done, troubles } = scene({ states: 3 });
  states.ask();
  await expect.poll(() => done).toEqual(["asking", "asking", "asking", "asking", "all 1", "Europe/Amsterdam"]);
  expect(troubles).toEqual(["no states"]);
});

test.each(["config", "place"] as const)("a place that could not be told for want of %s is told later", async (what) => {
  const { states, done, troubles } = scene({ [what]: 2 });
  states.heard(LIST);
  await expect.poll(() => done).toEqual(["all 1", "Europe/Amsterdam"]);
  expect(troubles).toEqual([`no ${what}`]);
});

test("they are not asked for again once they were read by somebody else, nor at a stop", async () => {
  const { states, done, stopping, left } = scene({ states: 1_000 });
  states.ask();
  await expect.poll(() => done).toEqual(["asking"]);
  states.heard(LIST);
  await expect.poll(() => done).toEqual(["asking", "all 1", "Europe/Amsterdam"]);
  const before = left.states;
  await pause(100);
  expect(left.states).toBe(before);
  states.ask();
  await expect.poll(() => left.states).toBe(before - 1);
  stopping.abort();
  await pause(100);
  expect(left.states).toBe(before - 1);
});

test("a home that starts is not asked: its list is not whole", async () => {
  const { states, done, left } = scene({}, false);
  states.ask();
  await pause(100);
  expect([done, left.states]).toEqual([[], 0]);
});
