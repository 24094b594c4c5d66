import { expect, test } from "vitest";
import { createMarkers } from "../../src/app/markers.ts";
import { watchQuiet } from "../../src/app/quiet-watch.ts";
import { inlineWriter } from "../../src/store/inline-writer.ts";
import { inlineReader } from "../../src/store/reads.ts";
import { insertEvents } from "../../src/store/tables/events.ts";
import { noteGap } from "../../src/store/tables/gaps.ts";
import { temporaryDatabase } from "../helpers/database.ts";
import { createLeapingClock } from "../helpers/test-clock.ts";

const NOW = Date.UTC(2026, 10, 21);
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** A home that is listened to; `past` = the hours before now at which an entity spoke. */
function createScene(past: readonly number[]) {
  const db = temporaryDatabase();
  insertEvents(db, {
    nowMs: NOW,
    events: past.map((hours) => ({
      entityId: "light.hall",
      state: `${hours}`,
      updatedUs: Math.round(NOW - hours * HOUR_MS) * 1000,
      knownAtMs: null,
      source: "history",
    })),
  });
  const clock = createLeapingClock(NOW);
  const writer = inlineWriter(db);
  const reader = inlineReader(db);
  let asked = 0;
  const quiet = watchQuiet({
    clock,
    markers: createMarkers(writer, clock, log),
    homeNowMs: () => clock.nowMs(),
    longestQuiet(question) {
      asked += 1;
      return reader.read("longestQuiet", question);
    },
    onError: (error) => {
      throw error;
    },
  });
  const connection = new AbortController();
  quiet.listen(connection.signal);
  async function minutes(count: number, each: () => void = () => undefined): Promise<void> {
    for (let n = 0; n < count; n += 1) {
      each();
      clock.advance(MINUTE_MS);
      clock.tick();
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }
  const marked = (): string[] => db.all<{ cause: string }>("SELECT cause FROM degraded WHERE code = 'no_events'").map(({ cause }) => cause);
  return { db, clock, quiet, connection, minutes, marked, asked: () => asked };
}

/** Every ten minutes for three days. */
const busy = Array.from({ length: 3 * 24 * 6 }, (_, n) => (n + 1) / 6);

test("a busy home that says nothing for half an hour is told, until it speaks again", async () => {
  const { quiet, minutes, marked, asked } = createScene(busy);
  await minutes(29);
  expect([marked(), asked()]).toEqual([[], 0]);
  await minutes(2);
  expect(marked()).toEqual([
    expect.stringContaining("for 30 minutes. In the last two weeks it was never quiet for more than half of that."),
  ]);
  await minutes(60);
  expect([marked().length, asked()]).toEqual([1, 1]);
  quiet.heard();
  await minutes(1);
  expect(marked()).toEqual([]);
  // Broken once: the quiet went on counting from before that change.
  await minutes(29);
  expect(marked()).toEqual([]);
  await minutes(3);
  expect(marked()).toHaveLength(1);
});

test("one change every 29 minutes is life, and no question is asked", async () => {
  const { quiet, minutes, marked, asked } = createScene(busy);
  for (let n = 0; n < 5; n += 1) await minutes(29, n > 0 ? quiet.heard : undefined);
  expect([marked(), asked()]).toEqual([[], 0]);
});

test("a home whose nights are quiet for seven hours may be quiet for fourteen", async () => {
  const { minutes, marked } = createScene(busy.filter((hours) => hours % 24 < 3 || hours % 24 > 9.9));
  // Broken once: without the longest quiet it was told after half an hour.
  await minutes(13 * 60 + 40);
  expect(marked()).toEqual([]);
  await minutes(40);
  expect(marked()).toEqual([expect.stringContaining("for 14 hours")]);
});

test("an outage shows nothing of how quiet the home is", async () => {
  const { db, minutes, marked } = createScene(busy.filter((hours) => hours < 10 || hours > 30));
  noteGap(db, { entityId: null, fromMs: NOW - 29 * HOUR_MS, toMs: NOW - 11 * HOUR_MS, reason: "disconnected", nowMs: NOW });
  await minutes(31);
  // Broken once: with the hole counted it would have been forty hours.
  expect(marked()).toHaveLength(1);
});

test("of a home of which less than two days are known a night is awaited", async () => {
  for (const past of [[], [1], busy.filter((hours) => hours < 47)]) {
    const { minutes, marked } = createScene(past);
    await minutes(12 * 60 - 1);
    expect(marked()).toEqual([]);
    await minutes(2);
    expect(marked()).toEqual([expect.stringContaining("for 12 hours. How quiet it is at night is not known yet.")]);
  }
});

test("a connection that ended is no quiet one", async () => {
  const { connection, minutes, marked } = createScene(busy);
  await minutes(31);
  expect(marked()).toHaveLength(1);
  connection.abort();
  await minutes(60);
  expect(marked()).toEqual([]);
});
