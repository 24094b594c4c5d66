import { describe, expect, test } from "vitest";
import { pairHelpers } from "../../../src/core/labels/helper-pair.ts";
import { amsterdam, FRESH, NEVER_SET, rules, spans, standing, states, type Told, tell } from "./telling.ts";

/** A start of Home Assistant: both helpers get a row within milliseconds (seen with 2026.11). */
function restart(at: string, start: string, end: string): Told[] {
  return [
    ["start", start, amsterdam.instantOf(at)],
    ["end", end, amsterdam.instantOf(at) + 1],
  ];
}

const NIGHT: readonly Told[] = [
  ...FRESH,
  ["start", "2025-06-01 23:00:00", "2025-06-01 23:00:01"],
  ["end", "2025-06-02 07:00:00", "2025-06-02 07:00:01"],
];

describe("a helper that nobody ever set", () => {
  test("gives no label, however often Home Assistant starts and shows the new day's midnight", () => {
    const told = Array.from({ length: 30 }, (_, i) => {
      const day = `2025-06-${String(i + 1).padStart(2, "0")}`;
      return restart(`${day} 09:00:00`, `${day} 00:00:00`, `${day} 00:00:00`);
    }).flat();
    const story = tell(told);
    expect([story.labels, story.rejected, story.open]).toEqual([[], [], null]);
  });

  test("gives no label beside one that is set every morning", () => {
    const told = Array.from({ length: 20 }, (_, i): Told[] => {
      const day = `2025-06-${String(i + 1).padStart(2, "0")}`;
      return [
        ["start", `${day} 00:00:00`, `${day} 05:00:00`],
        ["end", `${day} 07:0${i % 10}:00`, `${day} 07:30:00`],
      ];
    }).flat();
    expect(tell(told).labels).toEqual([]);
  });

  test("gives no label with a date alone or a time alone", () => {
    const days = ["2025-06-01", "2025-06-02", "2025-06-03"];
    expect(tell(days.flatMap((day) => restart(`${day} 09:00`, day, day))).labels).toEqual([]);
    expect(tell(days.flatMap((day) => restart(`${day} 09:00`, "00:00:00", "00:00:00"))).labels).toEqual([]);
  });

  test("gives no label when its made-up value is the state before a fetched range", () => {
    const story = tell([
      ["start", "2025-05-20 00:00:00", "2025-06-01 00:00", "anchor"],
      ["end", "2025-06-02 06:00:00", "2025-06-02 00:00", "anchor"],
      ["end", "2025-06-02 07:00:00", "2025-06-02 07:01"],
    ]);
    expect(story.labels).toEqual([]);
    expect(story.open).toMatchObject({ waitingFor: "start" });
  });
});

test("an `initial` value that one helper alone takes as other entities repeat theirs makes no label and ends none", () => {
  const later: Told[] = [
    ["start", "2025-06-02 23:00:00", "2025-06-02 23:00:01"],
    ["end", "2025-06-03 04:00:00", "2025-06-03 05:00:00"],
  ];
  const told = states([...NIGHT, ...later]);
  const began = told.map((state, i) => (i === told.length - 1 ? { ...state, cameWithStart: true } : state));
  const said = (all: typeof told): string[] => spans(pairHelpers(all, rules(), amsterdam.instantOf("2025-06-04 12:00")).labels);
  // Broken once: without asking what the others did, Home Assistant's own start is a night until four.
  expect(said(began)).toEqual(["2025-06-01 23:00 .. 2025-06-02 07:00"]);
  expect(said(told)).toEqual(["2025-06-01 23:00 .. 2025-06-02 07:00", "2025-06-02 23:00 .. 2025-06-03 04:00"]);
});

test("a midnight that was there when we first looked is nobody's bedtime", () => {
  const story = tell([
    ["start", "2025-06-02 00:00:00", "2025-06-02 05:00", "anchor"],
    ["end", "2025-05-30 07:00:00", "2025-06-02 05:00", "anchor"],
    ["end", "2025-06-02 07:00:00", "2025-06-02 07:01"],
  ]);
  expect(story.labels).toEqual([]);
});

