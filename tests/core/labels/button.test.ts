import { describe, expect, test } from "vitest";
import { negativeStory } from "../../../src/core/labels/negative-story.ts";
import { amsterdam, losAngeles, spans, standing, type Told, tell } from "./telling.ts";

/** What an `input_button` shows once it was pressed: the instant, in UTC, a moment before the change. */
const pressed = (wall: string): string => new Date(amsterdam.instantOf(wall) - 3).toISOString().replace("Z", "+00:00");
const press = (role: "start" | "end", wall: string): Told => [role, pressed(wall), wall];
const UNPRESSED: readonly Told[] = [
  ["start", "unknown", "2025-06-01 09:00:00"],
  ["end", "unknown", "2025-06-01 09:00:00"],
];

describe("two buttons", () => {
  test("make a label with their very first presses", () => {
    const story = tell([...UNPRESSED, press("start", "2025-06-01 23:00:00"), press("end", "2025-06-02 07:00:00")]);
    expect(spans(story.labels)).toEqual(["2025-06-01 22:59 .. 2025-06-02 06:59"]);
  });

  test("a start alone is open, and a second press moves it", () => {
    const story = tell([...UNPRESSED, press("start", "2025-06-01 22:00:00"), press("start", "2025-06-01 23:00:00")]);
    expect(story.labels).toEqual([]);
    expect(story.open).toMatchObject({ waitingFor: "end", startMs: amsterdam.instantOf("2025-06-01 23:00:00") - 3 });
  });

  test("a press restored after a restart is no press", () => {
    const restored: Told[] = [
      ["start", pressed("2025-06-01 23:00:00"), "2025-06-03 10:00:00"],
      ["end", pressed("2025-06-02 07:00:00"), "2025-06-03 10:00:00"],
    ];
    const night = [...UNPRESSED, press("start", "2025-06-01 23:00:00"), press("end", "2025-06-02 07:00:00")];
    expect(standing(tell([...night, ...restored]))).toEqual(standing(tell(night)));
    expect(tell([...restored]).labels).toEqual([]);
  });

  test("a press while the other button is restored counts all the same", () => {
    const story = tell(
      [
        ...UNPRESSED,
        press("start", "2025-06-01 23:00:00"),
        ["start", pressed("2025-06-01 23:00:00"), "2025-06-02 07:00:01"],
        press("end", "2025-06-02 07:00:00"),
      ].sort((a, b) => String(a[2]).localeCompare(String(b[2]))) as Told[],
    );
    expect(story.labels).toHaveLength(1);
  });

  test("a button and a date-time helper make one label together", () => {
    const story = tell([
      ["start", "2025-05-01 00:00:00", "2025-06-01 09:00:00"],
      ["end", "unknown", "2025-06-01 09:00:00"],
      press("end", "2025-06-02 07:00:00"),
      ["start", "2025-06-01 23:15:00", "2025-06-02 07:05:00"],
    ]);
    expect(spans(story.labels)).toEqual(["2025-06-01 23:15 .. 2025-06-02 06:59"]);
  });
});

describe("a button that says it did not happen", () => {
  const rules = { zone: amsterdam, anchorHour: 12, source: "negative helper", quietMs: 60_000 };
  const NOW = amsterdam.instantOf("2026-01-01 00:00:00");
  const say = (walls: readonly string[], anchorHour = 12) =>
    negativeStory(
      walls.map((wall) => ({ state: pressed(wall), changedAtMs: amsterdam.instantOf(wall), isAnchor: false, saidBy: "u1", zone: null })),
      { ...rules, anchorHour },
      NOW,
    ).labels;

  test("speaks for the night to the morning of its date, before and after the anchor", () => {
    expect(spans(say(["2025-06-02 08:30:00"]))).toEqual(["2025-06-01 12:00 .. 2025-06-02 08:30"]);
    expect(spans(say(["2025-06-02 14:00:00"]))).toEqual(["2025-06-01 12:00 .. 2025-06-02 12:00"]);
    expect(spans(say(["2025-06-02 23:59:00"]))).toEqual(["2025-06-01 12:00 .. 2025-06-02 12:00"]);
  });

  test("speaks for the whole date where days turn at midnight", () => {
    expect(spans(say(["2025-06-02 23:00:00"], 0))).toEqual(["2025-06-02 00:00 .. 2025-06-02 23:00"]);
  });

  test("is never said before its span ended, and remembers who", () => {
    for (const label of say(["2025-06-02 08:30:00", "2025-06-03 14:00:00"])) {
      expect(label.capturedAtMs).toBeGreaterThanOrEqual(label.endMs);
      expect(label).toMatchObject({ kind: "negative", saidBy: "u1" });
    }
  });

  test("covers the 25 hours of the day on which summer time ends", () => {
    const [label] = say(["2025-10-26 15:00:00"]);
    expect((label!.endMs - label!.startMs) / 3_600_000).toBe(25);
  });

  test("reads the date on the wall clock of the zone the home was in", () => {
    const at = losAngeles.instantOf("2025-06-02 23:00:00");
    const state = new Date(at - 3).toISOString();
    const { labels } = negativeStory([{ state, changedAtMs: at, isAnchor: false, saidBy: null, zone: losAngeles }], rules, NOW);
    expect(spans(labels, losAngeles)).toEqual(["2025-06-01 12:00 .. 2025-06-02 12:00"]);
  });

  test("restored, unknown, or seen as an anchor says nothing", () => {
    const states = [
      { state: "unknown", changedAtMs: amsterdam.instantOf("2025-06-01 08:00:00"), isAnchor: false },
      { state: pressed("2025-06-01 08:00:00"), changedAtMs: amsterdam.instantOf("2025-06-01 10:00:00"), isAnchor: false },
      { state: pressed("2025-06-02 08:00:00"), changedAtMs: amsterdam.instantOf("2025-06-02 08:00:00"), isAnchor: true },
    ].map((state) => ({ ...state, saidBy: null, zone: null }));
    expect(negativeStory(states, rules, NOW).labels).toEqual([]);
  });
});
