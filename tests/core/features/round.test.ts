import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeCoverage, decodeValues, encodeCoverage, encodeValues } from "../../../src/core/features/encode.ts";
import { round7 } from "../../../src/core/features/round.ts";

const textually = (x: number): number => Number(x.toPrecision(7)) + 0; // -0 + 0 is 0

test("rounding gives what seven digits of text would, for any number", () => {
  fc.assert(
    fc.property(fc.double(), (x) => Object.is(round7(x), textually(x))),
    { numRuns: 20_000 },
  );
});

test("rounding gives what seven digits of text would near ties and powers of ten", () => {
  const nearTie = fc
    .tuple(
      fc.integer({ min: 999_990, max: 10_000_000 }),
      fc.integer({ min: -12, max: 3 }),
      fc.constantFrom(0, 0.5, 1e-9, -1e-9, 0.499999999),
    )
    .map(([digits, exponent, rest]) => (digits + 0.5 + rest) * 10 ** exponent);
  fc.assert(
    fc.property(nearTie, fc.boolean(), (x, isNegative) => Object.is(round7(isNegative ? -x : x), textually(isNegative ? -x : x))),
    { numRuns: 20_000 },
  );
  for (const x of [0.1, 0.099999999999, 0.01, 1e-5, 9.9999999e-6, 9999999.5, 1e7, 999999.95, 1.0000005, 0.5, 21.3])
    expect(round7(x)).toBe(textually(x));
});

test("a row survives being written and read, as its rounded self", () => {
  fc.assert(
    fc.property(fc.array(fc.double()), (values) => {
      const finite = values.map((value) => (Number.isFinite(value) ? textually(value) : Number.NaN));
      expect([...decodeValues(encodeValues(values), values.length)]).toEqual(finite);
    }),
  );
});

test("a row is a JSON array with null for what is missing and no negative nought", () => {
  expect(encodeValues([0.1 + 0.2, Number.NaN, -0, 1, -2.5, 123456.789])).toBe("[0.3,null,0,1,-2.5,123456.8]");
  expect(encodeValues([])).toBe("[]");
});

test("coverage is written only where it is not full", () => {
  expect(encodeCoverage(Uint8Array.of(100, 100))).toBeNull();
  expect(encodeCoverage(Uint8Array.of(100, 7, 0))).toBe("[100,7,0]");
  expect([...decodeCoverage(null, 2)]).toEqual([100, 100]);
  expect([...decodeCoverage("[100,7,0]", 3)]).toEqual([100, 7, 0]);
});

test("a row with another number of cells than the set, or with a word in it, is refused", () => {
  expect(() => decodeValues("[1,2]", 3)).toThrow(RangeError);
  expect(() => decodeValues("{}", 0)).toThrow(RangeError);
  expect(() => decodeValues('[1,"2"]', 2)).toThrow(RangeError);
});