describe("a restart of Home Assistant", () => {
  test("that restores both values changes nothing", () => {
    const story = tell([...NIGHT, ...restart("2025-06-02 12:00", "2025-06-01 23:00:00", "2025-06-02 07:00:00")]);
    expect(story.labels).toHaveLength(1);
    expect(story.open).toBeNull();
  });

  test("between start and end keeps the open label", () => {
    const story = tell([
      ...NIGHT,
      ["start", "2025-06-02 23:00:00", "2025-06-02 23:00:01"],
      ...restart("2025-06-03 03:00", "2025-06-02 23:00:00", "2025-06-02 07:00:00"),
      ["end", "2025-06-03 07:00:00", "2025-06-03 07:00:01"],
    ]);
    expect(standing(story)).toEqual(["2025-06-01 23:00 .. 2025-06-02 07:00", "2025-06-02 23:00 .. 2025-06-03 07:00"]);
  });

  test("after a crash that brings an older value back keeps what was said", () => {
    const crashed: Told[] = [
      ...NIGHT,
      ["start", "2025-06-02 23:00:00", "2025-06-02 23:00:01"],
      ...restart("2025-06-02 23:05", "2025-06-01 23:00:00", "2025-06-02 07:00:00"),
    ];
    expect(tell(crashed).labels).toHaveLength(1);
    expect(tell(crashed).open).toMatchObject({ waitingFor: "end" });
    expect(standing(tell([...crashed, ["end", "2025-06-03 07:00:00", "2025-06-03 07:00:01"]]))).toContain(
      "2025-06-02 23:00 .. 2025-06-03 07:00",
    );
  });

  test("after a crash that brings two older values back makes no correction", () => {
    const told: Told[] = [
      ...NIGHT,
      ["end", "2025-06-02 07:30:00", "2025-06-02 07:31"],
      ["start", "2025-06-01 23:20:00", "2025-06-02 07:33"],
      ...restart("2025-06-02 07:40", "2025-06-01 23:00:00", "2025-06-02 07:00:00"),
    ];
    expect(standing(tell(told))).toEqual(["2025-06-01 23:20 .. 2025-06-02 07:30"]);
  });

  test("that puts `initial` values back makes no label of them", () => {
    const initial = ["2025-06-01 22:00:00", "2025-06-02 06:00:00"] as const;
    const story = tell([
      ...restart("2025-06-01 20:00", ...initial),
      ["start", "2025-06-01 23:00:00", "2025-06-01 23:00:01"],
      ["end", "2025-06-02 07:00:00", "2025-06-02 07:00:01"],
      ...restart("2025-06-02 12:00", ...initial),
      ...restart("2025-06-02 13:00", ...initial),
    ]);
    expect(spans(story.labels)).toEqual(["2025-06-01 23:00 .. 2025-06-02 07:00"]);
  });

  test("that gives one helper a new `initial` while the other is restored makes no label", () => {
    const story = tell([...NIGHT, ...restart("2025-06-02 12:00", "2025-06-01 22:00:00", "2025-06-02 07:00:00")]);
    expect(story.labels).toHaveLength(1);
  });

  test("with the helpers away for a moment is no change", () => {
    const story = tell([
      ...NIGHT,
      ["start", "unavailable", "2025-06-02 11:59"],
      ["end", "unavailable", "2025-06-02 11:59"],
      ...restart("2025-06-02 12:00", "2025-06-01 23:00:00", "2025-06-02 07:00:00"),
    ]);
    expect(story.labels).toHaveLength(1);
  });

  test("that shows one helper late, with an older value, keeps what was said", () => {
    const story = tell([
      ...NIGHT,
      ["start", "2025-06-02 23:00:00", "2025-06-02 23:00:01"],
      ["start", "unavailable", "2025-06-02 23:30:00"],
      ["start", "2025-06-01 23:00:00", "2025-06-02 23:30:30"],
      ["end", "2025-06-03 07:00:00", "2025-06-03 07:00:01"],
    ]);
    expect(standing(story)).toContain("2025-06-02 23:00 .. 2025-06-03 07:00");
  });

  test("after which a new value appears (set unseen) waits for the next change", () => {
    const back: Told[] = [...NIGHT, ["end", "unavailable", "2025-06-02 08:00"], ["end", "2025-06-02 07:50:00", "2025-06-02 08:10"]];
    expect(spans(tell(back).labels)).toEqual(["2025-06-01 23:00 .. 2025-06-02 07:00"]);
    expect(standing(tell([...back, ["start", "2025-06-01 23:10:00", "2025-06-02 08:30"]]))).toEqual([
      "2025-06-01 23:10 .. 2025-06-02 07:50",
    ]);
  });

  test("that lost all values (midnight of that day) makes no label", () => {
    const story = tell([...NIGHT, ...restart("2025-06-03 06:00", "2025-06-03 00:00:00", "2025-06-03 00:00:00")]);
    expect(story.labels).toHaveLength(1);
    expect(story.rejected).toEqual([]);
  });
});

