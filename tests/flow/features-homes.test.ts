import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createFeatureStage } from "../../src/flow/features.ts";
import type { StageContext } from "../../src/flow/stage.ts";
import { createJumpingClock } from "../../src/runtime/clock.ts";
import { type RecordedHome, readRecordedHome } from "../../src/runtime/replay/recorded-home.ts";
import { type Db, openForReading } from "../../src/store/db.ts";
import { inlineWriter } from "../../src/store/inline-writer.ts";
import { temporaryDatabase } from "../helpers/database.ts";
import { OPTIONS } from "./small-home.ts";

const HOMES = join(process.env["DATA_DIR"] ?? "../shared/data", "homes");
const folders = existsSync(HOMES) ? readdirSync(HOMES).filter((name) => existsSync(join(HOMES, name, "home.json"))) : [];
if (folders.length === 0) process.stderr.write(`rebuild equality: no recorded homes at ${HOMES}, skipped\n`);

const EVENTS_PER_BATCH = 5000;
const PASSES = 30;

const stored = (reader: Db): Map<number, string> =>
  new Map(
    reader
      .all<{ no: number; row: string }>(
        "SELECT window_no AS no, values_json || coalesce(coverage_json, '') || available_at_ms AS row FROM features ORDER BY window_no",
      )
      .map(({ no, row }) => [no, row]),
  );

/** The home as it went on: events come, a pass now and then, a restart now and then. */
async function livedHome(home: RecordedHome): Promise<{ context: StageContext; reader: Db }> {
  const startMs = home.events[0]!.updatedUs / 1000;
  const endMs = home.events.at(-1)!.updatedUs / 1000;
  const db = temporaryDatabase(startMs);
  const reader = openForReading(db.path);
  onTestFinished(() => reader.close());
  const writer = inlineWriter(db);
  const clock = createJumpingClock(startMs);
  const options = { ...OPTIONS, timeZone: home.timeZone, anchorHour: home.anchorHour, targets: [] };
  const context: StageContext = { reader, writer, clock, options, isCancelled: () => false };
  await writer.write("setMetadata", { grid_ms: String(options.gridMs), time_zone: home.timeZone });
  await writer.write("putEntityFacts", { facts: home.facts, nowMs: startMs });
  let stage = createFeatureStage(context);
  let next = 0;
  for (let pass = 1; pass <= PASSES; pass += 1) {
    const untilMs = pass === PASSES ? endMs + options.gridMs : startMs + ((endMs - startMs) * pass) / PASSES;
    while (next < home.events.length && home.events[next]!.updatedUs < untilMs * 1000) {
      let to = next;
      while (to < home.events.length && to - next < EVENTS_PER_BATCH && home.events[to]!.updatedUs < untilMs * 1000) to += 1;
      await writer.write("insertEvents", { events: home.events.slice(next, to), nowMs: untilMs });
      next = to;
    }
    clock.jumpTo(untilMs);
    if (pass % 4 === 0) stage = createFeatureStage(context);
    await stage({});
  }
  return { context, reader };
}

test.skipIf(folders.length === 0).each(folders.length === 0 ? ["no home"] : folders)(
  "%s computed as it went on has, rebuilt at once, 0 differing values",
  async (folder) => {
    const { context, reader } = await livedHome(readRecordedHome(join(HOMES, folder)));
    const lived = stored(reader);
    expect(lived.size).toBeGreaterThan(1000);
    expect((await createFeatureStage(context)({ rebuild: true })).windows).toBe(lived.size);
    const rebuilt = stored(reader);
    expect([...lived.keys()].filter((no) => lived.get(no) !== rebuilt.get(no))).toEqual([]);
  },
);
