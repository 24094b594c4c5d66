import { describe, expect, test } from "vitest";
import { amsterdam, FRESH, losAngeles, spans, standing, type Told, tell, wall } from "./telling.ts";

/** A night already told, so that both sides are used. */
const NIGHT: readonly Told[] = [
  ...FRESH,
  ["start", "2025-06-01 23:00:00", "2025-06-01 23:00:01"],
  ["end", "2025-06-02 07:00:00", "2025-06-02 07:00:01"],
];

describe("two helpers that are set for the first time", () => {
  test("give one label, start then end, across midnight", () => {
    const { labels, rejected, open } = tell(NIGHT);
    expect(spans(labels)).toEqual(["2025-06-01 23:00 .. 2025-06-02 07:00"]);
    expect(labels[0]).toMatchObject({
      kind: "positive",
      localDate: "2025-06-02",
      timeZone: "Europe/Amsterdam",
      source: "helper",
      status: "active",
      reason: null,
      rawStart: "2025-06-01 23:00:00",
      rawEnd: "2025-06-02 07:00:00",
      capturedAtMs: amsterdam.instantOf("2025-06-02 07:00:01"),
    });
    expect(rejected).toEqual([]);
    expect(open).toBeNull();
  });

  test("give the same label when the end is set first", () => {
    const story = tell([
      ...FRESH,
      ["end", "2025-06-02 07:00:00", "2025-06-02 08:00"],
      ["start", "2025-06-01 23:00:00", "2025-06-02 08:30"],
    ]);
    expect(spans(story.labels)).toEqual(["2025-06-01 23:00 .. 2025-06-02 07:00"]);
    expect(wall(story.labels[0]!.capturedAtMs)).toBe("2025-06-02 08:30");
    expect(story.rejected).toEqual([]);
  });

  test("give the same label when one script sets both at once", () => {
    const story = tell([
      ...FRESH,
      ["start", "2025-06-01 23:00:00", "2025-06-02 08:00"],
      ["end", "2025-06-02 07:00:00", "2025-06-02 08:00"],
    ]);
    expect(spans(story.labels)).toEqual(["2025-06-01 23:00 .. 2025-06-02 07:00"]);
  });
});

describe("a change", () => {
  test("is judged only after a minute of quiet", () => {
    const at = (now: string) => tell(NIGHT, amsterdam, now);
    expect(at("2025-06-02 07:01:00").labels).toEqual([]);
    expect(at("2025-06-02 07:01:00").settlesAtMs).toBe(amsterdam.instantOf("2025-06-02 07:01:01"));
    expect(at("2025-06-02 07:01:01").labels).toHaveLength(1);
    expect(at("2025-06-02 07:01:01").settlesAtMs).toBeNull();
  });

  test("within the quiet time leaves no trace of what it overrides", () => {
    const story = tell([
      ...NIGHT,
      ["start", "2025-06-02 23:30:00", "2025-06-03 08:00:00"],
      ["end", "2025-06-03 07:00:00", "2025-06-03 08:00:30"],
      ["end", "2025-06-03 06:00:00", "2025-06-03 08:01:00"],
      ["end", "2025-06-03 06:15:00", "2025-06-03 08:01:59"],
    ]);
    expect(spans(story.labels)).toEqual(["2025-06-01 23:00 .. 2025-06-02 07:00", "2025-06-02 23:30 .. 2025-06-03 06:15"]);
    expect(story.rejected).toEqual([]);
  });

  test("exactly a minute after another one is judged by itself", () => {
    const story = tell([
      ...NIGHT,
      ["end", "2025-06-02 07:10:00", "2025-06-02 08:00:00"],
      ["end", "2025-06-02 07:20:00", "2025-06-02 08:01:00"],
    ]);
    expect(story.labels).toHaveLength(3);
  });

  test("taken back within the quiet time is none", () => {
    const story = tell([
      ...NIGHT,
      ["end", "2025-06-02 07:10:00", "2025-06-02 08:00:00"],
      ["end", "2025-06-02 07:00:00", "2025-06-02 08:00:20"],
    ]);
    expect(story.labels).toHaveLength(1);
  });

  test("after now is not looked at", () => {
    expect(tell(NIGHT, amsterdam, "2025-06-02 06:00").open).toMatchObject({ waitingFor: "end" });
  });
});

