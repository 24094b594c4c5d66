import type { Ledger } from "../../../store/tables/schedule-runs.ts";
import type { MissedPolicy, OverlapPolicy } from "../../schedule/job.ts";
import { shownUntilMs } from "../../schedule/moved.ts";
import { cadenceOf, type Schedule } from "../../schedule/schedule.ts";
import { createScheduler, type Scheduler } from "../../schedule/scheduler.ts";
import type { AppPorts } from "../ports.ts";

/** A clock that is set back is noticed within this, and its lane plans anew. */
const LOOK_MS = 60_000;
/** A receipt that could not be written is tried again after this: no lane pauses for longer. */
const AGAIN_MS = 60_000;

export interface KeptScheduleParts {
  /** Under which its receipts are. */
  readonly job: string;
  readonly schedule: Schedule;
  readonly missed: MissedPolicy;
  readonly overlap: OverlapPolicy;
  readonly limitMs: number;
  readonly ports: Pick<AppPorts, "agenda" | "clock" | "places" | "receipts">;
  readonly run: (dueAtMs: number, signal: AbortSignal) => Promise<number>;
  readonly onFailure: (error: unknown) => void;
  /** It was due for the last time, and that run has ended. */
  readonly onOver: () => void;
}

export interface KeptSchedule {
  /** Nothing more is begun; resolves when the run under way has ended. */
  retire(): Promise<void>;
  /** Cuts the run under way off; resolves when its receipt says so. */
  close(): Promise<void>;
}

/** A schedule with a name: a job like the runtime's own, with receipts, that knows after a restart what it missed. @throws WrongSchedule */
export async function startKeptSchedule(parts: KeptScheduleParts): Promise<KeptSchedule> {
  const { job, schedule, missed, overlap, limitMs, ports, onFailure } = parts;
  const { agenda, clock, places, receipts } = ports;
  let isOver = false;
  let cancel: () => void = () => undefined;
  let cancelAgain: () => void = () => undefined;
  let scheduler = await open();
  let moving: Promise<void> = Promise.resolve();

  /** What is due of one without a receipt, too: it was asked for before this start, maybe, or before the home moved. */
  async function ledgerOf(movedFrom: string | undefined): Promise<Ledger> {
    const ledger = await receipts.ledgerOf(job);
    if (ledger.settledToMs !== null) return ledger;
    const sinceMs = await receipts.knownSinceMs(job, clock.nowMs()).catch(onFailure);
    return { ...ledger, sinceMs: sinceMs === undefined ? undefined : sinceByMs(sinceMs, movedFrom) };
  }

  /** By a clock that is ahead of the one before: from the time of the day on at which it was asked for, so that what the clock jumped over is due. */
  function sinceByMs(sinceMs: number, movedFrom: string | undefined): number {
    const place = places.now();
    if (movedFrom === undefined || !cadenceOf(schedule, place, job).followsWallClock) return sinceMs;
    return Math.min(sinceMs, shownUntilMs(sinceMs, movedFrom, place.timeZone));
  }

  async function open(movedFrom?: string): Promise<Scheduler> {
    return createScheduler({
      clock,
      place: places.now(),
      ...(movedFrom === undefined ? {} : { movedFrom }),
      jobs: [{ name: job, schedule, overlap, missed, limitMs, run: parts.run }],
      ledgers: new Map([[job, await ledgerOf(movedFrom)]]),
      receipts,
      onFailure: (_job, error) => onFailure(error),
      onDrained() {
        cancelAgain();
        // The next due time may be a day away, or none.
        if (!scheduler.isIdle()) cancelAgain = agenda.after(AGAIN_MS, look);
        else if (scheduler.nextDueMs() === null) parts.onOver();
      },
    });
  }

  function lookAt(atMs: number): void {
    cancel();
    cancel = agenda.at(atMs, look);
  }

  function look(): void {
    scheduler.tick();
    const dueAtMs = scheduler.nextDueMs();
    if (dueAtMs !== null) lookAt(dueAtMs);
    else if (scheduler.isIdle()) parts.onOver();
  }

  /** What runs may end; then it goes on by the new place's clock and sun. */
  function move(from: { readonly timeZone: string }): void {
    cancel();
    cancelAgain();
    moving = moving
      .then(() => scheduler.retire())
      .then(async () => {
        if (isOver) return;
        scheduler = await open(from.timeZone);
        if (!isOver) look();
      })
      .catch(onFailure);
  }

  function end(): void {
    isOver = true;
    cancel();
    cancelAgain();
    stopFollowing();
    stopLooking();
  }

  const stopFollowing = places.onMove(move);
  const stopLooking = clock.timer(LOOK_MS, look);
  // Not before the app has heard that the schedule stands.
  lookAt(clock.nowMs());
  return {
    async retire() {
      end();
      await scheduler.retire();
    },
    async close() {
      end();
      await scheduler.stop();
      await moving;
    },
  };
}
