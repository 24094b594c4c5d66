import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openForWriting } from "../../src/store/db.ts";
import { inlineWriter } from "../../src/store/inline-writer.ts";
import { migrate } from "../../src/store/migrate.ts";
import { getMetadata } from "../../src/store/tables/metadata.ts";
import { temporaryDatabase, temporaryFolder } from "../helpers/database.ts";

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
  part: null,
  words: "Since 3 November the hall is used 50 % less.",
  confirmedAtMs: null,
  cutOffAtMs: null,
  added: "",
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
  expect(await finish([{ ...later, withdrawnAtMs: NOW + 9, added: " Taken back on 7 November: it has faded." }])).toBe(0);
  expect(db.all("SELECT change_at_ms, after_mean, withdrawn_at_ms, words FROM change_points")).toEqual([
    {
      change_at_ms: NOW - 3,
      after_mean: 0.5,
      withdrawn_at_ms: NOW + 9,
      words: "Since 3 November the hall is used 50 % less. Taken back on 7 November: it has faded.",
    },
  ]);
});

// Broken once: where a later word on a report does not set them (finishChangeRun) a report that was borne out could not be told from one that was still being watched.
test("a report that is borne out, or whose stream falls silent, says so and since when", async () => {
  const db = temporaryDatabase(NOW);
  const writer = inlineWriter(db);
  await writer.write("startChangeRun", { startedAtMs: NOW });
  const other = { ...report, streamName: "home:activity:60m" };
  await writer.write("finishChangeRun", { ...run, streams: [], reports: [report, other] });
  const ends = () =>
    db.all("SELECT stream_name, withdrawn, confirmed_at_utc, cut_off_at_utc, words FROM vw_bocpd_changes ORDER BY stream_name");
  const open = { withdrawn: 0, confirmed_at_utc: null, cut_off_at_utc: null, words: report.words };
  expect(ends()).toEqual([
    { stream_name: report.streamName, ...open },
    { stream_name: other.streamName, ...open },
  ]);
  const final = { ...report, confirmedAtMs: NOW + 9000, words: "Since 3 November the hall is used 40 % less at night." };
  const cut = {
    ...other,
    words: "",
    cutOffAtMs: NOW + 5000,
    added: " Neither confirmed nor taken back: nothing was heard after 7 November.",
  };
  await writer.write("finishChangeRun", { ...run, streams: [], reports: [final, cut] });
  expect(ends()).toEqual([
    { stream_name: report.streamName, ...open, confirmed_at_utc: "2026-11-07T00:00:09.000Z", words: final.words },
    { stream_name: other.streamName, ...open, cut_off_at_utc: "2026-11-07T00:00:05.000Z", words: `${report.words}${cut.added}` },
  ]);
});

const stream = {
  streamName: report.streamName,
  derivedFromMs: 0,
  featureName: report.streamName,
  model: "poisson",
  cursorMs: NOW,
  hazardRate: 0.001,
  state: new Uint8Array([1]),
  stateJson: "{}",
  runLengthMap: null,
  expectedRunLength: null,
  changeProbability: null,
  lastChangeMs: null,
};
const run = { runId: 1, status: "completed" as const, finishedAtMs: NOW, stepCount: 1, notes: "", streams: [stream], reports: [report] };

test("a stream derived again and again says its report once, and once it is counted", async () => {
  const db = temporaryDatabase(NOW);
  const writer = inlineWriter(db);
  await writer.write("startChangeRun", { startedAtMs: NOW });
  const counted = () => db.get("SELECT changes_total FROM vw_health");
  for (let time = 0; time < 3; time += 1) {
    expect(await writer.write("finishChangeRun", run)).toBe(1);
    expect(counted()).toEqual({ changes_total: 1 });
  }
  await writer.write("finishChangeRun", { ...run, reports: [] });
  expect(counted()).toEqual({ changes_total: 0 });
});

test("a file of version 1 that counted reports again counts those that it holds, and one that counted none goes on with none", () => {
  for (const before of ["7", null]) {
    const db = openForWriting(join(temporaryFolder(), "before.db"));
    db.exec(readFileSync(new URL("../../src/store/migrations/0001_base.sql", import.meta.url), "utf8"));
    db.pragma("user_version = 1");
    if (before !== null) {
      const columns = "(stream_name, change_at_ms, start_low_ms, start_high_ms, probability, detected_at_ms)";
      for (const at of [1, 2]) db.run(`INSERT INTO change_points ${columns} VALUES ('a', ?, 0, 9, 0.9, ?)`, at, at);
      db.run("INSERT INTO health (key, value) VALUES ('changes_total', ?)", before);
    }
    migrate(db, NOW);
    expect(db.get("SELECT changes_total FROM vw_health")).toEqual({ changes_total: before === null ? 0 : 2 });
    db.close();
  }
});

test("only a change run that was completed counts as the last one", async () => {
  const db = temporaryDatabase(NOW);
  const writer = inlineWriter(db);
  await writer.write("startChangeRun", { startedAtMs: NOW });
  const lastAt = () => getMetadata(db, "last_bocpd_train_at");
  await writer.write("finishChangeRun", { ...run, status: "failed", streams: [], reports: [] });
  expect(lastAt()).toBeNull();
  await writer.write("finishChangeRun", run);
  const completed = lastAt();
  expect(completed).toBe(new Date(NOW).toISOString());
  for (const status of ["failed", "skipped"] as const)
    await writer.write("finishChangeRun", { ...run, status, finishedAtMs: NOW + 60_000, streams: [], reports: [] });
  expect(lastAt()).toBe(completed);
});
