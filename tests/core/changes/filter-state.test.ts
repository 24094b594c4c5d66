import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { DEFAULT_LIMIT } from "../../../src/core/changes/bound.ts";
import { advance, copyFilter, createFilter, type Filter } from "../../../src/core/changes/filter.ts";
import { decodeFilter, encodeFilter } from "../../../src/core/changes/filter-state.ts";
import { UnreadableState } from "../../../src/core/changes/transfer.ts";
import { MODELS, observationOf, seeded } from "./models.ts";

function run(filter: Filter, seed: number, from: number, to: number): Filter {
  const random = seeded(seed);
  for (let t = 0; t < to; t++) {
    const [value, exposure] = observationOf(filter.model.name, [random.uniform(), random.uniform(), random.uniform()], true);
    if (t >= from) advance(filter, value === null ? null : value + (t > 150 ? 1 : 0), exposure + 1, 0.004, t / 7);
  }
  return filter;
}

describe.each(MODELS)("the stored filter (%s)", (_, model) => {
  test("goes on from any step to the same bits", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 400 }), fc.integer({ min: 0, max: 1e6 }), (split, seed) => {
        const whole = run(createFilter(model(), DEFAULT_LIMIT), seed, 0, 400);
        const half = run(createFilter(model(), DEFAULT_LIMIT), seed, 0, split);
        const resumed = run(decodeFilter(model(), DEFAULT_LIMIT, encodeFilter(half)), seed, split, 400);
        expect(encodeFilter(resumed)).toEqual(encodeFilter(whole));
        expect(resumed.runs.mass.subarray(0, resumed.runs.count)).toEqual(whole.runs.mass.subarray(0, whole.runs.count));
      }),
      { numRuns: 25 },
    );
  });

  test("takes at most 8000 bytes", () => {
    const filter = run(createFilter(model(), DEFAULT_LIMIT), 1, 0, 5000);
    expect(encodeFilter(filter).length).toBeLessThanOrEqual(8000);
    expect(filter.runs.count).toBeGreaterThan(190);
  });

  test("is refused when cut, lengthened or of another version", () => {
    const bytes = encodeFilter(run(createFilter(model(), DEFAULT_LIMIT), 2, 0, 90));
    const codeOf = (changed: Uint8Array): string => {
      try {
        decodeFilter(model(), DEFAULT_LIMIT, changed);
        return "read";
      } catch (error) {
        return error instanceof UnreadableState ? error.code : String(error);
      }
    };
    fc.assert(fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), (length) => codeOf(bytes.subarray(0, length)) === "length"));
    expect(codeOf(Uint8Array.from([...bytes, 0]))).toBe("length");
    expect(codeOf(Uint8Array.from([9, ...bytes.subarray(1)]))).toBe("version");
    expect(codeOf(bytes)).toBe("read");
  });

  test("is left alone by its copies", () => {
    const filter = run(createFilter(model(), DEFAULT_LIMIT), 3, 0, 250);
    const before = encodeFilter(filter);
    run(copyFilter(filter), 4, 0, 50);
    expect(encodeFilter(filter)).toEqual(before);
  });
});
