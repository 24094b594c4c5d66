import fc from "fast-check";
import { expect, test } from "vitest";
import { HOUR_MS } from "../../src/core/time.ts";
import { hourOf } from "../../src/flow/stream-hours.ts";

const activity = { kind: "poisson", horizonMs: HOUR_MS, isLogarithm: true } as const;

// Broken once: nine tenths were enough however many they were, so the busiest of thirty, once it was missing, was a change of habit of the home.
test("an hour in which one of several entities is missing is not known, however many they are", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 90 }), (members) => {
      const seen = (known: number) =>
        hourOf({ ...activity, members }, HOUR_MS, () => ({ value: 1.5, coverage: Math.round((100 * known) / members) / 100 }));
      expect(seen(members - 1)).toEqual({ endMs: HOUR_MS, value: null });
      expect(seen(members).value).not.toBeNull();
    }),
  );
});

// Broken once: half an hour that was seen counted for as much as a whole one.
test("a share of half an hour that was seen is worth half an hour", () => {
  const light = { kind: "ratio", horizonMs: HOUR_MS / 2, members: 1, isLogarithm: false } as const;
  const hour = hourOf(light, HOUR_MS, (atMs) => ({ value: 0.5, coverage: atMs === HOUR_MS ? 1 : 0.2 }));
  expect(hour).toEqual({ endMs: HOUR_MS, value: 0.5, exposure: 0.6 });
});