describe("half an entry", () => {
  test("a start after the last end is an open label that waits for its end", () => {
    const story = tell([...NIGHT, ["start", "2025-06-02 22:45:00", "2025-06-02 22:45:01"]]);
    expect(story.labels).toHaveLength(1);
    expect(story.rejected).toEqual([]);
    expect(story.open).toEqual({
      startMs: amsterdam.instantOf("2025-06-02 22:45"),
      endMs: null,
      waitingFor: "end",
      sinceMs: amsterdam.instantOf("2025-06-02 22:45:01"),
    });
  });

  test("an end long after the last start waits for its start and is no mistake", () => {
    const story = tell([...NIGHT, ["end", "2025-06-03 07:00:00", "2025-06-03 07:10"]]);
    expect(story.labels).toHaveLength(1);
    expect(story.rejected).toEqual([]);
    expect(story.open).toMatchObject({ startMs: null, waitingFor: "start" });
  });

  test("a start forgotten in the evening and told after the end still makes the night", () => {
    const story = tell([
      ...NIGHT,
      ["end", "2025-06-03 07:00:00", "2025-06-03 07:10"],
      ["start", "2025-06-02 23:20:00", "2025-06-03 07:15"],
    ]);
    expect(spans(story.labels).at(-1)).toBe("2025-06-02 23:20 .. 2025-06-03 07:00");
  });

  test("a second start before any end moves the open label", () => {
    const story = tell([
      ...NIGHT,
      ["start", "2025-06-02 22:45:00", "2025-06-02 22:45:01"],
      ["start", "2025-06-02 23:30:00", "2025-06-02 23:30:01"],
      ["end", "2025-06-03 07:00:00", "2025-06-03 07:00:01"],
    ]);
    expect(standing(story)).toEqual(["2025-06-01 23:00 .. 2025-06-02 07:00", "2025-06-02 23:30 .. 2025-06-03 07:00"]);
  });

  test("a start that equals the last end begins the next piece", () => {
    const story = tell([
      ...NIGHT,
      ["start", "2025-06-02 07:00:00", "2025-06-02 07:05"],
      ["end", "2025-06-02 08:00:00", "2025-06-02 08:01"],
    ]);
    expect(standing(story)).toEqual(["2025-06-01 23:00 .. 2025-06-02 07:00", "2025-06-02 07:00 .. 2025-06-02 08:00"]);
    expect(story.rejected).toEqual([]);
  });

  test("a side that HA lost (unknown) keeps what was said", () => {
    const story = tell([
      ...NIGHT,
      ["start", "2025-06-02 22:45:00", "2025-06-02 22:45:01"],
      ["start", "unavailable", "2025-06-03 01:00"],
      ["end", "2025-06-03 07:00:00", "2025-06-03 07:00:01"],
    ]);
    expect(spans(story.labels).at(-1)).toBe("2025-06-02 22:45 .. 2025-06-03 07:00");
  });
});

