import { reasonOf } from "../core/reason.ts";
import { isoMs } from "../core/time.ts";
import { builtInJobs } from "../runtime/jobs.ts";
import type { Log } from "../runtime/log.ts";
import type { ReceiptBook } from "../runtime/schedule/run.ts";
import type { Place } from "../runtime/schedule/schedule.ts";
import { createScheduler, type Scheduler } from "../runtime/schedule/scheduler.ts";
import { type Wake, wakeWhenDue } from "../runtime/schedule/wake.ts";
import { stageOptions } from "../runtime/stage-options.ts";
import { runReadingWork } from "../runtime/threads/file-work.ts";
import { createStageThreads, type StageThreads } from "../runtime/threads/stage-client.ts";
import { isCorrupt } from "../store/db.ts";
import { wordsOfWrite, writeTroubleOf } from "../store/write-trouble.ts";
import type { OpenDatabase } from "./database.ts";
import type { FileCare } from "./file-care.ts";
import { readPlace } from "./home-place.ts";
import type { Listening } from "./listening.ts";
import type { Markers } from "./markers.ts";
import { type AppParts, NotReady } from "./parts.ts";

/** Windows are computed this long after their end, when their last events have arrived. */
const SETTLE_MS = 3000;
/** Labels that are told before the schedules began are looked for again after this. */
const LABELS_AGAIN_MS = 61_000;

export interface LearningParts extends AppParts {
  readonly database: OpenDatabase;
  readonly markers: Markers;
  readonly listening: Listening;
  readonly care: Pick<FileCare, "backUp" | "suspect">;
  /** A job has ended well. */
  readonly onComputed: (job: string) => void;
}

/** Schedules and stages of a running app. */
export interface Learning {
  readonly stages: StageThreads["run"];
  /** Runs a job now, beside its schedule. */
  runJob(name: string): Promise<void>;
  /** Asks a job that runs to give up; false = it does not run. */
  cancelJob(name: string): boolean;
  nextRuns(): ReturnType<Scheduler["nextRuns"]>;
  underWay(): ReturnType<StageThreads["underWay"]>;
  stop(): Promise<void>;
}

/**
 * Starts as soon as the home's time zone is known: from the options, from Home Assistant, or from the last run. Stored data is worked on
 * whether Home Assistant answers or not; only a first start waits until its past has been fetched.
 */
