import { expect, test } from "vitest";
import { progressLine } from "../../src/runtime/progress.ts";
import { createLeapingClock } from "../helpers/test-clock.ts";

function told(isTTY: boolean, seconds: number, leftMs?: number): string[] {
  const clock = createLeapingClock(0);
  const texts: string[] = [];
  const bar = progressLine(clock, "fetching the past", { isTTY, write: (text) => texts.push(text) });
  for (let tick = 0; tick <= seconds * 10; tick += 1) {
    bar.show({ share: tick / (seconds * 10), rows: tick * 100, ...(leftMs === undefined ? {} : { leftMs }) });
    clock.advance(100);
  }
  bar.end();
  return texts;
}

test("a terminal shows one bar that is drawn anew, and nothing is left of it at the end", () => {
  const texts = told(true, 20);
  expect(texts.every((text) => text.startsWith("\r\x1b[K") && !text.includes("\n"))).toBe(true);
  expect(
    texts.some((text) => text.includes("fetching the past [############------------] 50 %, 10000 events, 1000 a second, about 10 s left")),
  ).toBe(true);
  expect(texts.at(-1)).toBe("\r\x1b[K");
  expect(texts.length).toBeGreaterThan(50);
});

test("elsewhere a line comes now and then, and what is over within two seconds says nothing", () => {
  const texts = told(false, 20);
  expect(texts.every((text) => text.endsWith("\n") && !text.includes("\r"))).toBe(true);
  expect(texts.length).toBeLessThan(6);
  expect(told(false, 1)).toEqual([]);
  expect(told(true, 1)).toEqual([]);
});

test("a time left that is known better is told as exactly as it can be believed", () => {
  expect(told(false, 20, 150_000).at(-1)).toContain("about 3 min left");
  expect(told(false, 20, 7_800_000).at(-1)).toContain("about 2 h 10 min left");
});