describe("an entry that begins with the side of another day", () => {
  const later: readonly Told[] = [
    ...NIGHT,
    ["start", "2025-06-02 22:00:00", "2025-06-02 22:00:01"],
    ["end", "2025-06-03 06:00:00", "2025-06-03 06:00:01"],
  ];

  test("is no mistake when its end comes first", () => {
    const story = tell([
      ...later,
      ["end", "2025-06-02 15:00:00", "2025-06-03 09:00"],
      ["start", "2025-06-02 14:00:00", "2025-06-03 09:05"],
    ]);
    expect(story.rejected).toEqual([]);
    expect(standing(story)).toContain("2025-06-02 14:00 .. 2025-06-02 15:00");
  });

  test("is no mistake when its start comes first", () => {
    const story = tell([
      ...later,
      ["start", "2025-05-31 23:00:00", "2025-06-03 09:00"],
      ["end", "2025-06-01 06:00:00", "2025-06-03 09:05"],
    ]);
    expect(story.rejected).toEqual([]);
    expect(standing(story)).toEqual([
      "2025-05-31 23:00 .. 2025-06-01 06:00",
      "2025-06-01 23:00 .. 2025-06-02 07:00",
      "2025-06-02 22:00 .. 2025-06-03 06:00",
    ]);
  });
});

describe("a pair that cannot be", () => {
  const reasons = (told: readonly Told[]) => tell(told).rejected.map(({ reason }) => reason);

  test("an end before a start that waits for it is rejected and named", () => {
    const told: Told[] = [
      ...NIGHT,
      ["start", "2025-06-02 22:45:00", "2025-06-02 22:45:01"],
      ["end", "2025-06-02 07:30:00", "2025-06-03 07:30"],
    ];
    expect(reasons(told)).toEqual(["end before start"]);
    expect(standing(tell([...told, ["end", "2025-06-03 07:30:00", "2025-06-03 07:35"]]))).toContain("2025-06-02 22:45 .. 2025-06-03 07:30");
  });

  test("equal bounds are rejected and named", () => {
    expect(
      reasons([...FRESH, ["start", "2025-06-01 23:00:00", "2025-06-02 07:00"], ["end", "2025-06-01 23:00:00", "2025-06-02 07:00:20"]]),
    ).toEqual(["equal bounds"]);
  });

  test("more than sixteen hours are rejected, sixteen are not", () => {
    const night = (end: string): Told[] => [
      ...FRESH,
      ["start", "2025-06-01 20:00:00", "2025-06-01 20:00:01"],
      ["end", end, "2025-06-02 12:30"],
    ];
    expect(reasons(night("2025-06-02 12:00:01"))).toEqual(["too long"]);
    expect(tell(night("2025-06-02 12:00:00")).labels).toHaveLength(1);
  });

  test("an end that had not come yet is rejected, also once it has passed", () => {
    const told: Told[] = [
      ...FRESH,
      ["start", "2025-06-01 23:00:00", "2025-06-01 23:00:01"],
      ["end", "2025-06-02 07:00:00", "2025-06-01 23:02"],
    ];
    expect(reasons(told)).toEqual(["ends in the future"]);
    expect(tell(told).labels).toEqual([]);
  });

  test("an end rounded up by minutes counts, and is captured at its end", () => {
    const story = tell([
      ...FRESH,
      ["start", "2025-06-01 23:00:00", "2025-06-01 23:00:01"],
      ["end", "2025-06-02 07:00:00", "2025-06-02 06:56"],
    ]);
    expect(story.labels).toHaveLength(1);
    expect(story.labels[0]!.capturedAtMs).toBe(story.labels[0]!.endMs);
  });
});