export async function startLearning(parts: LearningParts): Promise<Learning> {
  const { database, listening, log, markers, clock, config } = parts;
  const { reads } = database;
  let running: {
    readonly threads: StageThreads;
    readonly scheduler: Scheduler;
    readonly wake: Wake;
  } | null = null;
  /** Where the schedules that began last are; null before any did. */
  let begunIn: Place | null = null;
  let isStopped = false;
  let ending: Promise<void> = Promise.resolve();

  async function begin(timeZone: string, movedFrom?: string): Promise<void> {
    const threads = createStageThreads({
      dbPath: database.path,
      clock: parts.clockParameters,
      options: stageOptions(config.options, timeZone),
      writer: database.writer,
    });
    const jobs = builtInJobs({
      clock,
      stages: threads,
      anchorHour: config.options.night_anchor_hour,
      times: config.options.schedules,
      settleMs: SETTLE_MS,
      flushEvents: () => listening.flush(),
      backUp: (signal) => parts.care.backUp(signal),
      check: (signal) => runReadingWork("check", { dbPath: database.path }, signal),
      onDamage: (words) => parts.care.suspect(words),
    });
    const ledgers = await reads.read("ledgers", { jobs: jobs.map((job) => job.name), nowMs: clock.nowMs() });
    const place = await readPlace(reads, timeZone);
    if (running !== null || isStopped) return;
    const scheduler = createScheduler({
      clock,
      place,
      ...(movedFrom === undefined ? {} : { movedFrom }),
      jobs,
      ledgers,
      receipts: receiptBook(database.writer, log, notePlan),
      onFailure: (job, error) => void reportFailure(job, error),
      onSuccess(job) {
        void markers.clear(`job_failed_${job}`).catch(() => undefined);
        parts.onComputed(job);
      },
    });
    const wake = wakeWhenDue({
      parameters: parts.clockParameters,
      clock,
      tick: () => scheduler.tick(),
      nextDueMs: () => scheduler.nextDueMs(),
    });
    running = { threads, scheduler, wake };
    begunIn = place;
    scheduler.tick();
    wake.again();
    await notePlan();
    log.info("schedules started", { timeZone });
    // Not before the first features are there: what has to be done then is done in order.
    const hasTrained = (await reads.read("metadata", "last_clr_train_at")) !== null;
    if (hasTrained && (await reads.read("hasCutOffTraining", null)) && running?.scheduler === scheduler) {
      log.info("a training that was cut off is done again");
      void scheduler.runNow("train");
    }
  }

  /** A stop that comes while schedules end for a move waits for that end: what it is about still needs the writer. */
  function end(): Promise<void> {
    if (running === null) return ending;
    const { wake, scheduler, threads } = running;
    running = null;
    wake.end();
    // Together: a thread that hears no cancel is ended by the second, and the first waits for it.
    ending = Promise.all([scheduler.stop(), threads.close()]).then(() => undefined);
    return ending;
  }

  /** For those who read the file: what comes next. */
  async function notePlan(): Promise<void> {
    await database.writer.write("setHealth", { next_runs: JSON.stringify(running?.scheduler.nextRuns() ?? []) });
  }

  async function reportFailure(job: string, error: unknown): Promise<void> {
    const reason = reasonOf(error);
    if (isCorrupt(error)) parts.care.suspect(reason);
    // Where a full disk was met says nothing.
    const stack = error instanceof Error && writeTroubleOf(error) === null ? error.stack : undefined;
    log.error("a job failed", { job, reason: wordsOfWrite(error), stack });
    await markers
      .mark({
        code: `job_failed_${job}`,
        cause: `The job ${job} failed: ${reason}.`,
        effect: "What it computes is not newer than its last good run.",
        remedy: "It runs again at its next due time; if it goes on failing, look into the log and report it.",
      })
      .catch(() => undefined);
  }

  async function runJob(name: string): Promise<void> {
    if (running === null)
      throw new NotReady("The schedules have not started: Home Assistant has not told its time zone yet. Try again when it is connected.");
    await running.scheduler.runNow(name);
  }

  const known = config.options.time_zone ?? (await reads.read("metadata", "time_zone"));
  if (known !== null && (await reads.read("metadata", "backfill_done_at")) !== null) await begin(known);
  listening.onReady(async (timeZone) => {
    await begin(config.options.time_zone ?? timeZone);
    if (running === null || (await reads.read("metadata", "last_clr_train_at")) !== null) return;
    for (const job of ["features", "train", "changes", "maintenance", "backup"]) if (!isStopped) await runJob(job);
    if (!isStopped) log.info("the first features, models and change points are there");
  });
  listening.onZone(async (told) => {
    if (begunIn === null) return;
    const place = await readPlace(reads, config.options.time_zone ?? told);
    // Schedules that ended for a move and could not begin again do so now.
    if (running !== null && JSON.stringify(place) === JSON.stringify(begunIn)) return;
    const from = begunIn.timeZone;
    log.info("the home has moved", { from, to: place.timeZone });
    await end();
    await begin(place.timeZone, from);
  });
  listening.onLabel(async () => {
    if (running === null) return isStopped ? null : clock.nowMs() + LABELS_AGAIN_MS;
    return (await running.threads.run("labels", {})).settlesAtMs;
  });

  return {
    stages: (name, input, signal) => {
      if (running === null)
        return Promise.reject(
          new NotReady("The app is still waiting for the first answer of Home Assistant; try again when it is connected."),
        );
      const done = running.threads.run(name, input, signal);
      // What the job of this name failed at has been done by hand.
      void done.then(() => markers.clear(`job_failed_${name}`)).catch(() => undefined);
      return done;
    },
    runJob,
    cancelJob: (name) => running?.scheduler.cancel(name) ?? false,
    nextRuns: () => running?.scheduler.nextRuns() ?? [],
    underWay: () => running?.threads.underWay() ?? null,
    async stop() {
      isStopped = true;
      await end();
      await notePlan().catch((error: unknown) => log.warn("the plan was not taken back", { reason: reasonOf(error) }));
    },
  };
}

/** A run in the log, by what names it in `vw_schedule_runs`. */
const runId = ({ job, dueAtMs }: { readonly job: string; readonly dueAtMs: number }): string => `${job}@${isoMs(dueAtMs)}`;

function receiptBook(writer: OpenDatabase["writer"], log: Log, onEnd: () => Promise<void>): ReceiptBook {
  return {
    async beginRun(run) {
      log.debug("a run begins", { runId: runId(run) });
      return writer.write("beginRun", run);
    },
    noteRuns: (receipts) => writer.write("noteRuns", receipts),
    async putReceipt(receipt) {
      await writer.write("putReceipt", receipt);
      const { status, rows, error, startedAtMs, finishedAtMs } = receipt;
      log[status === "completed" ? "debug" : "info"]("a run ended", {
        runId: runId(receipt),
        status,
        rows,
        tookMs: startedAtMs === null || finishedAtMs === null ? null : finishedAtMs - startedAtMs,
        ...(error === null ? {} : { error }),
      });
      await onEnd();
    },
  };
}
