import { expect, test } from "vitest";
import { createScene, MINUTE, START } from "./scene.ts";

const at = (minutes: number): number => START + minutes * MINUTE;

/** The app ran, had its run of 12:00, and was away until 13:02. */
async function awayForAnHour(missed: "skip" | "once" | "each") {
  const scene = createScene({ missed });
  await scene.setClock(START - 1);
  await scene.start();
  await scene.setClock(START);
  scene.kill();
  await scene.setClock(at(62));
  scene.begun.length = 0;
  await scene.start();
  return scene;
}

test.each([
  ["once", [60], { completed: 2, missed: 11 }],
  ["each", [5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55, 60], { completed: 13 }],
  ["skip", [], { completed: 1, missed: 12 }],
] as const)("after an hour away %s runs those due at minutes %j and leaves these receipts: %j", async (missed, runs, statuses) => {
  const scene = await awayForAnHour(missed);
  expect(scene.begun).toEqual(runs.map(at));
  expect(scene.statuses()).toEqual(statuses);
});

test("skip still runs what has just fallen due", async () => {
  const scene = createScene({ missed: "skip" });
  await scene.start();
  await scene.setClock(at(15.5));
  expect(scene.begun).toEqual([at(15)]);
  expect(scene.statuses()).toEqual({ completed: 1, missed: 2 });
});

test("looking often runs nothing twice", async () => {
  const scene = createScene();
  const scheduler = await scene.start();
  await scene.setClock(at(5));
  for (let i = 0; i < 10; i += 1) scheduler.tick();
  await scene.setClock(at(5.1));
  expect(scene.begun).toEqual([at(5)]);
});

test("a job never runs beside itself: queue lets each run wait for its turn, never leaves it out and says so", async () => {
  for (const [overlap, begun, statuses] of [
    ["queue", [at(5), at(10), at(15)], { completed: 3 }],
    ["never", [at(5)], { completed: 1, skipped: 2 }],
  ] as const) {
    const scene = createScene({ overlap });
    await scene.start();
    scene.hold();
    for (const minutes of [5, 10, 15]) {
      await scene.setClock(at(minutes));
      expect(scene.going).toHaveLength(1);
    }
    await scene.release();
    await scene.setClock(at(16));
    expect(scene.begun).toEqual(begun);
    expect(scene.statuses()).toEqual(statuses);
    if (overlap === "never") expect(scene.receipts().at(-1)?.error).toBe("the run before was still going on");
  }
});

test("a failed run leaves its reason in the receipt and is reported; the next one runs", async () => {
  const scene = createScene();
  await scene.start();
  scene.hold();
  await scene.setClock(at(5));
  scene.going[0]!.fail(new Error("no paper"));
  await scene.release();
  await scene.setClock(at(10));
  expect(scene.receipts().map(({ status, error }) => [status, error])).toEqual([
    ["failed", "no paper"],
    ["completed", null],
  ]);
  expect(scene.failures).toEqual(["job: no paper"]);
});

test("a run that takes longer than its limit is cancelled, reported and settled", async () => {
  const scene = createScene({ limitMs: 60 });
  await scene.start();
  scene.hold();
  await scene.setClock(at(5));
  await expect.poll(() => scene.statuses()).toEqual({ cancelled: 1 });
  expect(scene.receipts()[0]?.error).toBe("took longer than its limit of 0.06 seconds");
  expect(scene.failures).toEqual(["job: took longer than its limit of 0.06 seconds"]);
  scene.kill();
  await scene.start();
  expect(scene.begun).toEqual([at(5)]);
});

// Broken once: without the grace the lane waits for ever, and the run of minute 10 never begins.
test("a stuck job that hears no cancel is given up after the grace, and its lane is free again", async () => {
  const scene = createScene({ limitMs: 40 }, { graceMs: 60, isDeaf: true });
  await scene.start();
  scene.hold();
  await scene.setClock(at(5));
  await expect.poll(() => scene.statuses()).toEqual({ cancelled: 1 });
  expect(scene.receipts()[0]?.error).toMatch(
    /^took longer than its limit of 0.04 seconds and went on for 0.06 seconds after its cancel, so it was given up$/,
  );
  await scene.release();
  await scene.setClock(at(10));
  expect(scene.begun).toEqual([at(5), at(10)]);
  expect(scene.statuses()).toEqual({ cancelled: 1, completed: 1 });
});

test("a run that a person ends is cancelled, reported to nobody and not begun again", async () => {
  const scene = createScene();
  const scheduler = await scene.start();
  expect(scheduler.cancel("job")).toBe(false);
  scene.hold();
  await scene.setClock(at(5));
  expect(scheduler.nextRuns()).toEqual([{ job: "job", dueAtMs: at(10), runningSinceMs: at(5) }]);
  expect(scheduler.cancel("job")).toBe(true);
  await expect.poll(() => scene.statuses()).toEqual({ cancelled: 1 });
  expect([scene.receipts()[0]?.error, scene.failures]).toEqual(["job was cancelled", []]);
  expect(() => scheduler.cancel("jib")).toThrow("there is no job jib; jobs are job");
});

test.each([
  ["each", [5, 5], 2],
  ["once", [5, 5], 2],
  ["skip", [5], 1],
] as const)("a run that a kill cut off is interrupted, and with %s begun at minutes %j", async (missed, begun, attempts) => {
  const scene = createScene({ missed });
  await scene.start();
  scene.hold();
  await scene.setClock(at(5));
  scene.kill();
  await scene.setClock(at(7));
  await scene.release();
  await scene.start();
  expect(scene.begun).toEqual(begun.map(at));
  expect(scene.receipts()).toMatchObject([{ status: missed === "skip" ? "interrupted" : "completed", attempts }]);
});

