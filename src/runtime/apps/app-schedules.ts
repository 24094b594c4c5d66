import { cadenceOf, type Schedule } from "../schedule/schedule.ts";
import { createScheduler } from "../schedule/scheduler.ts";
import type { AppPorts } from "./ports.ts";

export interface AppSchedulesParts {
  readonly app: string;
  readonly ports: AppPorts;
  readonly deliver: (id: number, a: unknown, b: unknown, c: unknown, atMs: number) => void;
  readonly log: (level: "warn", text: string) => void;
  /** It will not be due again. */
  readonly onEnd: (id: number) => void;
}

/** What an app said of a schedule beside when it is due; `spread` in seconds. */
export interface ScheduleWish {
  readonly id: number;
  readonly spread?: number | undefined;
  readonly missed?: "skip" | "once" | "each" | undefined;
  readonly name?: string | undefined;
}

export interface AppSchedules {
  in(id: number, afterMs: number): () => void;
  /** Once, when the home's clock shows that time next. */
  nextTime(id: number, time: string): () => void;
  /** @throws WrongSchedule, Error in words */
  start(wish: ScheduleWish, schedule: Schedule): Promise<() => void>;
  /** A run that has a receipt has ended. */
  finished(runId: number, error: string | null): void;
  close(): void;
}

/** A run of an app that takes longer is reported and no longer waited for. */
const RUN_LIMIT_MS = 10 * 60_000;

/**
 * The schedules of one app. One without a name lives with the app: it is due or it is not. One with a name is a job like the runtime's own, with
 * receipts, and knows after a restart what it missed.
 */
export function createAppSchedules({ app, ports, deliver, log, onEnd }: AppSchedulesParts): AppSchedules {
  const { clock, agenda } = ports;
  const names = new Set<string>();
  const running = new Map<number, { readonly resolve: () => void; readonly reject: (error: Error) => void }>();
  let lastRun = 0;
  let isClosed = false;

  function once(id: number, atMs: number): () => void {
    return agenda.at(atMs, () => {
      deliver(id, null, null, null, atMs);
      onEnd(id);
    });
  }

  function plain(id: number, schedule: Schedule): () => void {
    const cadence = cadenceOf(schedule, ports.place(), `${app}/${id}`);
    let cancel: () => void = () => undefined;
    const plan = (afterMs: number): void => {
      const dueAtMs = cadence.next(afterMs);
      if (dueAtMs === null) {
        onEnd(id);
        return;
      }
      cancel = agenda.at(dueAtMs, () => {
        deliver(id, null, null, null, dueAtMs);
        plan(Math.max(dueAtMs, clock.nowMs()));
      });
    };
    plan(clock.nowMs());
    return () => cancel();
  }

  async function kept(id: number, name: string, missed: "skip" | "once" | "each", schedule: Schedule): Promise<() => void> {
    if (names.has(name)) throw new Error(`The app has two schedules with the name ${name}; each needs a name of its own.`);
    names.add(name);
    const job = `app:${app}/${name}`;
    const ledger = await ports.receipts.ledgerOf(job);
    const scheduler = createScheduler({
      clock,
      place: ports.place(),
      jobs: [
        { name: job, schedule, overlap: "queue", missed, limitMs: RUN_LIMIT_MS, run: (dueAtMs, signal) => runInApp(id, dueAtMs, signal) },
      ],
      ledgers: new Map([[job, ledger]]),
      receipts: ports.receipts,
      onFailure: (_job, error) => log("warn", `The schedule ${name} failed: ${error instanceof Error ? error.message : String(error)}`),
    });
    let cancel: () => void = () => undefined;
    const tick = (): void => {
      if (isClosed) return;
      scheduler.tick();
      const dueAtMs = scheduler.nextDueMs();
      // A run that is still going on is looked after again soon.
      if (dueAtMs !== null) cancel = agenda.at(Math.max(dueAtMs, clock.nowMs() + 1000), tick);
    };
    // Not before the app has heard that the schedule stands.
    cancel = agenda.at(clock.nowMs(), tick);
    return () => {
      names.delete(name);
      cancel();
      void scheduler.stop();
    };
  }

  async function runInApp(id: number, dueAtMs: number, signal: AbortSignal): Promise<number> {
    lastRun += 1;
    const run = lastRun;
    await new Promise<void>((resolve, reject) => {
      running.set(run, { resolve, reject });
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      deliver(id, run, null, null, dueAtMs);
    }).finally(() => running.delete(run));
    return 0;
  }

  return {
    in: (id, afterMs) => once(id, clock.nowMs() + afterMs),
    nextTime: (id, time) => once(id, cadenceOf({ kind: "daily", at: time }, ports.place()).next(clock.nowMs())!),
    async start({ id, spread = 0, missed = "skip", name }, schedule) {
      const spreadOut: Schedule = { ...schedule, spreadMs: Math.round(spread * 1000) };
      if (name !== undefined) return kept(id, name, missed, spreadOut);
      if (missed !== "skip") throw new Error(`missed: "${missed}" needs a name, by which the schedule is known after a restart.`);
      return plain(id, spreadOut);
    },
    finished(runId, error) {
      const run = running.get(runId);
      if (error === null) run?.resolve();
      else run?.reject(new Error(error));
    },
    close() {
      isClosed = true;
      for (const run of running.values()) run.reject(new Error("the app has ended"));
    },
  };
}
