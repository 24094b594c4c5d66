import { expect, test } from "vitest";
import { plotStream } from "../../../src/core/changes/plot.ts";
import { createZone, DAY_MS, HOUR_MS } from "../../../src/core/time.ts";
import { BEGIN_MS } from "./streams.ts";

const zone = createZone("Europe/Berlin");
const hours = Array.from({ length: 240 }, (_, t) => ({ endMs: BEGIN_MS + (t + 1) * HOUR_MS, value: t >= 96 && t < 144 ? null : t % 24 }));
const report = {
  startMs: BEGIN_MS + 6 * DAY_MS,
  startLowMs: BEGIN_MS + 5.5 * DAY_MS,
  startHighMs: BEGIN_MS + 6.5 * DAY_MS,
  detectedAtMs: BEGIN_MS + 7 * DAY_MS,
  isWithdrawn: false,
  words: 'Since 12 January "A & B" < usual.',
};

test("a plot shows each six hours that are known, breaks its line where nothing is, and escapes what it is told", () => {
  const svg = plotStream("a<b", hours, [report], zone);
  expect(svg.match(/<circle /g)).toHaveLength((240 - 48) / 6);
  expect(svg.match(/d="M[^"]*"/g)!.some((path) => path.lastIndexOf("M") > 3)).toBe(true);
  expect(svg).toContain("a&lt;b");
  expect(svg).toContain("Since 12 January &quot;A &amp; B&quot; &lt; usual.");
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
});

test("a stream of which nothing is known, or that never varies, is still a plot", () => {
  for (const value of [null, 3])
    expect(
      plotStream(
        "x",
        hours.map((hour) => ({ ...hour, value })),
        [],
        zone,
      ),
    ).not.toMatch(/NaN|Infinity/);
  expect(plotStream("x", [], [], zone)).not.toMatch(/NaN|Infinity/);
});
