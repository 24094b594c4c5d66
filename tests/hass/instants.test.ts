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
      "2026/11-21T12:44:15+00:00",
      "2026-11-21T12:44z15+00:00",
      "2026-11-21T12:44:15+00z00",
      "2026-02-29T12:44:15+00:00",
      "2026-04-31T12:44:15+00:00",
      "2026-13-01T12:44:15+00:00",
      "2026-11-00T12:44:15+00:00",
      "2026-11-21T24:00:00+00:00",
      "2026-11-21T12:60:00+00:00",
      "2026-11-21T12:44:60+00:00",
      "2026-11-21T12:44:15+24:00",
      "0026-11-21T12:44:15+00:00",
      "2300-01-01T00:00:00.000001+00:00", // beyond 2^53 µs
    ]) {
      expect(isoToUs(text), text).toBeNaN();
    }
    expect(isoToUs("2024-02-29T00:00:00+00:00")).toBe(Date.UTC(2024, 1, 29) * 1000);
    expect(isoToUs("2000-02-29T00:00:00+00:00")).toBe(Date.UTC(2000, 1, 29) * 1000);
  });

  test("a text that is taken is one that Temporal takes, as the same instant", () => {
    const good = fc.integer({ min: 0, max: 4_000_000_000_000_000 }).map(usToIso);
    const spoilt = fc
      .tuple(good, fc.nat(31), fc.constantFrom(..."0123456789-:TZ+. /x"))
      .map(([text, at, mark]) => text.slice(0, at) + mark + text.slice(at + 1));
    fc.assert(
      fc.property(spoilt, (text) => {
        const us = isoToUs(text);
        if (!Number.isNaN(us)) expect(BigInt(us)).toBe(Temporal.Instant.from(text).epochNanoseconds / 1000n);
      }),
      { numRuns: 5_000 },
    );
  });
});
