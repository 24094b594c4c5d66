import { createJumpingClock } from "../../../src/runtime/clock.ts";
import type { Job } from "../../../src/runtime/schedule/job.ts";
import type { Place } from "../../../src/runtime/schedule/schedule.ts";
import { createScheduler, type Scheduler } from "../../../src/runtime/schedule/scheduler.ts";
import type { Db } from "../../../src/store/db.ts";
import { execute } from "../../../src/store/inline-writer.ts";
import { type Receipt, readLedgers } from "../../../src/store/tables/schedule-runs.ts";
import { temporaryDatabase } from "../../helpers/database.ts";

export const MINUTE = 60_000;
export const START = Date.UTC(2026, 10, 21, 12, 0);

/** A job whose runs the test ends, on a real file, with a clock that the test sets forward and back. */
export interface Scene {
  readonly db: Db;
  /** Due times in the order of their beginnings, over all starts of the app. */
  readonly begun: number[];
  /** Due times of the runs that ended well. */
  readonly done: number[];
  readonly failures: string[];
  /** Runs that go on: the test ends them, or leaves them to a kill. */
  readonly going: { readonly dueAtMs: number; end(): void; fail(error: Error): void }[];
  /** From now on runs go on until the test ends them. */
  hold(): void;
  /** Every run that goes on ends well, and has its receipt. */
  release(): Promise<void>;
  setClock(atMs: number): Promise<void>;
  /** The app is started (again) on the same file, in this zone. */
  start(place?: Place, movedFrom?: string): Promise<Scheduler>;
  /** The process is gone in the middle of everything. */
  kill(): void;
  receipts(): (Pick<Receipt, "status" | "error"> & { readonly dueAtMs: number; readonly attempts: number })[];
  statuses(): Record<string, number>;
}

type Policies = Partial<Omit<Job, "name" | "run">>;

export function createScene(policies: Policies = {}, options: { readonly graceMs?: number; readonly isDeaf?: boolean } = {}): Scene {
  const db = temporaryDatabase();
  let clock = createJumpingClock(START);
  let alive = { isAlive: false };
  let scheduler: Scheduler | null = null;
  let isHeld = false;
  const begun: number[] = [];
  const done: number[] = [];
  const failures: string[] = [];
  const going: Scene["going"] = [];

  function jobOf(life: { isAlive: boolean }): Job {
    return {
      name: "job",
      schedule: { kind: "cron", expression: "*/5 * * * *" },
      overlap: "queue",
      missed: "once",
      limitMs: 60_000,
      ...policies,
      run: (dueAtMs, signal) => {
        if (!life.isAlive) return new Promise(() => undefined);
        begun.push(dueAtMs);
        if (!isHeld) {
          done.push(dueAtMs);
          return Promise.resolve(1);
        }
        return new Promise((resolve, reject) => {
          const leave = (): void => void going.splice(going.indexOf(run), 1);
          const run = {
            dueAtMs,
            end: () => {
              leave();
              done.push(dueAtMs);
              resolve(1);
            },
            fail: (error: Error) => {
              leave();
              reject(error);
            },
          };
          going.push(run);
          if (!options.isDeaf) signal.addEventListener("abort", () => run.fail(new Error("cancelled")));
        });
      },
    };
  }

  /** Everything that can happen without time has happened. */
  async function settle(): Promise<void> {
    for (let i = 0; i < 5; i += 1) await new Promise((resolve) => setImmediate(resolve));
  }

  return {
    db,
    begun,
    done,
    failures,
    going,
    hold() {
      isHeld = true;
    },
    async release() {
      isHeld = false;
      for (const run of [...going]) run.end();
      await settle();
    },
    async setClock(atMs) {
      // A clock that was set back is another clock: this one only goes forward.
      if (atMs < clock.nowMs()) clock = createJumpingClock(atMs);
      else clock.jumpTo(atMs);
      scheduler?.tick();
      await settle();
    },
    async start(place = { timeZone: "UTC" }, movedFrom) {
      const life = { isAlive: true };
      alive = life;
      // What a process that was killed had still in hand is never written.
      const write = async <T>(work: () => T): Promise<T> => (life.isAlive ? work() : new Promise<T>(() => undefined));
      execute(db, "closeAbandonedRuns", { nowMs: clock.nowMs() });
      scheduler = createScheduler({
        clock: {
          nowMs: () => clock.nowMs(),
          steadyMs: () => clock.steadyMs(),
          sleepUntil: (atMs, signal) => clock.sleepUntil(atMs, signal),
          timer: () => () => undefined,
        },
        place,
        ...(movedFrom === undefined ? {} : { movedFrom }),
        jobs: [jobOf(life)],
        ledgers: readLedgers(db, { jobs: ["job"], nowMs: clock.nowMs() }),
        receipts: {
          beginRun: (run) => write(() => execute(db, "beginRun", run)),
          putReceipt: (receipt) => write(() => execute(db, "putReceipt", receipt)),
          noteRuns: (receipts) => write(() => execute(db, "noteRuns", receipts)),
        },
        onFailure: (job, error) => failures.push(`${job}: ${error instanceof Error ? error.message : String(error)}`),
        ...(options.graceMs === undefined ? {} : { graceMs: options.graceMs }),
      });
      scheduler.tick();
      await settle();
      return scheduler;
    },
    kill() {
      alive.isAlive = false;
      scheduler = null;
      going.length = 0;
    },
    receipts: () => db.all("SELECT due_at_ms AS dueAtMs, status, error, attempts FROM schedule_runs ORDER BY due_at_ms"),
    statuses() {
      const rows = db.all<{ status: string; n: number }>("SELECT status, count(*) AS n FROM schedule_runs GROUP BY status ORDER BY status");
      return Object.fromEntries(rows.map((row) => [row.status, row.n]));
    },
  };
}
