import { expect, test } from "vitest";
import { createMarkers } from "../../src/app/markers.ts";
import { createJumpingClock } from "../../src/runtime/clock.ts";
import { inlineWriter } from "../../src/store/inline-writer.ts";
import { temporaryDatabase } from "../helpers/database.ts";
import { createLeapingClock } from "../helpers/test-clock.ts";

const NOW = Date.UTC(2026, 10, 21);
const log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const marker = { code: "job_failed_train", cause: "It failed.", effect: "No new model.", remedy: "Wait." };

test("a marker keeps its first instant while it lasts, and ends even when the run before this one set it", async () => {
  const db = temporaryDatabase();
  const clock = createJumpingClock(NOW);
  const markers = createMarkers(inlineWriter(db), clock, log);
  await markers.mark(marker);
  clock.jumpTo(NOW + 60_000);
  await markers.mark({ ...marker, cause: "It failed again." });
  expect(db.all("SELECT code, since_ms, cause FROM degraded")).toEqual([{ code: marker.code, since_ms: NOW, cause: "It failed again." }]);
  await createMarkers(inlineWriter(db), clock, log).clear(marker.code);
  expect(db.all("SELECT code FROM degraded")).toEqual([]);
});

// Broken once: whoever marked had to mark again, and most did not.
test("a marker that could not be written is said at once, and written by itself when it can be", async () => {
  const db = temporaryDatabase();
  const writer = inlineWriter(db);
  const clock = createLeapingClock(NOW);
  const said: string[] = [];
  let isBroken = true;
  const markers = createMarkers(
    { write: (name, input) => (isBroken ? Promise.reject(new Error("disk full")) : writer.write(name, input)) },
    clock,
    { ...log, warn: (words: string) => said.push(words) },
  );
  await markers.mark(marker);
  isBroken = false;
  clock.tick();
  await new Promise((resolve) => setImmediate(resolve));
  expect(said).toEqual(["It failed. No new model. Wait.", expect.stringContaining("cannot be written at present")]);
  expect(db.all("SELECT code FROM degraded")).toEqual([{ code: marker.code }]);
});

test("what a stage found amiss is said once while it lasts, and when it ends", () => {
  const said: string[] = [];
  const note = (words: string, fields?: object): number => said.push(`${words} ${JSON.stringify(fields)}`);
  const markers = createMarkers(inlineWriter(temporaryDatabase()), createJumpingClock(NOW), { ...log, warn: note, info: note });
  markers.noteMarked(marker);
  markers.noteMarked(marker);
  markers.noteCleared(marker.code);
  expect(said).toEqual([
    'It failed. No new model. Wait. {"code":"job_failed_train"}',
    'this is in order again {"code":"job_failed_train"}',
  ]);
});
