import { isoMs } from "../../core/time.ts";
import { Cancelled } from "../../flow/stage.ts";
import type { Ledger } from "../../store/tables/schedule-runs.ts";
import { type Cadence, dueTimes } from "./due.ts";
import { createHeldUp } from "./held-up.ts";
import type { Job } from "./job.ts";
import { isOnTime, planRuns } from "./plan.ts";
import { AppStopping, type RunParts, runOnce } from "./run.ts";

/** Missed runs that get a receipt of their own after a long absence; older ones are beyond interest. */
const MOST_MISSED_RECEIPTS = 500;
/** Runs that are made up for by `each`; with more than that something is wrong with the schedule. */
const MOST_MADE_UP = 10_000;
/** More than that never wait: a job that is slower than its schedule would else collect them for ever. */
const MOST_WAITING = 1000;
/** A job that ended the app this often at the same due time is left until its next. */
const MOST_ATTEMPTS = 3;
/** A clock that is set back by less changes no plan. */
const CLOCK_TOLERANCE_MS = 1000;

type Item =
  | { readonly kind: "run"; readonly dueAtMs: number }
  | { readonly kind: "note"; readonly dueAtMs: readonly number[]; readonly why: Why };
interface Why {
  readonly status: "missed" | "skipped";
  readonly error: string | null;
}

/** One job on its way through time: never two runs at once, receipts in the order of the due times. */
export interface Lane {
  readonly job: Job;
  /** Takes up what has fallen due; asking more often changes nothing. */
  look(nowMs: number): void;
  runNow(nowMs: number): Promise<void>;
  nextDueMs(): number | null;
  /** Nothing runs, and nothing that was due waits. */
  isIdle(): boolean;
  /** When the run that goes on began. */
  runningSinceMs(): number | null;
  /** Ends the run that goes on, because a person wants that; false when there is none. */
  cancel(): boolean;
  stop(): Promise<void>;
  /** Begins nothing more; resolves when the run that goes on has ended. */
  retire(): Promise<void>;
}

export interface LaneParts extends RunParts {
  readonly job: Job;
  readonly cadence: Cadence;
  readonly ledger: Ledger | undefined;
  /** What was due is done, or what is left waits for a later look: that is told each time, a failure once in a while. */
  readonly onDrained?: () => void;
  /** Due times that need no run, because another zone's clocks showed their time of the day before. */
  readonly hadTheirRun: (settledToMs: number) => readonly number[];
  readonly nowMs: number;
}

