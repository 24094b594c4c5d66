import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ENTITIES } from "../../src/demo/home/catalogue.ts";
import { type HomeEvent, sameAttributes } from "../../src/demo/home/day-log.ts";
import { createHome } from "../../src/demo/home/home.ts";
import { DAYS, END_MS, optionsFor, pastOf } from "./past.ts";

const SEEDS = [1, 2, 3] as const;

describe("the events of the simulated home", () => {
  test("the same range gives the same events however it is cut and in whatever order it is asked for", () => {
    const [fromUs, toUs] = [optionsFor(1).bornMs * 1000, (optionsFor(1).bornMs + 9.3 * 86_400_000) * 1000];
    const events = pastOf(1).events.filter((event) => event.atUs < toUs);
    // A cut at the very instant of an event must give it to one side, once.
    const cut = fc.oneof(
      fc.integer({ min: fromUs, max: toUs }),
      fc.integer({ min: 0, max: events.length - 1 }).map((i) => events[i]!.atUs),
    );
    fc.assert(
      fc.property(fc.array(cut, { maxLength: 6 }), fc.boolean(), (cuts, backwards) => {
        const edges = [fromUs, ...cuts.sort((a, b) => a - b), toUs];
        const ranges = edges.slice(1).flatMap((to, i) => (to > edges[i]! ? [[edges[i]!, to] as const] : []));
        const home = createHome(optionsFor(1));
        const parts = new Map(
          (backwards ? ranges.toReversed() : ranges).map(([from, to]) => [from, home.eventsBetween(from, to)] as const),
        );
        const joined = ranges.flatMap(([from]) => parts.get(from) ?? []);
        expect(joined.length).toBe(events.length);
        expect(joined).toEqual(events);
      }),
      { numRuns: 10 },
    );
  });

  test("another seed is another home", () => {
    expect(pastOf(2).events.slice(0, 2000)).not.toEqual(pastOf(1).events.slice(0, 2000));
  });

  test.each(SEEDS)("a day has 1,500 to 3,000 events on the mean, of 35 to 48 entities (seed %i)", (seed) => {
    const { events } = pastOf(seed);
    const perDay = events.length / (DAYS + 0.5);
    expect(perDay).toBeGreaterThan(1_500);
    expect(perDay).toBeLessThan(3_000);
    expect(new Set(events.map((event) => event.entityId))).toEqual(new Set(ENTITIES.map((entity) => entity.entityId)));
    expect(ENTITIES.length).toBeGreaterThanOrEqual(35);
    expect(ENTITIES.length).toBeLessThanOrEqual(48);
  });

  test("events come in order, no two of an entity at one instant, and none that says nothing new", () => {
    const last = new Map<string, HomeEvent>();
    let lastUs = 0;
    const wrong = pastOf(1).events.filter((event) => {
      const before = last.get(event.entityId);
      last.set(event.entityId, event);
      const isLate = event.atUs < lastUs || !Number.isSafeInteger(event.atUs);
      lastUs = event.atUs;
      if (!before) return isLate;
      return isLate || event.atUs <= before.atUs || (before.state === event.state && sameAttributes(before.attributes, event.attributes));
    });
    expect(wrong).toEqual([]);
  });

  test("a switch of two states alternates between them, apart from outages", () => {
    const { of } = pastOf(1);
    for (const { entityId } of ENTITIES.filter((entity) => entity.entityId.startsWith("binary_sensor."))) {
      const states = of(entityId).map((event) => event.state);
      expect(new Set(states.filter((state) => state !== "unavailable"))).toEqual(new Set(["on", "off"]));
      for (let i = 1; i < states.length; i += 1) expect(states[i]).not.toBe(states[i - 1]);
    }
  });

  test("some entities change attributes without their state", () => {
    for (const entityId of ["sun.sun", "climate.living_room", "media_player.living_room_tv"]) {
      const events = pastOf(1).of(entityId);
      expect(events.filter((event, i) => event.state === events[i - 1]?.state).length).toBeGreaterThan(50);
    }
  });

  test("eight weeks are made in less than three seconds", () => {
    const beforeMs = performance.now();
    createHome(optionsFor(9)).eventsBetween(0, END_MS * 1000);
    expect(performance.now() - beforeMs).toBeLessThan(3_000);
  });

  test("what was forgotten cannot be asked for, what comes after it can", () => {
    const home = createHome(optionsFor(1));
    const middleMs = END_MS - 20 * 86_400_000;
    home.eventsBetween(0, middleMs * 1000);
    home.forgetBefore(middleMs * 1000);
    expect(() => home.eventsBetween(0, middleMs * 1000)).toThrow(RangeError);
    expect(home.eventsBetween(middleMs * 1000, END_MS * 1000)).toEqual(pastOf(1).events.filter((event) => event.atUs >= middleMs * 1000));
  });

  test("it lives on for years", () => {
    const home = createHome({ ...optionsFor(4), pastDays: 14 });
    const fromMs = optionsFor(4).bornMs + 400 * 86_400_000;
    const events = home.eventsBetween(fromMs * 1000, (fromMs + 7 * 86_400_000) * 1000);
    expect(events.length / 7).toBeGreaterThan(1_000);
    expect(events.length / 7).toBeLessThan(3_200);
  });
});
