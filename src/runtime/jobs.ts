import type { Clock } from "../core/clock.ts";
import type { StageInput, StageName, StageResult } from "../flow/stages.ts";
import type { Job } from "./schedule/job.ts";
import { GRID_MS } from "./stage-options.ts";

/** Who runs stages: threads in the app, this very thread in replay. */
export interface StageRunner {
  run<N extends StageName>(name: N, input: StageInput<N>, signal?: AbortSignal): Promise<StageResult<N>>;
}

export interface JobParts {
  readonly clock: Clock;
  readonly stages: StageRunner;
  readonly anchorHour: number;
  /** Local times of daily jobs (`03:30`) that the user chose. */
  readonly times?: { readonly [job in "train" | "maintenance" | "backup"]?: string | undefined };
  /** A window is computed this long after its end, so that its last events have arrived. */
  readonly settleMs: number;
  /** Resolves when every event received so far is stored. */
  readonly flushEvents: () => Promise<void>;
  /** Absent where nobody wants a backup, as in a replay. */
  readonly backUp?: (signal: AbortSignal) => Promise<unknown>;
  /** SQLite's check of the file where a cancel can end it; absent, the stage does it. */
  readonly check?: (signal: AbortSignal) => Promise<readonly string[]>;
  /** The nightly check found damage. */
  readonly onDamage?: (words: string) => void;
}

const MINUTE_MS = 60_000;

/** The built-in schedules. Jobs due at the same instant start in this order. */
export function builtInJobs(parts: JobParts): Job[] {
  const { clock, stages } = parts;
  return [
    {
      name: "features",
      schedule: { kind: "cron", expression: "*/5 * * * *" },
      overlap: "queue",
      missed: "once",
      limitMs: 30 * MINUTE_MS,
      async run(dueAtMs, signal) {
        await clock.sleepUntil(Math.floor(dueAtMs / GRID_MS) * GRID_MS + parts.settleMs, signal);
        await parts.flushEvents();
        const { windows } = await stages.run("features", {}, signal);
        await stages.run("predict", {}, signal);
        return windows;
      },
    },
    {
      name: "changes",
      schedule: { kind: "cron", expression: "2 * * * *" },
      overlap: "never",
      missed: "once",
      limitMs: 30 * MINUTE_MS,
      run: async (_dueAtMs, signal) => (await stages.run("changes", {}, signal)).steps,
    },
    {
      name: "train",
      schedule: { kind: "daily", at: parts.times?.train ?? `${parts.anchorHour}:10` },
      overlap: "never",
      missed: "once",
      limitMs: 60 * MINUTE_MS,
      async run(_dueAtMs, signal) {
        await parts.flushEvents();
        await stages.run("labels", {}, signal);
        const { pairs } = await stages.run("pairs", {}, signal);
        await stages.run("train", { why: "the daily training" }, signal);
        await stages.run("predict", {}, signal);
        return pairs;
      },
    },
    {
      name: "drift",
      schedule: { kind: "cron", expression: "40 */6 * * *" },
      overlap: "never",
      missed: "once",
      limitMs: 60 * MINUTE_MS,
      async run(_dueAtMs, signal) {
        const { drifted } = await stages.run("drift", {}, signal);
        if (drifted.length === 0) return 0;
        await parts.flushEvents();
        await stages.run("labels", {}, signal);
        await stages.run("pairs", {}, signal);
        for (const target of drifted) await stages.run("train", { target }, signal);
        await stages.run("predict", {}, signal);
        return drifted.length;
      },
    },
    {
      name: "maintenance",
      schedule: { kind: "daily", at: parts.times?.maintenance ?? "03:30" },
      overlap: "never",
      missed: "once",
      limitMs: 60 * MINUTE_MS,
      async run(_dueAtMs, signal) {
        const findings = await parts.check?.(signal);
        const { trimmed, damage } = await stages.run("maintain", findings === undefined ? {} : { findings }, signal);
        if (damage !== null) parts.onDamage?.(damage);
        return trimmed;
      },
    },
    ...backupJob(parts),
  ];
}

/** After the night's maintenance, so that a damaged file is found before it is copied. */
function backupJob({ backUp, times }: JobParts): Job[] {
  if (backUp === undefined) return [];
  const run = async (_dueAtMs: number, signal: AbortSignal): Promise<number> => {
    await backUp(signal);
    return 0;
  };
  return [
    {
      name: "backup",
      schedule: { kind: "daily", at: times?.backup ?? "03:50" },
      overlap: "never",
      missed: "once",
      limitMs: 120 * MINUTE_MS,
      run,
    },
  ];
}