export function createLane(parts: LaneParts): Lane {
  const { job, cadence } = parts;
  const cutOff = parts.ledger?.cutOff ?? [];
  const firstCutOffMs = cutOff[0]?.dueAtMs;
  let settledToMs =
    parts.ledger?.settledToMs ?? (firstCutOffMs === undefined ? Math.floor(parts.ledger?.sinceMs ?? parts.nowMs) : firstCutOffMs - 1);
  // Left as they are: runs that the policy does not repeat, and those that took the app with them again and again.
  const left = new Set(
    cutOff
      .filter(({ attempts }) => job.missed === "skip" || (job.missed === "once" && attempts >= MOST_ATTEMPTS))
      .map((run) => run.dueAtMs),
  );
  let again = cutOff.map((run) => run.dueAtMs).filter((dueAtMs) => !left.has(dueAtMs));
  let nextDueMs = cadence.next(settledToMs);
  const waiting: Item[] = [];
  let draining: Promise<void> | null = null;
  let running: { readonly abort: AbortController; readonly sinceMs: number } | null = null;
  let isStopped = false;
  const heldUp = createHeldUp(parts.clock);

  const hasSettled = typeof parts.ledger?.settledToMs === "number";
  const isKnown = hasSettled || (firstCutOffMs === undefined && parts.ledger?.sinceMs !== undefined);
  const moved = isKnown ? parts.hadTheirRun(settledToMs) : [];
  if (moved.length > 0) {
    const error = `the home moved, and this time of the day ${hasSettled ? "had its run before" : "was over when it was first asked for"}`;
    waiting.push({ kind: "note", dueAtMs: moved, why: { status: "skipped", error } });
  }

  function takeUp(nowMs: number): void {
    if (nowMs < settledToMs - CLOCK_TOLERANCE_MS) {
      // The clock was set back. What had its run has a receipt, and is refused by it.
      settledToMs = Math.floor(nowMs);
      nextDueMs = cadence.next(settledToMs);
    }
    if (again.length === 0 && (nextDueMs === null || nextDueMs > nowMs)) return;
    const limit = job.missed === "each" ? MOST_MADE_UP : MOST_MISSED_RECEIPTS;
    const fresh = dueTimes(cadence, settledToMs, nowMs, limit);
    if (job.missed === "each" && fresh.length === limit && fresh[0] !== cadence.next(settledToMs)) {
      parts.onFailure(
        job.name,
        new Error(`too many runs were missed to make up for all; those due before ${isoMs(fresh[0]!)} are left out`),
      );
    }
    const due = [...new Set([...again, ...fresh])].filter((dueAtMs) => !left.has(dueAtMs)).sort((a, b) => a - b);
    again = [];
    settledToMs = fresh.at(-1) ?? settledToMs;
    nextDueMs = cadence.next(settledToMs);
    const { run, missed } = planRuns(job.missed, due, nowMs);
    if (missed.length > 0) waiting.push({ kind: "note", dueAtMs: missed, why: { status: "missed", error: null } });
    for (const dueAtMs of run) waiting.push(turnOf(dueAtMs, nowMs));
  }

  function turnOf(dueAtMs: number, nowMs: number): Item {
    const skipped = (error: string): Item => ({ kind: "note", dueAtMs: [dueAtMs], why: { status: "skipped", error } });
    const isBusy = running !== null || waiting.some((item) => item.kind === "run");
    if (!isOnTime(dueAtMs, nowMs) || !isBusy) return { kind: "run", dueAtMs };
    if (job.overlap === "never") return skipped("the run before was still going on");
    return waiting.length < MOST_WAITING ? { kind: "run", dueAtMs } : skipped(`${MOST_WAITING} runs before it were waiting`);
  }

  /** Works through what waits. What cannot be noted waits on, for a later look. */
  function drain(): Promise<void> {
    draining ??= drainAll();
    return draining;
  }

  async function drainAll(): Promise<void> {
    try {
      for (let item = waiting[0]; item !== undefined && !isStopped; item = waiting[0]) {
        await (item.kind === "run" ? run(item.dueAtMs) : note(item));
        waiting.shift();
        heldUp.over();
      }
    } catch (error) {
      if (!isStopped && heldUp.failed(error)) parts.onFailure(job.name, error);
    } finally {
      draining = null;
    }
    if (!isStopped) parts.onDrained?.();
  }

  async function run(dueAtMs: number): Promise<void> {
    const abort = new AbortController();
    running = { abort, sinceMs: parts.clock.nowMs() };
    try {
      await runOnce(parts, job, dueAtMs, abort);
    } finally {
      running = null;
    }
  }

  async function note({ dueAtMs, why }: Extract<Item, { kind: "note" }>): Promise<void> {
    await parts.receipts.noteRuns(dueAtMs.map((each) => ({ job: job.name, dueAtMs: each, ...why })));
  }

  return {
    job,
    look(nowMs) {
      if (isStopped) return;
      takeUp(nowMs);
      if (waiting.length > 0 && !heldUp.isWaiting()) void drain();
    },
    async runNow(nowMs) {
      if (draining === null) waiting.push({ kind: "run", dueAtMs: Math.floor(nowMs) });
      await drain();
    },
    nextDueMs: () => nextDueMs,
    isIdle: () => waiting.length === 0,
    runningSinceMs: () => running?.sinceMs ?? null,
    cancel() {
      running?.abort.abort(new Cancelled(job.name));
      return running !== null;
    },
    async stop() {
      isStopped = true;
      running?.abort.abort(new AppStopping());
      await draining;
    },
    async retire() {
      isStopped = true;
      await draining;
    },
  };
}
