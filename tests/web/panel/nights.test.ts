import { describe, expect, test } from "vitest";
import { newestNight, nightsOf } from "../../../src/web/panel/screens/labels/nights.ts";
import { createZone } from "../../../src/web/panel/words/zone.ts";

const zone = createZone("Europe/Amsterdam");
const newest = newestNight(zone, Date.parse("2026-10-27T09:00:00Z"));
const span = (startUtc: string, endUtc: string, kind = "positive") => ({ startUtc, endUtc, kind }) as never;
const nights = (labels: readonly never[], suggestions: readonly never[] = []) =>
  nightsOf(zone, { newest, oldest: newest - 3 }, labels, suggestions);

describe("nights", () => {
  test("are named by the morning, from noon to noon, also when the clocks change in one", () => {
    const found = nights([]);
    expect(found.map(({ date }) => date)).toEqual(["2026-10-27", "2026-10-26", "2026-10-25", "2026-10-24"]);
    expect(found.map(({ fromMs, toMs }) => (toMs - fromMs) / 3_600_000)).toEqual([24, 24, 25, 24]);
  });

  test("a label stands with the night in which its middle lies, two parts of one night stand together", () => {
    const found = nights([
      span("2026-10-26T02:00:00Z", "2026-10-26T06:00:00Z"),
      span("2026-10-25T21:00:00Z", "2026-10-26T01:00:00Z"),
      span("2026-10-26T13:00:00Z", "2026-10-26T13:30:00Z"),
    ]);
    expect(found.map(({ labels }) => labels.map(({ startUtc }) => startUtc.slice(5, 13)))).toEqual([
      ["10-26T13"],
      ["10-25T21", "10-26T02"],
      [],
      [],
    ]);
  });

  test("nothing said, suggested, excluded and a no are four different things", () => {
    const states = nights(
      [
        span("2026-10-26T11:00:00Z", "2026-10-27T11:00:00Z", "negative"),
        // A holiday over two nights, of which one has a label all the same.
        span("2026-10-23T10:00:00Z", "2026-10-25T11:00:00Z", "excluded"),
        span("2026-10-23T21:00:00Z", "2026-10-24T05:00:00Z"),
      ],
      [span("2026-10-25T21:00:00Z", "2026-10-26T05:00:00Z")],
    ).map(({ state }) => state);
    expect(states).toEqual(["none", "suggested", "excluded", "said"]);
  });
});
