import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { optionsSchema } from "../src/config/options.ts";
import { lookBackMs, readDefinition } from "../src/core/features/definition.ts";
import { labelOfSpan } from "../src/core/labels/said.ts";
import { dayBlockedFolds } from "../src/core/models/clr/folds.ts";
import { createZone, HOUR_MS } from "../src/core/time.ts";
import { createHome } from "../src/demo/home/home.ts";
import { tellLabels } from "../src/flow/labels.ts";
import { type GuardAnswer, guardTraining } from "../src/flow/leakage.ts";
import type { StageContext } from "../src/flow/stage.ts";
import { createStages } from "../src/flow/stages.ts";
import { readTrainingTable } from "../src/flow/training-table.ts";
import { createJumpingClock } from "../src/runtime/clock.ts";
import { readRecordedHome } from "../src/runtime/replay/recorded-home.ts";
import { replay } from "../src/runtime/replay/replay.ts";
import { GRID_MS, stageOptions } from "../src/runtime/stage-options.ts";
import { openForReading, openForWriting } from "../src/store/db.ts";
import { inlineWriter } from "../src/store/inline-writer.ts";
import { activeFeatureSet } from "../src/store/tables/features.ts";
import { readTargets } from "../src/store/tables/labels.ts";
import { machine } from "./machine.ts";
import { ANCHOR_HOUR, changesOf, FIRST_DAY_MS, foundHome, ZONE } from "./simulated-home.ts";

/**
 * How often the leakage guard speaks up where nothing leaks: simulated homes of 8 to 30 days through the real stages (`ours` = share of
 * them that it refuses or warns of), and recorded homes by name.
 */

interface Heard {
  readonly answer: GuardAnswer;
  readonly days: number;
}

export async function run(options: Readonly<Record<string, string | boolean | undefined>>): Promise<object> {
  const homes = Number(options["runs"] ?? 200);
  const firstSeed = Number(options["first-seed"] ?? 1);
  const folder = String(options["homes"] ?? join(process.env["DATA_DIR"] ?? "../shared/data", "homes"));
  const recorded: Record<string, string> = {};
  if (existsSync(folder))
    for (const name of readdirSync(folder)) {
      if (existsSync(join(folder, name, "home.json"))) recorded[name] = verdictOf(await guardRecorded(join(folder, name)));
      process.stderr.write(`${name}: ${recorded[name] ?? "no home"}\n`);
    }
  const refused: string[] = [];
  const warned: string[] = [];
  const errors: number[] = [];
  for (let seed = firstSeed; seed < firstSeed + homes; seed += 1) {
    const heard = await guardSimulated(seed);
    const { answer } = heard;
    if (!answer.ok) refused.push(`${seed}: ${answer.reason}, ${answer.detail}`);
    if (answer.permuted.status === "stayed") warned.push(`${seed}: ${JSON.stringify(answer.permuted)}`);
    if (answer.permuted.status !== "skipped") errors.push(answer.permuted.gain / answer.permuted.standardError);
    process.stderr.write(`home ${seed}, ${heard.days} days: ${verdictOf(answer)}\n`);
  }
  const sorted = errors.sort((a, b) => a - b);
  return {
    name: "leakage",
    ours: (refused.length + warned.length) / homes,
    unit: "share of honest homes refused or warned of",
    homes,
    refused,
    warned,
    standardErrors: { median: sorted[Math.floor(sorted.length / 2)], largest: sorted.at(-1) },
    recorded,
    machine: machine(),
  };
}

function verdictOf({ permuted, ...answer }: GuardAnswer): string {
  const gain = permuted.status === "skipped" ? permuted.reason : `${(permuted.gain / permuted.standardError).toFixed(1)} standard errors`;
  return `${answer.ok ? "passed" : `refused, ${answer.reason}: ${answer.detail}`}; ${permuted.status} (${gain})`;
}

/** A recorded home lived to its end, with its labels as they were said. */
export async function guardRecorded(folder: string): Promise<GuardAnswer> {
  return inFolder(async (dbPath) => {
    const home = readRecordedHome(folder);
    const live = stageOptions(optionsSchema.parse({}), home.timeZone);
    // Events and labels come day by day; features are computed once behind them, by the same code.
    const skip = ["features", "train", "changes", "backup"];
    const summary = await replay(home, { ...live, dbPath, exclude: [], skip, systemNowMs: Date.now() });
    const clock = createJumpingClock(Date.parse(summary.toUtc));
    return (await guard(dbPath, { ...live, anchorHour: home.anchorHour }, clock)).answer;
  });
}

async function guardSimulated(seed: number): Promise<Heard> {
  return inFolder(async (dbPath) => {
    const days = 8 + (seed % 23);
    const home = createHome({ seed, bornMs: FIRST_DAY_MS, pastDays: days, timeZone: ZONE });
    const zone = createZone(ZONE);
    const endMs = zone.dayStartMs(zone.dayAt(FIRST_DAY_MS, 0) + days, ANCHOR_HOUR);
    const clock = createJumpingClock(endMs);
    const { db, writer, options } = await foundHome(dbPath);
    const events = changesOf(home.eventsBetween(FIRST_DAY_MS * 1000, endMs * 1000));
    for (let i = 0; i < events.length; i += 5000) await writer.write("insertEvents", { events: events.slice(i, i + 5000), nowMs: endMs });
    const nights = Array.from({ length: days }, (_, k) => home.sleepEndingOn(zone.dayAt(FIRST_DAY_MS, 0) + k)).flatMap((night) =>
      night === null || night.toMs > endMs
        ? []
        : [labelOfSpan({ startMs: night.fromMs, endMs: night.toMs, kind: "positive" }, zone, SAID(night.toMs))],
    );
    const reader = openForReading(dbPath);
    for (const night of nights) await tellLabels({ reader, writer, nowMs: endMs }, "sleep", [night]);
    reader.close();
    db.close();
    return guard(dbPath, options, clock);
  });
}

const SAID = (nowMs: number) => ({ source: "simulated", saidBy: null, nowMs: nowMs + HOUR_MS / 2 });

/** Features and pairs of a filled database, then the guard, at the end of its time. */
async function guard(dbPath: string, options: StageContext["options"], clock: StageContext["clock"]): Promise<Heard> {
  const db = openForWriting(dbPath);
  const reader = openForReading(dbPath);
  try {
    const context: StageContext = { reader, writer: inlineWriter(db), clock, options, isCancelled: () => false };
    const stages = createStages(context);
    await stages.features({});
    await stages.pairs({});
    const set = activeFeatureSet(reader)!;
    const rules = { zone: createZone(options.timeZone), anchorHour: options.anchorHour };
    const table = readTrainingTable(reader, readTargets(reader)[0]!.targetId, set, GRID_MS, rules);
    const { dayIndex, windowEndMs } = table.training;
    const horizonMs = lookBackMs(set.members.map((member) => readDefinition(member.name, member.definition))).longestHorizonMs;
    const folds = dayBlockedFolds(dayIndex, windowEndMs, { horizonMs, gridMs: GRID_MS, maxFolds: 5 }).map(({ testDays, train }) => ({
      testDays,
      trainDays: new Set(train.map((row) => dayIndex[row]!)),
    }));
    const answer = guardTraining(context, { set, table, trainingAtMs: clock.nowMs(), folds, horizonMs, rules });
    return { answer, days: new Set(dayIndex).size };
  } finally {
    reader.close();
    db.close();
  }
}

async function inFolder<T>(body: (dbPath: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-leakage-"));
  try {
    return await body(join(folder, "home.db"));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