describe("a value that was there when we first looked", () => {
  test("is no change by itself", () => {
    const story = tell([
      ["start", "2025-06-01 23:00:00", "2025-06-02 07:30"],
      ["end", "2025-06-02 07:00:00", "2025-06-02 07:31"],
    ]);
    expect([story.labels, story.rejected]).toEqual([[], []]);
  });

  test("completes a change of the other side", () => {
    const story = tell([
      ["start", "2025-06-01 23:00:00", "2025-06-02 01:00", "anchor"],
      ["end", "2025-06-01 07:00:00", "2025-06-02 01:00", "anchor"],
      ["end", "2025-06-02 07:00:00", "2025-06-02 07:00:01"],
    ]);
    expect(spans(story.labels)).toEqual(["2025-06-01 23:00 .. 2025-06-02 07:00"]);
  });

  test("is no half of a mistake", () => {
    const story = tell([
      ["start", "2025-05-30 23:00:00", "2025-06-02 01:00", "anchor"],
      ["end", "2025-05-31 07:00:00", "2025-06-02 01:00", "anchor"],
      ["end", "2025-06-02 07:00:00", "2025-06-02 07:00:01"],
    ]);
    expect(story.rejected).toEqual([]);
    expect(story.open).toMatchObject({ waitingFor: "start" });
  });

  test("in the middle of the story counts as known, not as said", () => {
    const story = tell([
      ...NIGHT,
      ["start", "2025-06-02 23:00:00", "2025-06-03 05:00", "anchor"],
      ["end", "2025-06-02 07:00:00", "2025-06-03 05:00", "anchor"],
      ["end", "2025-06-03 07:00:00", "2025-06-03 07:00:01"],
    ]);
    expect(spans(story.labels)).toEqual(["2025-06-01 23:00 .. 2025-06-02 07:00", "2025-06-02 23:00 .. 2025-06-03 07:00"]);
  });
});

test("midnight sharp can be said by a person", () => {
  const story = tell([
    ...NIGHT,
    ["start", "2025-06-03 00:00:00", "2025-06-03 07:30:00"],
    ["end", "2025-06-03 07:00:00", "2025-06-03 07:30:20"],
  ]);
  expect(standing(story)).toContain("2025-06-03 00:00 .. 2025-06-03 07:00");
});

test("a first value that looks made up is said where Home Assistant knows who set it", () => {
  const told: Told[] = [
    ...FRESH,
    ["start", "2025-06-03 00:00:00", "2025-06-03 07:30:00"],
    ["end", "2025-06-03 07:00:00", "2025-06-03 07:30:20"],
  ];
  const bySomebody = states(told).map((state, i) => ({ ...state, saidBy: i === 2 ? "anna" : null }));
  const now = amsterdam.instantOf("2030-01-01 00:00:00");
  expect(standing(tell(told))).toEqual([]);
  expect(standing(pairHelpers(bySomebody, rules(), now))).toEqual(["2025-06-03 00:00 .. 2025-06-03 07:00"]);
});

test("only one helper seen, or none, tells nothing and takes nothing back", () => {
  expect(tell([["start", NEVER_SET, "2025-06-01 09:00"]]).heard).toBeNull();
  expect(tell([]).heard).toBeNull();
});

test("a story is heard from when both helpers are known until a minute ago", () => {
  const told: Told[] = [
    ["start", NEVER_SET, "2025-06-01 09:00"],
    ["end", NEVER_SET, "2025-06-03 10:00"],
  ];
  expect(tell(told, amsterdam, "2025-06-05 12:00:00").heard).toEqual({
    fromMs: amsterdam.instantOf("2025-06-03 10:00"),
    untilMs: amsterdam.instantOf("2025-06-05 11:59"),
  });
});
