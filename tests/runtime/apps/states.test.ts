import fc from "fast-check";
import { expect, test } from "vitest";
import type { State } from "../../../src/kit/contract.ts";
import { createStates } from "../../../src/runtime/apps/states.ts";

const heard = (attributes: object, updatedUs: number) => ({
  entityId: "sensor.a",
  state: String(updatedUs),
  changedUs: updatedUs,
  updatedUs,
  attributes: attributes as State["attributes"],
});

const sorted = (attributes: object): string => JSON.stringify(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));

test("a state has the attributes it came with, whatever those before were", () => {
  const few = fc.dictionary(fc.constantFrom("a", "b", "__proto__", "constructor"), fc.constantFrom(null, 0, "", "x", [1], {}), {
    noNullPrototype: true,
  });
  fc.assert(
    fc.property(fc.array(few, { minLength: 2, maxLength: 12 }), (each) => {
      const states = createStates();
      for (const [at, attributes] of each.entries()) {
        // As they come: parsed anew from text.
        const step = states.note(heard(JSON.parse(JSON.stringify(attributes)) as object, at))!;
        // Broken once: without a look at how many there are, an attribute that was added did not show.
        expect(sorted(step.after!.attributes)).toBe(sorted(attributes));
      }
    }),
  );
});

test("attributes that stay the same are kept, not held anew for each event", () => {
  const states = createStates();
  const before = states.note(heard({ unit: "W", area: "a" }, 1))!.after!;
  const after = states.note(heard({ area: "a", unit: "W" }, 2))!.after!;
  expect(after.attributes).toBe(before.attributes);
  expect(after.state).toBe("2");
});
