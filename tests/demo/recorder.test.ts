import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createRecorder, NOBODY, recordedSeconds } from "../../src/demo/server/recorder.ts";
import { microsOfSeconds } from "../protocol/with-client.ts";

const instantUs = fc.integer({ min: Date.parse("2025-01-01T00:00:00Z") * 1000, max: Date.parse("2040-01-01T00:00:00Z") * 1000 });

describe("the recorder of the simulated home", () => {
  test("the seconds that it keeps lead back to the microsecond that was shown", () => {
    fc.assert(
      fc.property(instantUs, (us) => {
        expect(microsOfSeconds(recordedSeconds(us))).toBe(us);
      }),
      { numRuns: 5_000 },
    );
  });

  test("a client that rounds the seconds as a whole gets another microsecond for a good part of the rows, as from the real one", () => {
    const instants = Array.from({ length: 4_000 }, (_, i) => 1_795_266_930_036_126 + i * 1_003);
    const wrong = instants.filter((us) => Math.round(recordedSeconds(us) * 1e6) !== us).length;
    expect(wrong / instants.length).toBeGreaterThan(0.05);
    expect(wrong / instants.length).toBeLessThan(0.25);
  });

  test("a state that says nothing new is not written; one with another attribute keeps its last change", () => {
    const recorder = createRecorder();
    expect(recorder.write("light.a", "on", { brightness: 1 }, 10, NOBODY)?.before).toBeNull();
    expect(recorder.write("light.a", "on", { brightness: 1 }, 20, NOBODY)).toBeNull();
    expect(recorder.write("light.a", "on", { brightness: 2 }, 30, NOBODY)?.after).toMatchObject({ changedUs: 10, updatedUs: 30 });
    expect(recorder.write("light.a", "off", { brightness: 2 }, 40, NOBODY)?.after).toMatchObject({ changedUs: 40, updatedUs: 40 });
    recorder.forgetCurrent();
    expect(recorder.write("light.a", "off", { brightness: 2 }, 50, NOBODY)).toMatchObject({ before: null, after: { changedUs: 50 } });
  });

  test("two changes of an entity never have the same instant", () => {
    const recorder = createRecorder();
    recorder.write("light.a", "on", {}, 10, NOBODY);
    expect(recorder.write("light.a", "off", {}, 10, NOBODY)?.after?.updatedUs).toBe(11);
    expect(recorder.remove("light.a", 11)).toMatchObject({ removedUs: 12, after: null });
    expect(recorder.current("light.a")).toBeUndefined();
    expect(recorder.series("light.a")?.states).toEqual(["on", "off", null]);
  });
});
