import { expect, test } from "vitest";
import { inlineWriter } from "../../src/store/inline-writer.ts";
import { temporaryDatabase } from "../helpers/database.ts";

const NOW = Date.UTC(2026, 10, 7);
const report = {
  streamName: "area.hall:activity:60m",
  changeAtMs: NOW - 3,
  startLowMs: NOW - 4,
  startHighMs: NOW - 2,
  probability: 0.9,
  beforeMean: 1,
  afterMean: 0.5,
  detectedAtMs: NOW,
  withdrawnAtMs: null,
  words: "Since 3 November the hall is used 50 % less.",
  takenBack: "",
};

test("a report that is taken back keeps what it said, and says since when it no longer holds", async () => {
  const db = temporaryDatabase(NOW);
  const writer = inlineWriter(db);
  const runId = await writer.write("startChangeRun", { startedAtMs: NOW });
  const finish = (reports: readonly (typeof report | Record<string, unknown>)[]) =>
    writer.write("finishChangeRun", {
      runId,
      status: "completed",
      finishedAtMs: NOW,
      stepCount: 1,
      notes: "",
      streams: [],
      reports: reports as (typeof report)[],
    });
  expect(await finish([report])).toBe(1);
  const later = { ...report, changeAtMs: NOW + 5, afterMean: 1.7, words: "Since 7 November the hall is used 70 % more." };
  expect(await finish([{ ...later, withdrawnAtMs: NOW + 9, takenBack: " Taken back on 7 November: it has faded." }])).toBe(0);
  expect(db.all("SELECT change_at_ms, after_mean, withdrawn_at_ms, words FROM change_points")).toEqual([
    {
      change_at_ms: NOW - 3,
      after_mean: 0.5,
      withdrawn_at_ms: NOW + 9,
      words: "Since 3 November the hall is used 50 % less. Taken back on 7 November: it has faded.",
    },
  ]);
});