describe("setting again later", () => {
  test("corrects the label that it overlaps", () => {
    const story = tell([
      ...NIGHT,
      ["end", "2025-06-02 07:40:00", "2025-06-02 07:41"],
      ["start", "2025-06-01 23:30:00", "2025-06-02 07:50"],
    ]);
    expect(spans(story.labels)).toHaveLength(3);
    expect(standing(story)).toEqual(["2025-06-01 23:30 .. 2025-06-02 07:40"]);
  });

  test("leaves other labels alone: a night in pieces and a nap, each start first", () => {
    const story = tell([
      ...FRESH,
      ["start", "2025-06-01 23:00:00", "2025-06-01 23:00:01"],
      ["end", "2025-06-02 02:00:00", "2025-06-02 02:00:01"],
      ["start", "2025-06-02 02:40:00", "2025-06-02 02:40:01"],
      ["end", "2025-06-02 07:00:00", "2025-06-02 07:00:01"],
      ["start", "2025-06-02 14:00:00", "2025-06-02 14:00:01"],
      ["end", "2025-06-02 14:45:00", "2025-06-02 14:45:01"],
    ]);
    expect(standing(story)).toEqual([
      "2025-06-01 23:00 .. 2025-06-02 02:00",
      "2025-06-02 02:40 .. 2025-06-02 07:00",
      "2025-06-02 14:00 .. 2025-06-02 14:45",
    ]);
  });

  test("a nap told slowly, end first, does not swallow the night before it", () => {
    const half: Told[] = [...NIGHT, ["end", "2025-06-02 14:45:00", "2025-06-02 15:00"]];
    expect(standing(tell(half))).toEqual(["2025-06-01 23:00 .. 2025-06-02 14:45"]);
    expect(standing(tell([...half, ["start", "2025-06-02 14:00:00", "2025-06-02 15:05"]]))).toEqual([
      "2025-06-01 23:00 .. 2025-06-02 07:00",
      "2025-06-02 14:00 .. 2025-06-02 14:45",
    ]);
  });

  test("an earlier nap told slowly, start first, does not swallow the night after it", () => {
    const story = tell([
      ...NIGHT,
      ["start", "2025-06-01 19:00:00", "2025-06-02 09:00"],
      ["end", "2025-06-01 19:30:00", "2025-06-02 09:05"],
    ]);
    expect(standing(story)).toEqual(["2025-06-01 19:00 .. 2025-06-01 19:30", "2025-06-01 23:00 .. 2025-06-02 07:00"]);
  });

  test("several slow edits of one side are one half", () => {
    const story = tell([
      ...NIGHT,
      ["end", "2025-06-02 14:00:00", "2025-06-02 15:00"],
      ["end", "2025-06-02 14:45:00", "2025-06-02 15:03"],
      ["start", "2025-06-02 14:00:00", "2025-06-02 15:05"],
    ]);
    expect(standing(story)).toEqual(["2025-06-01 23:00 .. 2025-06-02 07:00", "2025-06-02 14:00 .. 2025-06-02 14:45"]);
  });

  test("a correction stands when both sides are set anew for another label", () => {
    const story = tell([
      ...NIGHT,
      ["end", "2025-06-02 08:30:00", "2025-06-02 08:30:01"],
      ["end", "2025-06-01 19:30:00", "2025-06-02 09:00"],
      ["start", "2025-06-01 19:00:00", "2025-06-02 09:05"],
    ]);
    expect(standing(story)).toEqual(["2025-06-01 19:00 .. 2025-06-01 19:30", "2025-06-01 23:00 .. 2025-06-02 08:30"]);
  });

  test("a start corrected in the third night leaves the second alone", () => {
    const story = tell([
      ...NIGHT,
      ["start", "2025-06-02 23:00:00", "2025-06-02 23:00:01"],
      ["end", "2025-06-03 07:00:00", "2025-06-03 07:00:01"],
      ["start", "2025-06-03 23:00:00", "2025-06-03 23:00:01"],
      ["end", "2025-06-04 07:00:00", "2025-06-04 07:00:01"],
      ["start", "2025-06-03 23:30:00", "2025-06-04 08:00:00"],
    ]);
    expect(standing(story)).toEqual([
      "2025-06-01 23:00 .. 2025-06-02 07:00",
      "2025-06-02 23:00 .. 2025-06-03 07:00",
      "2025-06-03 23:30 .. 2025-06-04 07:00",
    ]);
  });

  test("waking twice corrects the night, and the next evening changes nothing about it", () => {
    const story = tell([
      ...NIGHT,
      ["end", "2025-06-02 08:30:00", "2025-06-02 08:30:01"],
      ["start", "2025-06-02 23:15:00", "2025-06-02 23:15:01"],
      ["end", "2025-06-03 07:00:00", "2025-06-03 07:00:01"],
    ]);
    expect(standing(story)).toEqual(["2025-06-01 23:00 .. 2025-06-02 08:30", "2025-06-02 23:15 .. 2025-06-03 07:00"]);
  });
});

