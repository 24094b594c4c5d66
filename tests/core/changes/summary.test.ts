import { describe, expect, test } from "vitest";
import { createStream, runStream, type StreamDefinition } from "../../../src/core/changes/stream.ts";
import { summarise } from "../../../src/core/changes/summary.ts";
import { atDay, motions, temperature } from "./streams.ts";

const ROOM: StreamDefinition = { name: "room", kind: "gaussian", timeZone: "UTC" };

describe("the summary of a stream", () => {
  test("says how far the learning time is", () => {
    const summary = (days: number) => summarise(runStream(createStream(ROOM), temperature({ seed: 1, days })).state);
    expect(summarise(createStream(ROOM))).toMatchObject({ phase: "learning", learned: 0, run_length_map: null });
    expect(summary(7)).toMatchObject({ phase: "learning", learned: 0.5 });
    expect(summary(14)).toMatchObject({ phase: "watching", learned: 1, steps: 56 });
  });

  test("says when the present habit began and how likely a newer one is", () => {
    const { state } = runStream(createStream(ROOM), temperature({ seed: 2, days: 60, changeDay: 40, change: 4 }));
    const summary = summarise(state);
    expect(Math.abs((summary.run_length_map ?? 0) - 80)).toBeLessThanOrEqual(3);
    expect(Math.abs(Date.parse(summary.top_runs[0]?.start_utc ?? "") - atDay(40))).toBeLessThanOrEqual(86_400_000);
    expect(Math.abs(Date.parse(summary.last_change_utc ?? "") - atDay(40))).toBeLessThanOrEqual(86_400_000);
    expect(summary.change_probability).toBeLessThan(0.5);
    expect(Math.abs((summary.current_mean ?? 0) - 21.2)).toBeLessThan(0.3);
    expect(summary.hazard_rate).toBeCloseTo(1 - Math.exp(-6 / 1008), 6);
    expect(summary.pending).toBe(false);
  });

  test("takes at most 1 KB as JSON, with every number as long as it can be", () => {
    for (const kind of ["gaussian", "poisson"] as const) {
      const make = kind === "gaussian" ? temperature : motions;
      const { state } = runStream(createStream({ ...ROOM, kind }), make({ seed: 3, days: 300, changeDay: 200, change: 3 }));
      expect(new TextEncoder().encode(JSON.stringify(summarise(state))).length).toBeLessThanOrEqual(1024);
    }
  });
});
