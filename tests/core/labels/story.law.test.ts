import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HelperState } from "../../../src/core/labels/helper-change.ts";
import { LONGEST_LABEL_MS, pairHelpers } from "../../../src/core/labels/helper-pair.ts";
import { DAY_MS, HOUR_MS, isoMs, MINUTE_MS } from "../../../src/core/time.ts";
import { applyMerge, type Shelf } from "./shelf.ts";
import { active, amsterdam, losAngeles, rules } from "./telling.ts";

const EMPTY: Shelf = { current: [], past: [] };

/** Five days around the end of summer time, in which people set, correct, forget, and HA restarts. Values lie near the change, on a coarse grid so that they repeat. */
function facts(zone: typeof amsterdam): fc.Arbitrary<HelperState[]> {
  const beganMs = Date.parse("2025-10-24T00:00:00Z");
  const wall = (atMs: number): string =>
    isoMs(atMs + zone.offsetMsAt(atMs))
      .slice(0, 19)
      .replace("T", " ");
  const step = fc.record({
    role: fc.constantFrom("start" as const, "end" as const),
    pauseMs: fc.oneof(
      fc.integer({ min: 0, max: 3_000 }),
      fc.constantFrom(MINUTE_MS - 1, MINUTE_MS, MINUTE_MS + 1),
      fc.integer({ min: 0, max: 8 * HOUR_MS }),
    ),
    agoMs: fc.integer({ min: -1, max: 40 }).map((halfHours) => halfHours * 30 * MINUTE_MS),
    form: fc.constantFrom("set", "set", "set", "set", "time", "unknown", "midnight", "restart", "anchor"),
  });
  return fc.array(step, { maxLength: 40 }).map((steps) => {
    const states: HelperState[] = [];
    const shown = { start: "2025-10-24 00:00:00", end: "2025-10-24 00:00:00" };
    let atMs = beganMs;
    const push = (role: "start" | "end", state: string, changedAtMs: number, isAnchor = false): void => {
      states.push({ role, state, changedAtMs, isAnchor, saidBy: null });
    };
    push("start", shown.start, atMs);
    push("end", shown.end, atMs);
    for (const { role, pauseMs, agoMs, form } of steps) {
      atMs += pauseMs + 1;
      const value = wall(Math.round((atMs - agoMs) / (30 * MINUTE_MS)) * 30 * MINUTE_MS);
      if (form === "set") shown[role] = value;
      if (form === "time") shown[role] = value.slice(11);
      if (form === "midnight") shown[role] = `${value.slice(0, 10)} 00:00:00`;
      if (form === "unknown") push(role, "unavailable", atMs);
      else push(role, shown[role], atMs, form === "anchor");
      if (form === "restart") push(role === "start" ? "end" : "start", shown[role === "start" ? "end" : "start"], atMs);
    }
    return states;
  });
}

const told = fc.constantFrom(amsterdam, losAngeles).chain((zone) => facts(zone).map((states) => ({ states, zone })));
const bounds = (shelf: Shelf) => active(shelf).map(({ startMs, endMs, capturedAtMs }) => ({ startMs, endMs, capturedAtMs }));
const LATER_MS = 2 * DAY_MS;
const endOf = (states: readonly HelperState[]): number => states.at(-1)!.changedAtMs + LATER_MS;

describe("the story of two helpers", () => {
  test("holds only labels that can be: in order, not too long, not known before they ended", () => {
    fc.assert(
      fc.property(told, ({ states, zone }) => {
        const story = pairHelpers(states, rules(zone), endOf(states));
        for (const label of story.labels) {
          expect(label.endMs).toBeGreaterThan(label.startMs);
          expect(label.endMs - label.startMs).toBeLessThanOrEqual(LONGEST_LABEL_MS);
          expect(label.capturedAtMs).toBeGreaterThanOrEqual(label.endMs);
          expect(label.localDate).toBe(zone.dateAt(label.endMs));
        }
        expect(story.settlesAtMs).toBeNull();
      }),
      { numRuns: 300 },
    );
  });

  test("is not changed by what happens after now", () => {
    fc.assert(
      fc.property(told, fc.nat(), ({ states, zone }, pick) => {
        const nowMs = states[pick % states.length]!.changedAtMs + (pick % 90_000);
        const known = states.filter(({ changedAtMs }) => changedAtMs <= nowMs);
        expect(pairHelpers(states, rules(zone), nowMs)).toEqual(pairHelpers(known, rules(zone), nowMs));
      }),
      { numRuns: 300 },
    );
  });

  test("told twice changes nothing the second time", () => {
    fc.assert(
      fc.property(told, ({ states, zone }) => {
        const story = pairHelpers(states, rules(zone), endOf(states));
        const once = applyMerge(EMPTY, story, 1);
        expect(applyMerge(once, pairHelpers(states, rules(zone), endOf(states) + HOUR_MS), 2)).toEqual(once);
      }),
      { numRuns: 300 },
    );
  });

  test("told in parts, as it happens, ends as told at once", () => {
    fc.assert(
      fc.property(told, fc.array(fc.nat(), { maxLength: 12 }), ({ states, zone }, picks) => {
        const cuts = picks.map((pick) => states[pick % states.length]!.changedAtMs + (pick % 90_000)).sort((a, b) => a - b);
        let shelf = EMPTY;
        for (const nowMs of [...cuts, endOf(states)]) shelf = applyMerge(shelf, pairHelpers(states, rules(zone), nowMs), nowMs);
        const atOnce = applyMerge(EMPTY, pairHelpers(states, rules(zone), endOf(states)), 0);
        expect(bounds(shelf)).toEqual(bounds(atOnce));
      }),
      { numRuns: 500 },
    );
  });

  test("told with its past fetched later, newest first, ends as told at once", () => {
    fc.assert(
      fc.property(told, fc.nat(), ({ states, zone }, pick) => {
        const nowMs = endOf(states);
        let shelf = EMPTY;
        for (const from of [pick % states.length, (pick % states.length) >> 1, 0]) {
          shelf = applyMerge(shelf, pairHelpers(states.slice(from), rules(zone), nowMs), nowMs);
        }
        expect(bounds(shelf)).toEqual(bounds(applyMerge(EMPTY, pairHelpers(states, rules(zone), nowMs), 0)));
      }),
      { numRuns: 500 },
    );
  });

  test("leaves active labels that do not overlap", () => {
    fc.assert(
      fc.property(told, ({ states, zone }) => {
        const labels = active(applyMerge(EMPTY, pairHelpers(states, rules(zone), endOf(states)), 0));
        for (let i = 1; i < labels.length; i++) expect(labels[i]!.startMs).toBeGreaterThanOrEqual(labels[i - 1]!.endMs);
      }),
      { numRuns: 300 },
    );
  });
});
