import fc from "fast-check";
import { expect, test } from "vitest";
import { createSpanSweep } from "../../../src/core/pairs/sweep.ts";

test("a sweep answers as a look at every span does, whatever their order and overlap", () => {
  const span = fc
    .tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: -2, max: 15 }))
    .map(([startMs, length]) => ({ startMs, endMs: startMs + length }));
  const asked = fc.array(fc.tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 1, max: 6 })), { maxLength: 20 });
  fc.assert(
    fc.property(fc.array(span, { maxLength: 8 }), asked, (spans, questions) => {
      const sweep = createSpanSweep(spans);
      const real = spans.filter(({ startMs, endMs }) => endMs > startMs);
      for (const [startMs, length] of [...questions].sort(([a], [b]) => a - b)) {
        const endMs = startMs + length;
        const touched = real.filter((one) => one.startMs < endMs && startMs < one.endMs);
        const inside = touched.some((one) => one.startMs <= startMs && endMs <= one.endMs);
        expect(sweep.relation(startMs, endMs)).toBe(touched.length === 0 ? "outside" : inside ? "inside" : "straddling");
      }
    }),
    { numRuns: 1_000 },
  );
});
