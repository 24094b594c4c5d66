import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { isoToUs, secondsToUs, usToIso } from "../../src/hass/instants.ts";
import { pythonIso, pythonUs } from "../helpers/model-home.ts";

/** time.time() of the years 2001 to 2100 as the doubles that carry it: steps of 2^-23 s or wider. */
const pythonTime = fc
  .tuple(fc.integer({ min: 1_000_000_000, max: 4_100_000_000 }), fc.integer({ min: 0, max: 2 ** 22 - 1 }))
  .map(([s, k]) => s + k / 2 ** 22);

describe("instants", () => {
  test("seconds of history become the very µs that the live text of the same instant shows", () => {
    fc.assert(
      fc.property(pythonTime, (seconds) => {
        expect(BigInt(secondsToUs(seconds))).toBe(pythonUs(seconds));
        expect(isoToUs(pythonIso(seconds))).toBe(secondsToUs(seconds));
      }),
      { numRuns: 5_000 },
    );
  });

  test("a tie goes to the even µs, as Python's datetime.fromtimestamp decides it", () => {
    // python3 -c "from datetime import *; print([datetime.fromtimestamp(1795264569 + k / 2**7, UTC).isoformat() for k in (1, 3)])"
    expect(secondsToUs(1_795_264_569 + 1 / 2 ** 7)).toBe(1_795_264_569_007_812);
    expect(secondsToUs(1_795_264_569 + 3 / 2 ** 7)).toBe(1_795_264_569_023_438);
  });

  test("an instant survives the way to Home Assistant's text and back", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4_000_000_000_000_000 }), (us) => {
        expect(isoToUs(usToIso(us))).toBe(us);
        expect(Temporal.Instant.from(usToIso(us)).epochNanoseconds).toBe(BigInt(us) * 1000n);
      }),
    );
  });

  test("texts with an offset, with Z, and without a fraction are read", () => {
    expect(isoToUs("2026-11-21T12:44:15+00:00")).toBe(1_795_265_055_000_000);
    expect(isoToUs("2026-11-21T12:44:15.5Z")).toBe(1_795_265_055_500_000);
    expect(isoToUs("2026-11-21T13:44:15.000001+01:00")).toBe(1_795_265_055_000_001);
    expect(isoToUs("2026-11-21T07:14:15.000001-05:30")).toBe(1_795_265_055_000_001);
  });

  test("what is no instant is NaN and never a wrong number", () => {
    for (const text of [
      "",
      "unknown",
      "2026-11-21",
      "2026-11-21 12:44:15+00:00",
      "2026-11-21T12:44:15",
      "2026-1x-21T12:44:15+00:00",
      "2026-11-21T12:44:15.+00:00",
      "2026-11-21T12:44:15+00:00 ",
    ]) {
      expect(isoToUs(text), text).toBeNaN();
    }
  });
});
