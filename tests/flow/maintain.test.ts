import { closeSync, openSync, writeSync } from "node:fs";
import { expect, test } from "vitest";
import { DAY_MS } from "../../src/core/time.ts";
import { maintain } from "../../src/flow/maintain.ts";
import { openForReading } from "../../src/store/db.ts";
import { checkpointLog } from "../../src/store/log-file.ts";
import { eventsOfDays, type SmallHome, START, smallHome } from "./small-home.ts";

async function homeOfDays(days: number): Promise<SmallHome> {
  const home = await smallHome();
  await home.writer.write("insertEvents", { events: eventsOfDays(days), nowMs: home.clock.nowMs() });
  home.clock.jumpTo(START + days * DAY_MS);
  return home;
}

const degraded = (home: SmallHome): string[] =>
  home.db.all<{ code: string }>("SELECT code FROM degraded ORDER BY code").map(({ code }) => code);

test("a night leaves what retention keeps, and measured sizes", async () => {
  const home = await homeOfDays(14);
  const context = { ...home.context, options: { ...home.context.options, retention: { rawDays: 7, featureDays: 30, labelledDays: 1095 } } };
  const before = home.db.get<{ n: number }>("SELECT count(*) AS n FROM raw_events")!.n;
  const { trimmed, damage } = await maintain(context);
  const after = home.db.get<{ n: number }>("SELECT count(*) AS n FROM raw_events")!.n;
  expect(damage).toBeNull();
  expect(trimmed).toBe(before - after);
  expect(trimmed).toBeGreaterThan(before / 3);
  const health = home.db.get<Record<string, number>>(
    "SELECT bytes_per_event, growth_bytes_per_day, forecast_bytes, last_retention_at_utc FROM vw_health",
  )!;
  expect(Object.values(health).every((value) => value !== null)).toBe(true);
  expect((await maintain(context)).trimmed).toBe(0);
});

test("old looks for changes and old models go at night, too", async () => {
  const home = await homeOfDays(14);
  const oldMs = home.clock.nowMs() - 100 * DAY_MS;
  for (const startedAtMs of [oldMs, oldMs + DAY_MS, home.clock.nowMs()]) {
    const runId = await home.writer.write("startChangeRun", { startedAtMs });
    const run = { status: "skipped", stepCount: 0, notes: "", streams: [], reports: [] } as const;
    await home.writer.write("finishChangeRun", { runId, ...run, finishedAtMs: startedAtMs });
  }
  // Broken once: the stage did not ask for it.
  expect((await maintain(home.context)).trimmed).toBe(2);
  expect(home.db.get("SELECT count(*) AS n FROM bocpd_training_runs")).toEqual({ n: 1 });
});

test("a clock that was set a year ahead costs no more than a day of what is kept", async () => {
  const home = await homeOfDays(14);
  const context = { ...home.context, options: { ...home.context.options, retention: { rawDays: 7, featureDays: 30, labelledDays: 1095 } } };
  await maintain(context);
  const oldest = (): number =>
    home.db.get<{ us: number }>("SELECT updated_us AS us FROM raw_events ORDER BY updated_us LIMIT 1 OFFSET 10")!.us;
  const before = oldest();
  home.clock.jumpTo(home.clock.nowMs() + 365 * DAY_MS);
  await maintain(context);
  // Broken once: by the clock alone, every event but the newest of each entity is gone.
  expect(oldest() - before).toBeLessThanOrEqual(1.1 * DAY_MS * 1000);
});

test("a damaged file is told and left as it is: nothing is trimmed from it", async () => {
  const home = await homeOfDays(30);
  checkpointLog(home.db, "empty");
  const root = home.db.get<{ page: number }>("SELECT rootpage AS page FROM sqlite_schema WHERE name = 'predictions'")!.page;
  // In the test alone: this process has other connections to the file, but nobody else has.
  const descriptor = openSync(home.db.path, "r+");
  writeSync(descriptor, Buffer.alloc(4096, 7), 0, 4096, (root - 1) * 4096);
  closeSync(descriptor);
  const reader = openForReading(home.db.path);
  const before = home.db.get("SELECT count(*) AS n FROM raw_events");
  const context = {
    ...home.context,
    reader,
    options: { ...home.context.options, retention: { rawDays: 1, featureDays: 30, labelledDays: 1095 } },
  };
  const { damage, trimmed } = await maintain(context);
  expect({ trimmed, damage }).toEqual({ trimmed: 0, damage: expect.stringMatching(/predictions|page|malformed/) });
  expect(home.db.get("SELECT count(*) AS n FROM raw_events")).toEqual(before);
  expect(degraded(home)).toEqual(["database_corrupt"]);
  reader.close();
});

test("the news of a restore goes after three days", async () => {
  const home = await homeOfDays(10);
  const marker = { code: "restored_from_backup", cause: "", effect: "", remedy: "" };
  await home.writer.write("markDegraded", { ...marker, sinceMs: home.clock.nowMs() - 2 * DAY_MS });
  await maintain(home.context);
  expect(degraded(home)).toEqual(["restored_from_backup"]);
  home.clock.jumpTo(home.clock.nowMs() + 1.1 * DAY_MS);
  await maintain(home.context);
  expect(degraded(home)).toEqual([]);
});

test("a run that is cancelled stops between two slices, and the next one does the rest", async () => {
  const home = await homeOfDays(14);
  const context = { ...home.context, options: { ...home.context.options, retention: { rawDays: 7, featureDays: 30, labelledDays: 1095 } } };
  await expect(maintain({ ...context, isCancelled: () => true })).rejects.toThrow(/cancelled/);
  expect((await maintain(context)).trimmed).toBeGreaterThan(0);
});
