import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "../../core/clock.ts";
import { reasonOf } from "../../core/reason.ts";
import { Cancelled } from "../../flow/stage.ts";
import type { Receipt } from "../../store/tables/schedule-runs.ts";
import { runIdOf, withinRun } from "../run-context.ts";
import type { Job } from "./job.ts";

/** Where receipts are kept. */
export interface ReceiptBook {
  /** How often the run has been begun now; 0 when it is settled and must not run. */
  beginRun(run: { readonly job: string; readonly dueAtMs: number; readonly startedAtMs: number }): Promise<number>;
  putReceipt(receipt: Receipt): Promise<unknown>;
  noteRuns(receipts: readonly Pick<Receipt, "job" | "dueAtMs" | "status" | "error">[]): Promise<unknown>;
}

export interface RunParts {
  readonly clock: Clock;
  readonly receipts: ReceiptBook;
  readonly onFailure: (job: string, error: unknown) => void;
  readonly onSuccess?: (job: string) => void;
  /** A job that has not ended this long after its cancel is given up. */
  readonly graceMs: number;
}

/** Why a run was cut off, as against having taken too long. */
export class AppStopping extends Error {
  readonly code = "app stopping";
  constructor() {
    super("the app is stopping");
    this.name = "AppStopping";
  }
}

const AGAIN_MS = 1000;

/** One run of a job from its first receipt to its last. Rejects only when the first cannot be written: then nothing has happened. */
export async function runOnce(parts: RunParts, job: Job, dueAtMs: number, abort: AbortController): Promise<void> {
  const startedAtMs = Math.floor(parts.clock.nowMs());
  const attempt = await parts.receipts.beginRun({ job: job.name, dueAtMs, startedAtMs });
  if (attempt === 0) return;
  await withinRun(runIdOf(job.name, dueAtMs, attempt), () => runBegun(parts, job, { dueAtMs, startedAtMs }, abort));
}

async function runBegun(
  parts: RunParts,
  job: Job,
  { dueAtMs, startedAtMs }: { readonly dueAtMs: number; readonly startedAtMs: number },
  abort: AbortController,
): Promise<void> {
  const { clock, receipts } = parts;
  const limit = setTimeout(() => abort.abort(new Error(`took longer than its limit of ${inWords(job.limitMs)}`)), job.limitMs);
  const outcome = await outcomeOf(() => job.run(dueAtMs, abort.signal), abort.signal, parts.graceMs);
  clearTimeout(limit);
  const { status, rows, error } = outcome;
  const words = error === null ? null : reasonOf(error);
  const receipt: Receipt = { job: job.name, dueAtMs, startedAtMs, finishedAtMs: Math.floor(clock.nowMs()), status, rows, error: words };
  await untilWritten(() => receipts.putReceipt(receipt), abort.signal);
  if (status === "completed") parts.onSuccess?.(job.name);
  else if (status !== "interrupted" && !(abort.signal.reason instanceof Cancelled)) parts.onFailure(job.name, error);
}

interface Outcome {
  readonly status: "completed" | "failed" | "cancelled" | "interrupted";
  readonly rows: number | null;
  readonly error: unknown;
}

async function outcomeOf(work: () => Promise<number>, signal: AbortSignal, graceMs: number): Promise<Outcome> {
  try {
    return { status: "completed", rows: await withGrace(work(), signal, graceMs), error: null };
  } catch (error) {
    if (!signal.aborted) return { status: "failed", rows: null, error };
    const status = signal.reason instanceof AppStopping ? "interrupted" : "cancelled";
    // What a cancelled job says of its end is that it was cancelled; why says more.
    return { status, rows: null, error: error instanceof GivenUp ? error : signal.reason };
  }
}

/** The job went on although it was cancelled. */
class GivenUp extends Error {
  readonly code = "given up";
  constructor(reason: unknown, graceMs: number) {
    super(`${reasonOf(reason)} and went on for ${inWords(graceMs)} after its cancel, so it was given up`, { cause: reason });
    this.name = "GivenUp";
  }
}

/** The work's own end, or after a cancel and the grace the word that it was given up. */
function withGrace<T>(work: Promise<T>, signal: AbortSignal, graceMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    let grace: NodeJS.Timeout | undefined;
    const wait = (): void => {
      grace = setTimeout(() => reject(new GivenUp(signal.reason, graceMs)), graceMs);
    };
    signal.addEventListener("abort", wait, { once: true });
    if (signal.aborted) wait();
    void work.then(resolve, reject).finally(() => {
      clearTimeout(grace);
      signal.removeEventListener("abort", wait);
    });
  });
}

/** A run that has ended is done even when the disk is full: its receipt is written once it can be, or the run would count as cut off. */
async function untilWritten(write: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await write();
      return;
    } catch (error) {
      if (signal.reason instanceof AppStopping) throw error;
      await pause(AGAIN_MS);
    }
  }
}

function inWords(spanMs: number): string {
  if (spanMs < 60_000) return `${spanMs / 1000} seconds`;
  return `${Math.round(spanMs / 60_000)} minutes`;
}
