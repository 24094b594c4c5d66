import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { expMinus, log1p, log1pTiny } from "../../../src/core/changes/log-exp.ts";
import { logGamma, logGammaRatio } from "../../../src/core/changes/log-gamma.ts";

describe("log gamma", () => {
  // NIST DLMF 5.4 and 5.17: Gamma(1/2) = sqrt(pi), factorials, and the value at 100.
  test.each([
    [0.5, 0.5723649429247001],
    [1, 0],
    [1.5, -0.12078223763524522],
    [2, 0],
    [6, Math.log(120)],
    [11, Math.log(3628800)],
    [100, 359.1342053695754],
  ])("at %f is %f to 1e-14", (x, expected) => {
    expect(Math.abs(logGamma(x) - expected)).toBeLessThan(1e-14 * Math.max(1, expected));
  });

  test("of x + 1 exceeds that of x by log x", () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-3, max: 1e4, noNaN: true }), (x) => {
        const both = Math.max(1, Math.abs(logGamma(x + 1)));
        expect(Math.abs(logGamma(x + 1) - logGamma(x) - Math.log(x))).toBeLessThan(4e-15 * both);
      }),
    );
  });

  test("ratios agree with the difference where nothing cancels, and with the power law where all does", () => {
    fc.assert(
      fc.property(fc.double({ min: 0.1, max: 50, noNaN: true }), fc.double({ min: 0, max: 60, noNaN: true }), (x, step) => {
        expect(Math.abs(logGammaRatio(x, step) - (logGamma(x + step) - logGamma(x)))).toBeLessThan(2e-13);
      }),
    );
    // Gamma(x + s) / Gamma(x) = x^s (1 + s (s - 1) / (2 x) + ...): DLMF 5.11.13.
    for (const x of [1e9, 1e12]) {
      expect(logGammaRatio(x, 0.5) - 0.5 * Math.log(x) + 1 / (8 * x)).toBeCloseTo(0, 14);
      expect(logGammaRatio(x, 40.5)).toBeCloseTo(40.5 * Math.log(x) + (40.5 * 39.5) / (2 * x), 9);
    }
  });
});

describe("tables", () => {
  test("log(1 + u) is right to the last digits for any u >= 0", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 4, noNaN: true }), (u) => {
        expect(Math.abs(log1p(u) - Math.log1p(u))).toBeLessThanOrEqual(4e-16 * Math.max(Math.log1p(u), 1e-300) + 1e-16);
      }),
      { numRuns: 2000 },
    );
    for (const u of [1e-300, 1e-12, 3e-5, 1 / 513, 0.9999999999, 1, 1e6, Number.POSITIVE_INFINITY]) {
      expect(log1p(u)).toBeCloseTo(Math.log1p(u), 14);
    }
    for (const u of [1e-9, 1 / 2048, -1 / 2048]) expect(Math.abs(log1pTiny(u) - Math.log1p(u))).toBeLessThan(1e-17);
  });

  test("exp(-y) is right to the last digits up to 40 and nothing beyond", () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 39.99, noNaN: true }), (y) => {
        expect(Math.abs(expMinus(y) - Math.exp(-y))).toBeLessThanOrEqual(4e-16 * Math.exp(-y) * (1 + y));
      }),
      { numRuns: 2000 },
    );
    expect(expMinus(0)).toBe(1);
    expect(expMinus(40)).toBe(0);
    expect(expMinus(Number.POSITIVE_INFINITY)).toBe(0);
    expect(expMinus(Number.NaN)).toBe(0);
  });
});
