import { createZone, isoMs } from "../../core/time.ts";
import { tellLabels } from "../../flow/labels.ts";
import { DEFAULT_FEATURE_OPTIONS, type GateOptions } from "../../flow/stage.ts";
import { createStages, type StageName } from "../../flow/stages.ts";
import { admitFile } from "../../store/admission.ts";
import { openForReading, openForWriting } from "../../store/db.ts";
import { inlineWriter } from "../../store/inline-writer.ts";
import { migrate, newestVersion } from "../../store/migrate.ts";
import { takeOwnership } from "../../store/ownership.ts";
import { createJumpingClock } from "../clock.ts";
import { builtInJobs, type StageRunner } from "../jobs.ts";
import { dueTimes } from "../schedule/due.ts";
import { cadenceOf } from "../schedule/schedule.ts";
import type { RecordedHome } from "./recorded-home.ts";
import { saidLabels } from "./said-labels.ts";

export interface ReplayOptions {
  readonly dbPath: string;
  readonly gridMs: number;
  readonly gates: GateOptions;
  readonly maxLabelHours: number;
  readonly exclude: readonly string[];
  /** The system's time now, for the views that compare with it. */
  readonly systemNowMs: number;
  /** Jobs that are left out, where only some of the results are wanted. */
  readonly skip?: readonly string[];
  readonly untilMs?: number;
  readonly onProgress?: (atMs: number, doneShare: number) => void;
}

export interface ReplaySummary {
  readonly home: string;
  readonly fromUtc: string;
  readonly toUtc: string;
  readonly events: number;
  readonly labels: number;
  readonly windows: number;
  readonly predictions: number;
  readonly changes: number;
  readonly runs: Readonly<Record<string, number>>;
  readonly failures: readonly string[];
}

const TARGET = "sleep";

/**
 * Lives a recorded home again: events and labels come when they came, every job runs when it was due, through the very stages of the live
 * app, on a clock that jumps from one due time to the next.
 */
export async function replay(home: RecordedHome, options: ReplayOptions): Promise<ReplaySummary> {
  admitFile(options.dbPath, newestVersion());
  const release = takeOwnership(options.dbPath);
  const db = openForWriting(options.dbPath);
  const zone = createZone(home.timeZone);
  const fromMs = (home.events[0]?.updatedUs ?? 0) / 1000;
  const lastMs = (home.events.at(-1)?.updatedUs ?? 0) / 1000;
  const lastDay = zone.dayAt(lastMs, home.anchorHour);
  const toMs = options.untilMs ?? zone.dayStartMs(lastDay + 1, home.anchorHour);
  migrate(db, fromMs);
  const reader = openForReading(options.dbPath);
  const writer = inlineWriter(db);
  const clock = createJumpingClock(fromMs);
  try {
    await writer.write("setMetadata", {
      lifecycle: "running",
      time_zone: home.timeZone,
      grid_ms: String(options.gridMs),
      anchor_hour: String(home.anchorHour),
      data_began_at: isoMs(fromMs),
      backfill_done_at: isoMs(fromMs),
    });
    await writer.write("putTargets", { targets: [{ name: TARGET, startEntity: null, endEntity: null }], nowMs: fromMs });
    await writer.write("putEntityFacts", { facts: home.facts, nowMs: fromMs });
    const stages = createStages({
      reader,
      writer,
      clock,
      isCancelled: () => false,
      options: {
        timeZone: home.timeZone,
        anchorHour: home.anchorHour,
        gridMs: options.gridMs,
        targets: [{ name: TARGET, startEntity: null, endEntity: null }],
        include: [],
        features: DEFAULT_FEATURE_OPTIONS,
        exclude: options.exclude,
        maxLabelHours: options.maxLabelHours,
        gates: options.gates,
        retention: { rawDays: 3650, featureDays: 3650, labelledDays: 3650 },
      },
    });
    const runner: StageRunner = { run: (name, input) => stages[name as StageName](input as never) as never };
    const jobs = builtInJobs({
      clock,
      stages: runner,
      anchorHour: home.anchorHour,
      settleMs: 0,
      flushEvents: () => Promise.resolve(),
    }).filter((job) => !options.skip?.includes(job.name));
    const due = jobs
      .flatMap((job, order) =>
        dueTimes(cadenceOf(job.schedule, { timeZone: home.timeZone }), fromMs, toMs).map((atMs) => ({ atMs, order, job })),
      )
      .sort((a, b) => a.atMs - b.atMs || a.order - b.order);
    const said = saidLabels(home, TARGET, zone);
    const failures: string[] = [];
    const runs: Record<string, number> = {};
    let nextEvent = 0;
    let nextLabel = 0;
    for (const { atMs, job } of due) {
      let until = nextEvent;
      while (until < home.events.length && home.events[until]!.updatedUs < atMs * 1000) until += 1;
      if (until > nextEvent) await writer.write("insertEvents", { events: home.events.slice(nextEvent, until), nowMs: atMs });
      nextEvent = until;
      for (; nextLabel < said.length && said[nextLabel]!.capturedAtMs <= atMs; nextLabel += 1) {
        await tellLabels({ reader, writer, nowMs: atMs }, TARGET, [said[nextLabel]!]);
      }
      clock.jumpTo(atMs);
      const receipt = { job: job.name, dueAtMs: atMs, startedAtMs: atMs, finishedAtMs: atMs };
      try {
        const rows = await job.run(atMs, new AbortController().signal);
        runs[job.name] = (runs[job.name] ?? 0) + 1;
        if (job.name !== "features") await writer.write("putReceipt", { ...receipt, status: "completed", rows, error: null });
      } catch (error) {
        const message = error instanceof Error ? (error.stack ?? error.message) : String(error);
        failures.push(`${job.name} at ${isoMs(atMs)}: ${message}`);
        await writer.write("putReceipt", { ...receipt, status: "failed", rows: null, error: message });
      }
      options.onProgress?.(atMs, (atMs - fromMs) / (toMs - fromMs));
    }
    await writer.write("saveEntityStates", null);
    await writer.write("setMetadata", { clock_offset_ms: String(clock.nowMs() - options.systemNowMs), heartbeat_at: isoMs(clock.nowMs()) });
    const count = (table: string): number => reader.get<{ n: number }>(`SELECT COUNT(*) AS n FROM ${table}`)!.n;
    return {
      home: home.name,
      fromUtc: isoMs(fromMs),
      toUtc: isoMs(toMs),
      events: count("raw_events"),
      labels: count("labels"),
      windows: count("features"),
      predictions: count("predictions"),
      changes: count("change_points"),
      runs,
      failures,
    };
  } finally {
    reader.close();
    await writer.write("checkpoint", null);
    db.close();
    release();
  }
}
