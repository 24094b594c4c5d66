import type { Clock } from "../../core/clock.ts";
import { Cancelled } from "../../flow/stage.ts";
import type { Receipt } from "../../store/tables/schedule-runs.ts";
import { type Cadence, dueTimes } from "./due.ts";
import type { Job } from "./job.ts";
import { cadenceOf, type Place } from "./schedule.ts";

/** Missed runs that get a receipt of their own after a long absence; older ones are beyond interest. */
const MOST_MISSED_RECEIPTS = 500;

/** Clocks are trimmed by seconds all the time; a run is not repeated for that. */
const SET_BACK_MS = 60_000;

export interface SchedulerParts {
  readonly clock: Clock;
  readonly place: Place;
  readonly jobs: readonly Job[];
  /** The newest due time per job that has a receipt. */
  readonly lastDueTimes: ReadonlyMap<string, number>;
  readonly putReceipt: (receipt: Receipt) => Promise<unknown>;
  readonly onFailure: (job: string, error: unknown) => void;
  readonly onSuccess?: (job: string) => void;
}

export interface Scheduler {
  /** Starts whatever is due now. Called by whoever wakes (a timer, node-cron); calling it more often changes nothing. */
  tick(): void;
  /** Runs a job now, outside its schedule, unless it is running already. The receipt's due time is now. */
  runNow(name: string): Promise<void>;
  nextRuns(): { readonly job: string; readonly dueAtMs: number | null; readonly runningSinceMs: number | null }[];
  /** Asks a job that runs to give up, because a person wants that. False = it does not run. @throws RangeError when there is no such job. */
  cancel(name: string): boolean;
  /** Cancels what runs and waits for it. */
  stop(): Promise<void>;
}

interface Lane {
  readonly job: Job;
  readonly cadence: Cadence;
  /** Everything due up to here is settled. */
  settledTo: number;
  nextDue: number | null;
  running: { readonly done: Promise<void>; readonly abort: AbortController; readonly sinceMs: number } | null;
}

/** One lane per job: never two runs of a job at once, every due run leaves a receipt. */
export function createScheduler(parts: SchedulerParts): Scheduler {
  const { clock } = parts;
  const lanes = parts.jobs.map((job): Lane => {
    const cadence = cadenceOf(job.schedule, parts.place, job.name);
    const settledTo = parts.lastDueTimes.get(job.name) ?? clock.nowMs();
    return { job, cadence, settledTo, nextDue: cadence.next(settledTo), running: null };
  });
  let isStopped = false;

  function start(lane: Lane, runs: readonly number[], missed: readonly number[]): Promise<void> {
    const abort = new AbortController();
    const done = (async () => {
      for (const dueAtMs of missed) {
        await parts.putReceipt({
          job: lane.job.name,
          dueAtMs,
          startedAtMs: null,
          finishedAtMs: null,
          status: "missed",
          rows: null,
          error: null,
        });
      }
      for (const dueAtMs of runs) if (!abort.signal.aborted) await runOnce(lane.job, dueAtMs, abort);
    })()
      .catch((error: unknown) => parts.onFailure(lane.job.name, error))
      .finally(() => {
        lane.running = null;
      });
    lane.running = { done, abort, sinceMs: clock.nowMs() };
    return done;
  }

  async function runOnce(job: Job, dueAtMs: number, abort: AbortController): Promise<void> {
    const startedAtMs = clock.nowMs();
    const receipt = { job: job.name, dueAtMs, startedAtMs, finishedAtMs: null, rows: null, error: null };
    await parts.putReceipt({ ...receipt, status: "running" });
    const limit = setTimeout(
      () => abort.abort(new Error(`${job.name} took longer than its limit of ${Math.round(job.limitMs / 60_000)} minutes`)),
      job.limitMs,
    );
    try {
      const rows = await job.run(dueAtMs, abort.signal);
      await parts.putReceipt({ ...receipt, status: "completed", finishedAtMs: clock.nowMs(), rows });
      parts.onSuccess?.(job.name);
    } catch (error) {
      const status = abort.signal.aborted ? "cancelled" : "failed";
      const message = error instanceof Error ? error.message : String(error);
      await parts.putReceipt({ ...receipt, status, finishedAtMs: clock.nowMs(), error: message });
      if (!isStopped && !(abort.signal.reason instanceof Cancelled)) parts.onFailure(job.name, error);
    } finally {
      clearTimeout(limit);
    }
  }

  /** A clock that was set back leaves due times that are still to come: nothing is settled up to there. */
  function settleBack(lane: Lane, nowMs: number): void {
    if (lane.settledTo <= nowMs + SET_BACK_MS) return;
    lane.settledTo = nowMs;
    lane.nextDue = lane.cadence.next(nowMs);
  }

  function tickLane(lane: Lane, nowMs: number): void {
    settleBack(lane, nowMs);
    if (lane.running !== null || lane.nextDue === null || lane.nextDue > nowMs) return;
    const due = dueTimes(lane.cadence, lane.settledTo, nowMs, MOST_MISSED_RECEIPTS);
    lane.settledTo = due.at(-1) ?? nowMs;
    lane.nextDue = lane.cadence.next(lane.settledTo);
    const isLate = due.length > 1 || nowMs - lane.settledTo > 60_000;
    if (lane.job.missed === "each") void start(lane, due, []);
    else if (lane.job.missed === "once" || !isLate) void start(lane, due.slice(-1), due.slice(0, -1));
    else void start(lane, [], due);
  }

  function named(name: string): Lane {
    const lane = lanes.find((each) => each.job.name === name);
    if (lane === undefined) throw new RangeError(`there is no job ${name}; jobs are ${lanes.map((each) => each.job.name).join(", ")}`);
    return lane;
  }

  return {
    tick() {
      if (isStopped) return;
      const nowMs = clock.nowMs();
      for (const lane of lanes) tickLane(lane, nowMs);
    },
    async runNow(name) {
      const lane = named(name);
      await (lane.running?.done ?? start(lane, [clock.nowMs()], []));
    },
    nextRuns: () => lanes.map((lane) => ({ job: lane.job.name, dueAtMs: lane.nextDue, runningSinceMs: lane.running?.sinceMs ?? null })),
    cancel(name) {
      const { running } = named(name);
      running?.abort.abort(new Cancelled(name));
      return running !== null;
    },
    async stop() {
      isStopped = true;
      const running = lanes.flatMap((lane) => lane.running ?? []);
      for (const each of running) each.abort.abort(new Error("the app is stopping"));
      await Promise.all(running.map((each) => each.done));
    },
  };
}
