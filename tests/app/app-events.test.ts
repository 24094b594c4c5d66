import { expect, onTestFinished, test } from "vitest";
import { createAppEvents } from "../../src/app/app-events.ts";
import type { HomeEvent } from "../../src/hass/event.ts";
import { createFastClock } from "../helpers/test-clock.ts";

/** Ten seconds take 20 ms. */
const clock = createFastClock(500);

/** A home that keeps the subscriptions of its connection, and answers as many with an error as is said here. */
function scene(unanswered = 0, isMadeAllTheSame = false) {
  let subscriptions: { readonly type: string; readonly onEvent: (event: HomeEvent) => void }[] = [];
  let left = unanswered;
  const told: unknown[] = [];
  const troubles: string[] = [];
  const stopping = new AbortController();
  onTestFinished(() => stopping.abort());
  const events = createAppEvents({
    clock,
    home: {
      async subscribeEvents(type, onEvent) {
        left -= 1;
        if (left < 0 || isMadeAllTheSame) subscriptions.push({ type, onEvent });
        if (left >= 0) throw new Error("no answer");
      },
    },
    tell: (event) => void told.push(event.data["n"]),
    onTrouble: (error) => void troubles.push((error as Error).message),
    signal: stopping.signal,
  });
  let n = 0;
  return {
    events,
    told,
    troubles,
    types: () => subscriptions.map(({ type }) => type),
    connected: () => {
      subscriptions = [];
    },
    fire(type: string): void {
      n += 1;
      for (const each of subscriptions) if (each.type === type) each.onEvent({ type, data: { n }, firedUs: n });
    },
  };
}

// Broken once: subscribed to at once and again when changes flow, on one connection, each event was told twice.
test("an event is told once, also where an app listens before changes flow on the connection", () => {
  const home = scene();
  home.connected();
  home.events.want("doorbell");
  home.events.want("doorbell");
  home.events.listening();
  expect(home.types()).toEqual(["doorbell"]);
  home.fire("doorbell");
  home.connected();
  home.events.want("phone");
  home.fire("phone");
  home.events.listening();
  home.fire("doorbell");
  home.fire("phone");
  expect(home.told).toEqual([1, 2, 3, 4]);
});

// Broken once: a subscription that was refused was made again with the next connection alone, which may be days away.
test.each([
  ["that is refused", false],
  ["whose answer comes too late", true],
])("a subscription %s is made again, and each event told once", async (_, isMadeAllTheSame) => {
  const home = scene(2, isMadeAllTheSame);
  home.events.listening();
  home.events.want("doorbell");
  await expect.poll(() => home.types()).toHaveLength(isMadeAllTheSame ? 3 : 1);
  home.fire("doorbell");
  expect(home.told).toEqual([1]);
  expect(home.troubles).toEqual(["no answer"]);
});

test("a new connection ends the tries of the one before", async () => {
  const home = scene(1);
  home.events.listening();
  home.events.want("doorbell");
  home.connected();
  home.events.listening();
  await clock.sleepUntil(clock.nowMs() + 50_000);
  expect(home.types()).toEqual(["doorbell"]);
});
