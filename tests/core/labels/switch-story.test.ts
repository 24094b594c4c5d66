import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { HELPER_QUIET_MS, LONGEST_LABEL_MS } from "../../../src/core/labels/helper-pair.ts";
import { type SwitchState, switchStory } from "../../../src/core/labels/switch-story.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../../src/core/time.ts";
import { applyMerge, type Shelf } from "./shelf.ts";
import { active, amsterdam, losAngeles, spans } from "./telling.ts";

type Row = readonly [state: string, changedAt: string | number, flag?: "anchor" | "start", saidBy?: string];

const RULES = {
  zone: amsterdam,
  source: "helper",
  kind: "positive",
  quietMs: HELPER_QUIET_MS,
  longestMs: LONGEST_LABEL_MS,
} as const;

function rows(told: readonly Row[]): SwitchState[] {
  return told.map(([state, changedAt, flag, saidBy]) => ({
    state,
    changedAtMs: typeof changedAt === "number" ? changedAt : amsterdam.instantOf(changedAt),
    isAnchor: flag === "anchor",
    cameWithStart: flag === "start",
    saidBy: saidBy ?? null,
    zone: null,
  }));
}

const tell = (told: readonly Row[], now = "2030-01-01 00:00:00") => switchStory(rows(told), RULES, amsterdam.instantOf(now));
const OFF: Row = ["off", "2025-06-01 12:00:00"];

describe("a switch that is on while it happens", () => {
  test("gives one label from on to off, across midnight", () => {
    const story = tell([OFF, ["on", "2025-06-01 23:10:05"], ["off", "2025-06-02 07:00:30"]]);
    expect(spans(story.labels)).toEqual(["2025-06-01 23:10 .. 2025-06-02 07:00"]);
    expect(story.labels[0]).toMatchObject({
      localDate: "2025-06-02",
      capturedAtMs: amsterdam.instantOf("2025-06-02 07:00:30"),
      kind: "positive",
    });
    expect(story.open).toBeNull();
  });

  test("gives each piece of a night and a nap its own label, and never stretches one", () => {
    const story = tell([
      OFF,
      ["on", "2025-06-01 23:00:00"],
      ["off", "2025-06-02 03:00:00"],
      ["on", "2025-06-02 03:30:00"],
      ["off", "2025-06-02 07:00:00"],
      ["on", "2025-06-02 13:00:00"],
      ["off", "2025-06-02 13:40:00"],
    ]);
    expect(spans(story.labels)).toHaveLength(3);
  });

  test("is believed as Home Assistant starts where a person turned it", () => {
    const restored: Row = ["off", "2025-06-02 07:00:30", "start"];
    expect(tell([OFF, ["on", "2025-06-01 23:10:05"], restored]).labels).toEqual([]);
    const turned = tell([OFF, ["on", "2025-06-01 23:10:05"], ["off", "2025-06-02 07:00:30", "start", "ann"]]);
    expect(spans(turned.labels)).toEqual(["2025-06-01 23:10 .. 2025-06-02 07:00"]);
  });

  test("is open while it is on", () => {
    const story = tell([OFF, ["on", "2025-06-01 23:00:00"]]);
    expect(story.labels).toEqual([]);
    expect(story.open).toMatchObject({ waitingFor: "end", startMs: amsterdam.instantOf("2025-06-01 23:00:00") });
  });

  test("that is on when we first look has no start: its end makes no label", () => {
    expect(
      tell([
        ["on", "2025-06-01 23:00:00"],
        ["off", "2025-06-02 07:00:00"],
      ]).labels,
    ).toEqual([]);
    expect(
      tell([
        ["on", "2025-06-01 23:00:00", "anchor"],
        ["off", "2025-06-02 07:00:00"],
      ]).labels,
    ).toEqual([]);
  });

  test("turned by mistake and back within a minute says nothing, either way", () => {
    const slip = tell([OFF, ["on", "2025-06-01 15:00:00"], ["off", "2025-06-01 15:00:40"]]);
    expect([slip.labels, slip.open]).toEqual([[], null]);
    const night = tell([
      OFF,
      ["on", "2025-06-01 23:00:00"],
      ["off", "2025-06-02 02:00:00"],
      ["on", "2025-06-02 02:00:30"],
      ["off", "2025-06-02 07:00:00"],
    ]);
    expect(spans(night.labels)).toEqual(["2025-06-01 23:00 .. 2025-06-02 07:00"]);
  });

  test("is judged only after a minute of quiet", () => {
    const told: Row[] = [OFF, ["on", "2025-06-01 23:00:00"], ["off", "2025-06-02 07:00:00"]];
    expect(tell(told, "2025-06-02 07:00:59")).toMatchObject({ labels: [], settlesAtMs: amsterdam.instantOf("2025-06-02 07:01:00") });
    expect(tell(told, "2025-06-02 07:01:00")).toMatchObject({ labels: [{}], settlesAtMs: null });
  });

  test("left on for longer than a label may last is rejected by name", () => {
    const story = tell([OFF, ["on", "2025-06-01 12:30:00"], ["off", "2025-06-02 07:00:00"]]);
    expect(story.labels).toEqual([]);
    expect(story.rejected).toMatchObject([{ status: "rejected", reason: "too long" }]);
  });

  test("keeps its night over the end of summer time at its true length", () => {
    const [label] = tell([OFF, ["on", "2025-10-25 23:00:00"], ["off", "2025-10-26 07:00:00"]]).labels;
    expect(label!.endMs - label!.startMs).toBe(9 * HOUR_MS);
  });

  test("carries the zone the home had at its end", () => {
    const [start, end] = rows([
      ["on", "2025-06-01 23:00:00"],
      ["off", "2025-06-02 08:00:00"],
    ]);
    const story = switchStory([...rows([OFF]), start!, { ...end!, zone: losAngeles }], RULES, amsterdam.instantOf("2026-01-01 00:00:00"));
    expect(story.labels).toMatchObject([{ timeZone: "America/Los_Angeles", localDate: "2025-06-01" }]);
  });
});