test("a run that had finished is not run again, though the app was killed right after it", async () => {
  const scene = createScene({ missed: "each" });
  await scene.start();
  await scene.setClock(at(5));
  scene.kill();
  await scene.start();
  expect(scene.begun).toEqual([at(5)]);
});

test("a stop cuts the run off; what waited behind it runs after the next start, in order", async () => {
  const scene = createScene({ missed: "each" });
  const scheduler = await scene.start();
  scene.hold();
  for (const minutes of [5, 10]) await scene.setClock(at(minutes));
  await scheduler.stop();
  expect(scene.receipts()).toMatchObject([{ dueAtMs: at(5), status: "interrupted", error: "the app is stopping" }]);
  await scene.release();
  await scene.start();
  expect(scene.begun).toEqual([at(5), at(5), at(10)]);
  expect(scene.statuses()).toEqual({ completed: 2 });
  expect(scene.failures).toEqual([]);
});

test("a run that took the app with it three times is left until the next is due", async () => {
  const scene = createScene({ missed: "once" });
  await scene.start();
  scene.hold();
  await scene.setClock(at(5));
  for (let i = 0; i < 4; i += 1) {
    scene.kill();
    await scene.start();
  }
  expect(scene.begun).toEqual([at(5), at(5), at(5)]);
  await scene.release();
  await scene.setClock(at(10));
  expect(scene.receipts().map(({ status, attempts }) => [status, attempts])).toEqual([
    ["interrupted", 3],
    ["completed", 1],
  ]);
});

test.each([
  ["each", 36, { completed: 37 }],
  ["once", 1, { completed: 2, missed: 35 }],
  ["skip", 1, { completed: 2, missed: 35 }],
] as const)("a clock that jumps forward by three hours makes %s run %i times", async (missed, runs, statuses) => {
  const scene = createScene({ missed });
  await scene.start();
  await scene.setClock(at(5));
  await scene.setClock(at(185));
  expect(scene.begun).toHaveLength(1 + runs);
  expect(scene.statuses()).toEqual(statuses);
});

// Broken once: a beginRun that takes no notice of the status doubles runs, and a scheduler that keeps its plan is silent for the three hours, and for years when the clock came from a far future.
test("a clock that jumped forward by mistake and comes back doubles nothing, and what it had passed over runs when it is due", async () => {
  const scene = createScene({ missed: "once" });
  await scene.start();
  await scene.setClock(at(185));
  expect(scene.begun).toEqual([at(185)]);
  await scene.setClock(at(1));
  for (let minutes = 2; minutes <= 190; minutes += 1) await scene.setClock(at(minutes));
  const expected = Array.from({ length: 38 }, (_, n) => at(5 * (n + 1)));
  expect([...scene.begun].sort((a, b) => a - b)).toEqual(expected);
  expect(scene.statuses()).toEqual({ completed: 38 });
});

test("the same over a restart: receipts from the future settle nothing before their time", async () => {
  const scene = createScene({ missed: "once" });
  await scene.start();
  await scene.setClock(at(5));
  await scene.setClock(at(60 * 24 * 900));
  scene.kill();
  await scene.setClock(at(6));
  const scheduler = await scene.start();
  expect(scheduler.nextRuns()).toEqual([{ job: "job", dueAtMs: at(10), runningSinceMs: null }]);
  await scene.setClock(at(10));
  expect(scene.begun).toEqual([at(5), at(60 * 24 * 900), at(10)]);
});

test("a receipt that cannot be written loses no run: it begins at the next look", async () => {
  const scene = createScene();
  await scene.start();
  scene.db.exec("CREATE TEMP TRIGGER full BEFORE INSERT ON schedule_runs BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END");
  await scene.setClock(at(5));
  expect(scene.begun).toEqual([]);
  expect(scene.failures).toEqual(["job: database or disk is full"]);
  scene.db.exec("DROP TRIGGER full");
  await scene.setClock(at(6));
  expect(scene.begun).toEqual([at(5)]);
});

test("what keeps a due job from beginning is tried again with growing pauses and told once in a while, and it begins within a minute of its end", async () => {
  const scene = createScene();
  const scheduler = await scene.start();
  scene.db.exec("CREATE TEMP TRIGGER full BEFORE INSERT ON schedule_runs BEGIN SELECT RAISE(FAIL, 'database or disk is full'); END");
  for (let second = 0; second < 1200; second += 1) {
    await scene.setClock(at(5) + second * 1000);
    scheduler.tick();
  }
  // Broken once: 1,200 lines in 20 minutes, with a stack each.
  expect(scene.failures).toHaveLength(4);
  scene.db.exec("DROP TRIGGER full");
  for (let second = 0; second < 61; second += 1) await scene.setClock(at(25) + second * 1000);
  expect(scene.begun.length).toBeGreaterThan(0);
});

test("each makes up for what was missed in a year of quarter hours without walking through all of it, and says what it leaves out", async () => {
  const scene = createScene({ missed: "each", schedule: { kind: "cron", expression: "*/15 * * * *" } });
  await scene.start();
  await scene.setClock(at(15));
  scene.hold();
  await scene.setClock(at(365 * 1440));
  expect(scene.failures[0]).toMatch(/^job: too many runs were missed to make up for all; those due before 2027-/);
});
