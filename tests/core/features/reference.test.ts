import fc from "fast-check";
import { expect, test } from "vitest";
import { arbitraryOffset, arbitraryScene, compute, EVERY_KIND } from "./home.ts";
import { referenceOf } from "./reference.ts";

const MINIMUM = 0.5;

test("every kind agrees with its plain definition to the stored precision, on any home", () => {
  fc.assert(
    fc.property(arbitraryScene, arbitraryOffset, (scene, offset) => {
      const windowNo = scene.focusNo + offset;
      const windows = compute(scene, EVERY_KIND, windowNo, windowNo + 1, MINIMUM);
      EVERY_KIND.forEach((definition, i) => {
        for (const w of [0, 1]) {
          const { value, known } = referenceOf(scene, definition, windowNo + w);
          const got = windows.values[i]![w]!;
          const text = `${definition.name} at window ${w}: ${got}, expected ${value}, known ${known}`;
          expect(Math.abs(windows.coverage[i]![w]! - known * 100), text).toBeLessThanOrEqual(1);
          // At the very limit rounding of the reference may fall on either side.
          if (Math.abs(known - MINIMUM) < 1e-6) continue;
          if (known < MINIMUM) expect(got, text).toBeNaN();
          else if (definition.kind === "silent_hours") expect(Math.abs(got - value), text).toBeLessThan(0.01);
          else expect(Math.abs(got - value), text).toBeLessThanOrEqual(1e-6 * Math.max(1e-3, Math.abs(value)) + 1e-9);
        }
      });
    }),
    { numRuns: 150 },
  );
});
