import { describe, expect, test } from "vitest";
import type { ChangeReport } from "../../../src/core/changes/report.ts";
import { createStream, runStream, type StreamDefinition, type StreamWindow } from "../../../src/core/changes/stream.ts";
import { decodeStream, encodeStream } from "../../../src/core/changes/stream-state.ts";
import { DAY_MS, HOUR_MS } from "../../../src/core/time.ts";
import { seeded } from "./models.ts";
import { atDay, BEGIN_MS } from "./streams.ts";

const LEVEL: StreamDefinition = { name: "room", kind: "gaussian", timeZone: "UTC" };
const COUNT: StreamDefinition = { name: "home", kind: "poisson", timeZone: "UTC" };
const SEEDS = Array.from({ length: 20 }, (_, k) => k + 1);

/** A level, or the rate of a count that is lower by night, with `by` standard deviations of an hour more, or so many times as much. */
function hoursOf({ kind }: StreamDefinition, seed: number, days: number, by: (day: number) => number): StreamWindow[] {
  const random = seeded(7919 * seed);
  return Array.from({ length: 24 * days }, (_, t) => {
    const change = by((t + 0.5) / 24);
    const value = kind === "gaussian" ? 20 + random.normal() + change : random.poisson((t % 24 < 7 ? 0.5 : 6) * change);
    return { endMs: BEGIN_MS + (t + 1) * HOUR_MS, value };
  });
}

const during = (fromDay: number, toDay: number, other: number, usual: number) => (day: number) =>
  day > fromDay && day < toDay ? other : usual;

function reportsOf(definition: StreamDefinition, windows: readonly StreamWindow[]): ChangeReport[] {
  return runStream(createStream(definition), windows).reports.filter((report): report is ChangeReport => report.kind !== "gap");
}

/** What became of each report, in the order in which they were given. */
function endsOf(reports: readonly ChangeReport[]): string[] {
  return [...Map.groupBy(reports, ({ detectedAtMs }) => detectedAtMs).values()].map((own) => own.map(({ kind }) => kind).join(" "));
}

// Broken once: the way back was taken for a change of its own, measured against "usual days and spell", and the first report never ended: 20 of 20 stood.
describe.each([
  ["a level 1.5 standard deviations of an hour higher", LEVEL, 1.5, 0],
  ["a count of a tenth", COUNT, 0.1, 1],
] as const)("%s", (_, definition, other, usual) => {
  test.each([
    [1, 1],
    [2, 2],
    // A level's report is three days old, and final, before the end of such a spell can be seen.
    [3, 6],
  ])("for %i days is told of and taken back: of twenty, at most %i reports stand a fortnight later", (days, most) => {
    const ends = SEEDS.map((seed) =>
      endsOf(reportsOf(definition, hoursOf(definition, seed, 44 + days, during(30, 30 + days, other, usual)))),
    );
    expect(ends.filter((own) => own.length > 0).length).toBeGreaterThanOrEqual(19);
    expect(ends.filter((own) => own.some((end) => end !== "change withdrawn")).length).toBeLessThanOrEqual(most);
  });

  test("for good is told of and becomes final", () => {
    const ends = SEEDS.map((seed) => endsOf(reportsOf(definition, hoursOf(definition, seed, 60, during(30, 60, other, usual)))));
    expect(ends.filter((own) => own.includes("change confirmed")).length).toBeGreaterThanOrEqual(19);
  });
});

// Broken once: what was confirmed held for good, 13 and 17 of twenty; and with runs that are too young to be told of counted as no change (`readSince`
// instead of `unchangedSince`), the report of a livelier room was taken back by its own end, 12 of twenty.
test.each([
  ["hardly used", 0.15, 4],
  ["hardly used", 0.15, 6],
  ["used", 2, 4],
] as const)(
  "of a room that is %s (%d times an hour by day) an absence of %i days, confirmed meanwhile, holds no longer once it is over, or the way back is told",
  (_, rate, days) => {
    const ends = SEEDS.map((seed) => {
      const windows = hoursOf({ ...COUNT }, seed, 70 + days, (day) => (day > 30 && day < 30 + days ? 0 : rate / 6));
      return endsOf(reportsOf(COUNT, windows));
    });
    const standing = ends.filter((own) => own.filter((end) => end.endsWith("confirmed")).length % 2 === 1);
    expect(standing.length).toBeLessThanOrEqual(2);
    if (rate > 1) expect(ends.filter((own) => own.some((end) => end === "change confirmed withdrawn")).length).toBeLessThanOrEqual(1);
  },
);

test("what is confirmed and lasts is not taken back", () => {
  for (const [definition, other, usual] of [
    [LEVEL, 1, 0],
    [COUNT, 0.3, 1],
    [COUNT, 2, 1],
  ] as const) {
    const ends = SEEDS.map((seed) => endsOf(reportsOf(definition, hoursOf(definition, seed, 150, during(30, 150, other, usual)))));
    expect(ends.filter(([first]) => first === "change confirmed withdrawn").length).toBe(0);
  }
});

// Broken once: the second report took the place of the first, which then had no end.
test("a further change that does not lead back ends the one before, with what lies between the two as its after", () => {
  let followed = 0;
  for (const seed of SEEDS) {
    const reports = reportsOf(
      COUNT,
      hoursOf(COUNT, seed, 60, (day) => (day > 32 ? 3 : day > 30 ? 2 : 1)),
    );
    for (const end of endsOf(reports)) expect(end).toMatch(/^change (?:confirmed|followed|withdrawn)$/);
    const end = reports.find(({ kind }) => kind === "followed");
    if (end === undefined) continue;
    followed += 1;
    expect(Math.abs(end.afterMean / end.beforeMean - 2)).toBeLessThan(0.6);
  }
  expect(followed).toBeGreaterThanOrEqual(8);
});

// Broken once: a sensor that died after a report had it confirmed by three days of nothing.
test("a stream that falls silent ends the pending report, whether the silence is told or left out", () => {
  const windows = hoursOf(LEVEL, 1, 70, (day) => (day > 30 ? 1.5 : 0));
  const [change] = reportsOf(LEVEL, windows);
  const silentMs = change!.detectedAtMs + 6 * HOUR_MS;
  const isHeard = ({ endMs }: StreamWindow) => endMs <= silentMs || endMs > silentMs + 5 * DAY_MS;
  const told = windows.map((window) => (isHeard(window) ? window : { ...window, value: null }));
  const reports = runStream(createStream(LEVEL), told).reports;
  expect(reports.map(({ kind }) => kind)).toEqual(["change", "cut", "gap"]);
  expect(reports[1]).toEqual({ ...change, kind: "cut", atMs: silentMs + DAY_MS });
  expect(runStream(createStream(LEVEL), windows.filter(isHeard)).reports).toEqual(reports);
});

test("a spell gives the same reports however it was interrupted", () => {
  for (const [definition, other, usual] of [
    [LEVEL, 3, 0],
    [COUNT, 0.1, 1],
  ] as const) {
    const windows = hoursOf(definition, 4, 45, during(30, 32, other, usual));
    const whole = runStream(createStream(definition), windows);
    expect(whole.reports.map(({ kind }) => kind)).toEqual(["change", "withdrawn"]);
    let state = createStream(definition);
    const reports = [];
    for (const window of windows) {
      const stepped = runStream(state, [window]);
      reports.push(...stepped.reports);
      state = window.endMs > atDay(29) ? decodeStream(definition, encodeStream(stepped.state)) : stepped.state;
    }
    expect(reports).toEqual(whole.reports);
    expect(encodeStream(state)).toEqual(encodeStream(whole.state));
  }
});