describe("helpers that hold a time alone", () => {
  const fresh: readonly Told[] = [
    ["start", "00:00:00", "2025-06-01 09:00"],
    ["end", "00:00:00", "2025-06-01 09:00"],
  ];

  test("give each night its own dates", () => {
    const story = tell([
      ...fresh,
      ["start", "23:10:00", "2025-06-01 23:10:05"],
      ["end", "07:05:00", "2025-06-02 07:30:00"],
      ["start", "23:40:00", "2025-06-03 08:00:00"],
      ["end", "07:20:00", "2025-06-03 08:00:20"],
    ]);
    expect(standing(story)).toEqual(["2025-06-01 23:10 .. 2025-06-02 07:05", "2025-06-02 23:40 .. 2025-06-03 07:20"]);
  });

  test("take the same time again as said on another day", () => {
    const story = tell([
      ...fresh,
      ["start", "23:10:00", "2025-06-01 23:10:05"],
      ["end", "07:05:00", "2025-06-02 07:30:00"],
      ["start", "23:40:00", "2025-06-02 23:40:10"],
      ["start", "23:10:00", "2025-06-02 23:40:40"],
      ["end", "07:20:00", "2025-06-03 07:21:00"],
    ]);
    expect(standing(story)).toEqual(["2025-06-01 23:10 .. 2025-06-02 07:05", "2025-06-02 23:10 .. 2025-06-03 07:20"]);
  });

  test("that nobody set (a start given by `initial`) make no label", () => {
    const story = tell([
      ["start", "23:00:00", "2025-06-01 23:30"],
      ["end", "06:00:00", "2025-06-01 23:30"],
      ["end", "07:10:00", "2025-06-02 07:11"],
    ]);
    expect(story.labels).toEqual([]);
  });
});

describe("nights on which the clocks change", () => {
  const night = (zone: typeof amsterdam, start: string, end: string): Told[] => [
    ["start", "2025-01-01 00:00:00", "2025-01-01 09:00"],
    ["end", "2025-01-01 00:00:00", "2025-01-01 09:00"],
    ["start", start, zone.instantOf(start) + 1_000],
    ["end", end, zone.instantOf(end) + 3_600_000],
  ];

  test.each([
    ["Europe/Amsterdam in autumn", amsterdam, "2025-10-25 23:00:00", "2025-10-26 07:00:00", 9],
    ["Europe/Amsterdam in spring", amsterdam, "2025-03-29 23:00:00", "2025-03-30 07:00:00", 7],
    ["America/Los_Angeles in autumn", losAngeles, "2025-11-01 23:00:00", "2025-11-02 07:00:00", 9],
    ["America/Los_Angeles in spring", losAngeles, "2025-03-08 23:00:00", "2025-03-09 07:00:00", 7],
  ])("%s last as long as they really did", (_, zone, start, end, hours) => {
    const { labels } = tell(night(zone, start, end), zone);
    expect(labels).toHaveLength(1);
    expect((labels[0]!.endMs - labels[0]!.startMs) / 3_600_000).toBe(hours);
    expect(labels[0]!.localDate).toBe(end.slice(0, 10));
  });

  test("an end by the wall clock before its start is the repeated hour's second telling", () => {
    const { labels } = tell(
      [
        ["start", "2025-01-01 00:00:00", "2025-01-01 09:00"],
        ["end", "2025-01-01 00:00:00", "2025-01-01 09:00"],
        ["start", "2025-10-26 02:45:00", "2025-10-26 08:00:00"],
        ["end", "2025-10-26 02:15:00", "2025-10-26 08:00:20"],
      ],
      amsterdam,
    );
    expect(labels.map(({ startMs, endMs }) => (endMs - startMs) / 60_000)).toEqual([30]);
  });
});
