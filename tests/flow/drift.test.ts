import { expect, test } from "vitest";
import type { StateEvent } from "../../src/core/events/event.ts";
import { DAY_MS, HOUR_MS, isoMs, MINUTE_MS } from "../../src/core/time.ts";
import { readDriftMemory } from "../../src/flow/drift-watch.ts";
import { tellLabels } from "../../src/flow/labels.ts";
import { reportText } from "../../src/flow/report-text.ts";
import { createStages, type StageName } from "../../src/flow/stages.ts";
import { builtInJobs } from "../../src/runtime/jobs.ts";
import { readTargets } from "../../src/store/tables/labels.ts";
import { readModels } from "../../src/store/tables/model-list.ts";
import { eventsOfDays, labelsOfDays, START, smallHome } from "./small-home.ts";

const CHANGE_DAY = 25;
const LAST_DAY = 36;

/** As before until CHANGE_DAY; from then on nobody lies in that bed, and somebody walks through the hall all night. */
function eventsWithAChange(): StateEvent[] {
  const changeMs = START + CHANGE_DAY * DAY_MS;
  const before = eventsOfDays(LAST_DAY).filter(
    ({ entityId, updatedUs }) => updatedUs < changeMs * 1000 || entityId !== "binary_sensor.bed",
  );
  const walks: StateEvent[] = [];
  for (let day = CHANGE_DAY; day < LAST_DAY; day += 1) {
    for (let minute = 0; minute < 540; minute += 12) {
      const atMs = START + day * DAY_MS + 10.5 * HOUR_MS + minute * MINUTE_MS;
      for (const [state, delayMs] of [["on", 13] as const, ["off", 60_000] as const])
        walks.push({
          entityId: "binary_sensor.hall_motion",
          state,
          updatedUs: (atMs + delayMs) * 1000,
          knownAtMs: null,
          source: "history",
        });
    }
  }
  return [...before, ...walks].sort((a, b) => a.updatedUs - b.updatedUs);
}

test("a quiet home is never trained for a drift, a change of habit trains it exactly once, and the run says why", async () => {
  const home = await smallHome();
  await home.writer.write("insertEvents", { events: eventsWithAChange(), nowMs: START });
  const stages = createStages(home.context);
  const job = builtInJobs({
    clock: home.clock,
    stages: { run: (name, input) => stages[name as StageName](input as never) as never },
    anchorHour: 12,
    settleMs: 0,
    flushEvents: () => Promise.resolve(),
  }).find(({ name }) => name === "drift")!;

  home.clock.jumpTo(START + 6 * DAY_MS + HOUR_MS);
  await tellLabels({ ...home, nowMs: home.clock.nowMs() }, "sleep", labelsOfDays(6));
  await stages.features({});
  await stages.pairs({});
  await stages.train({});

  const foundOn: number[] = [];
  for (let day = 20; day <= LAST_DAY - 1; day += 1) {
    home.clock.jumpTo(START + day * DAY_MS + 7 * HOUR_MS);
    await stages.features({});
    if ((await job.run(home.clock.nowMs(), new AbortController().signal)) > 0) foundOn.push(day);
  }
  // Broken once: without what is remembered of a drift that was answered (drift-watch.ts) it is found on nine days.
  expect(foundOn).toHaveLength(1);
  expect(foundOn[0]).toBeGreaterThan(CHANGE_DAY);
  expect(foundOn[0]).toBeLessThanOrEqual(CHANGE_DAY + 7);

  const whys = home.reader.all<{ why: string; status: string }>(
    "SELECT report_json ->> '$.why' AS why, status FROM clr_training_runs ORDER BY id",
  );
  expect(whys).toEqual([
    { why: "asked for by hand", status: "completed" },
    {
      why: expect.stringMatching(/^drift: the 7 days up to 2026-.* UTC against the \d+ days before: score PSI [\d.]+/),
      status: "completed",
    },
  ]);
  const { readiness } = home.reader.get<{ readiness: string }>("SELECT readiness FROM vw_health")!;
  expect(JSON.parse(readiness).sleep.drift).toMatch(/^drift found 2026-\d\d-\d\d: the 7 days .*; it was trained again for that$/);
  const text = reportText(home.reader, "sleep", readModels(home.reader, 1)[0]!);
  expect(text).toMatch(/reason of the training: drift: the 7 days/);
  expect(text).toMatch(/the score: [\d.]+, limit [\d.]+/);
  expect(text).toMatch(/binary_sensor.bed:[a-z_:0-9]+: [\d.]+, limit [\d.]+, has drifted/);
}, 240_000);

// Broken once: settled after any run that did not throw, a drift that no training answered was told as answered.
test("a training that makes no model leaves a drift to be answered", async () => {
  const home = await smallHome();
  await home.writer.write("insertEvents", { events: eventsOfDays(2), nowMs: START });
  const stages = createStages(home.context);
  home.clock.jumpTo(START + 2 * DAY_MS);
  await stages.features({});
  await stages.pairs({});
  const { targetId } = readTargets(home.reader)[0]!;
  const found = { checked_at_utc: isoMs(START), words: "w", pending: "w", found_at_utc: isoMs(START), found: "w" };
  await home.writer.write("setHealth", { [`drift.${targetId}`]: JSON.stringify(found) });
  const [trained] = await stages.train({});
  expect(trained?.status).not.toBe("completed");
  expect(readDriftMemory(home.context, { targetId })?.pending).toBe("w");
});