describe("a restart of Home Assistant", () => {
  test("that restores the switch keeps what is open", () => {
    for (const restart of [
      [["on", "2025-06-02 02:00:00"]],
      [
        ["unavailable", "2025-06-02 01:59:00"],
        ["on", "2025-06-02 02:00:00"],
      ],
    ] as Row[][]) {
      const story = tell([OFF, ["on", "2025-06-01 23:00:00"], ...restart, ["off", "2025-06-02 07:00:00"]]);
      expect(spans(story.labels)).toEqual(["2025-06-01 23:00 .. 2025-06-02 07:00"]);
    }
  });

  test("that puts `initial` back ends no label: nobody turned it", () => {
    const story = tell([OFF, ["on", "2025-06-01 23:00:00"], ["off", "2025-06-02 02:00:00", "start"], ["on", "2025-06-02 22:00:00"]]);
    expect(story.labels).toEqual([]);
    expect(story.open).toMatchObject({ startMs: amsterdam.instantOf("2025-06-02 22:00:00") });
  });

  test("that puts `initial: on` back begins no label", () => {
    const story = tell([OFF, ["on", "2025-06-01 15:00:00", "start"], ["off", "2025-06-01 18:00:00"]]);
    expect([story.labels, story.rejected, story.open]).toEqual([[], [], null]);
  });

  test("during which it was turned unseen ends no label and begins none", () => {
    const ended = tell([OFF, ["on", "2025-06-01 23:00:00"], ["unavailable", "2025-06-02 02:00:00"], ["off", "2025-06-02 02:05:00"]]);
    expect([ended.labels, ended.open]).toEqual([[], null]);
    const begun = tell([OFF, ["unavailable", "2025-06-02 02:00:00"], ["on", "2025-06-02 02:05:00"], ["off", "2025-06-02 07:00:00"]]);
    expect([begun.labels, begun.open]).toEqual([[], null]);
  });
});

const life = fc
  .array(
    fc.record({
      state: fc.constantFrom("on", "off", "on", "off", "unavailable"),
      pauseMs: fc.oneof(
        fc.integer({ min: 1, max: 3000 }),
        fc.constantFrom(MINUTE_MS - 1, MINUTE_MS),
        fc.integer({ min: 1, max: 9 * HOUR_MS }),
      ),
      flag: fc.constantFrom(undefined, undefined, undefined, undefined, "start" as const, "anchor" as const),
    }),
    { maxLength: 40 },
  )
  .map((steps) => {
    let atMs = Date.parse("2025-10-24T00:00:00Z");
    return rows(
      steps.map(({ state, pauseMs, flag }): Row => {
        atMs += pauseMs;
        return flag === undefined ? [state, atMs] : [state, atMs, flag];
      }),
    );
  });
const EMPTY: Shelf = { current: [], past: [] };
const bounds = (shelf: Shelf) => active(shelf).map(({ startMs, endMs }) => ({ startMs, endMs }));
const endOf = (states: readonly SwitchState[]): number => (states.at(-1)?.changedAtMs ?? 0) + DAY_MS;

describe("whatever happens to a switch", () => {
  test("each label begins where it was turned on and ends where it was turned off, and none overlap", () => {
    fc.assert(
      fc.property(life, (states) => {
        const { labels } = switchStory(states, RULES, endOf(states));
        const at = (state: string) => new Set(states.filter((one) => one.state === state).map(({ changedAtMs }) => changedAtMs));
        let reachMs = 0;
        for (const { startMs, endMs } of labels) {
          expect(at("on").has(startMs) && at("off").has(endMs)).toBe(true);
          expect(startMs).toBeGreaterThanOrEqual(reachMs);
          expect(endMs).toBeGreaterThan(startMs);
          reachMs = endMs;
        }
      }),
      { numRuns: 300 },
    );
  });

  test("told in parts, as it happens, ends as told at once, and the future changes nothing", () => {
    fc.assert(
      fc.property(life, fc.array(fc.nat(), { maxLength: 8 }), (states, picks) => {
        fc.pre(states.length > 0);
        const cuts = picks.map((pick) => states[pick % states.length]!.changedAtMs + (pick % 90_000)).sort((a, b) => a - b);
        let shelf = EMPTY;
        for (const nowMs of [...cuts, endOf(states)]) {
          const seen = states.filter(({ changedAtMs }) => changedAtMs <= nowMs);
          const story = switchStory(states, RULES, nowMs);
          expect(story).toEqual(switchStory(seen, RULES, nowMs));
          shelf = applyMerge(shelf, story, nowMs);
        }
        expect(bounds(shelf)).toEqual(bounds(applyMerge(EMPTY, switchStory(states, RULES, endOf(states)), 0)));
      }),
      { numRuns: 300 },
    );
  });
});
