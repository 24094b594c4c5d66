import fc from "fast-check";
import { expect, test } from "vitest";
import { EVENT_SOURCES } from "../../../src/core/events/event.ts";
import { packEvents, unpackEvents } from "../../../src/runtime/threads/packed-events.ts";

const event = fc.record({
  entityId: fc.string({ unit: "binary" }),
  state: fc.string({ unit: "binary" }),
  updatedUs: fc.maxSafeInteger(),
  knownAtMs: fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0)),
  source: fc.constantFrom(...EVENT_SOURCES),
});

// Broken once: with Float32Array the instants differ.
test("events that cross to the writer are the very ones, whatever they hold", () => {
  fc.assert(
    fc.property(fc.array(event), fc.option(fc.constant({ 0: "somebody" }), { nil: undefined }), (events, saidBy) => {
      const batch = { events, nowMs: 5, ...(saidBy === undefined ? {} : { saidBy }) };
      expect(unpackEvents(structuredClone(packEvents(batch)))).toEqual(batch);
    }),
  );
});
