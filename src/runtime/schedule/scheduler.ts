import type { Ledger } from "../../store/tables/schedule-runs.ts";
import type { Job } from "./job.ts";
import { createLane, type Lane } from "./lane.ts";
import { shownBefore } from "./moved.ts";
import type { RunParts } from "./run.ts";
import { cadenceOf, type Place } from "./schedule.ts";

/** A job that does not end when it is cancelled is given up after this. */
const GRACE_MS = 15_000;

export interface SchedulerParts extends Omit<RunParts, "graceMs"> {
  readonly place: Place;
  /** The zone that the receipts' runs were planned in, where it was another. */
  readonly movedFrom?: string;
  readonly jobs: readonly Job[];
  /** What the receipts say of each job; one that has none begins now. */
  readonly ledgers: ReadonlyMap<string, Ledger>;
  readonly graceMs?: number;
  /** A job has done what was due, or waits for a later tick with what is left. */
  readonly onDrained?: () => void;
}

export interface Scheduler {
  /** Starts whatever is due now. Called by whoever wakes (a timer, node-cron); calling it more often changes nothing. */
  tick(): void;
  /** Runs a job now, outside its schedule, unless it is running already. The receipt's due time is now. */
  runNow(name: string): Promise<void>;
  /** The earliest of them all. */
  nextDueMs(): number | null;
  /** Nothing runs, and nothing that was due waits. */
  isIdle(): boolean;
  nextRuns(): { readonly job: string; readonly dueAtMs: number | null; readonly runningSinceMs: number | null }[];
  /** Asks a job that runs to give up, because a person wants that. False = it does not run. @throws RangeError when there is no such job. */
  cancel(name: string): boolean;
  /** Cancels what runs and waits for it. */
  stop(): Promise<void>;
  /** Begins nothing more and waits for what runs. */
  retire(): Promise<void>;
}

/** One lane per job: never two runs of a job at once, every due run leaves a receipt. @throws WrongSchedule */
export function createScheduler(parts: SchedulerParts): Scheduler {
  const { clock, place, movedFrom, graceMs = GRACE_MS } = parts;
  const lanes = parts.jobs.map((job) => {
    const cadence = cadenceOf(job.schedule, place, job.name);
    const hadTheirRun = (settledToMs: number): readonly number[] =>
      movedFrom === undefined ? [] : shownBefore(cadence, settledToMs, movedFrom, place.timeZone);
    return createLane({ ...parts, graceMs, job, cadence, hadTheirRun, ledger: parts.ledgers.get(job.name), nowMs: clock.nowMs() });
  });

  function named(name: string): Lane {
    const lane = lanes.find((each) => each.job.name === name);
    if (lane === undefined) throw new RangeError(`there is no job ${name}; jobs are ${lanes.map((each) => each.job.name).join(", ")}`);
    return lane;
  }

  return {
    tick() {
      const nowMs = clock.nowMs();
      for (const lane of lanes) lane.look(nowMs);
    },
    async runNow(name) {
      await named(name).runNow(clock.nowMs());
    },
    cancel: (name) => named(name).cancel(),
    nextDueMs() {
      const due = lanes.map((lane) => lane.nextDueMs()).filter((at) => at !== null);
      return due.length === 0 ? null : Math.min(...due);
    },
    isIdle: () => lanes.every((lane) => lane.isIdle()),
    nextRuns: () => lanes.map((lane) => ({ job: lane.job.name, dueAtMs: lane.nextDueMs(), runningSinceMs: lane.runningSinceMs() })),
    async stop() {
      await Promise.all(lanes.map((lane) => lane.stop()));
    },
    async retire() {
      await Promise.all(lanes.map((lane) => lane.retire()));
    },
  };
}
