import { reasonOf } from "../../../core/reason.ts";
import { currentRunId, runIdOf } from "../../run-context.ts";
import type { MissedPolicy, OverlapPolicy } from "../../schedule/job.ts";
import type { Schedule } from "../../schedule/schedule.ts";
import type { AppPorts } from "../ports.ts";
import { type KeptSchedule, startKeptSchedule } from "./kept-schedule.ts";
import { startPlainSchedule } from "./plain-schedule.ts";

export interface AppSchedulesParts {
  readonly app: string;
  readonly ports: AppPorts;
  /** `run` is null where it has no receipt. */
  readonly deliver: (id: number, run: number | null, runId: string, c: null, atMs: number) => void;
  readonly log: (level: "warn", text: string) => void;
  /** It will not be due again. */
  readonly onEnd: (id: number) => void;
}

/** What an app said of a schedule beside when it is due; `spread` in seconds. */
export interface ScheduleWish {
  readonly id: number;
  readonly spread?: number | undefined;
  readonly missed?: MissedPolicy | undefined;
  readonly name?: string | undefined;
  readonly overlap?: OverlapPolicy | undefined;
  /** Seconds. */
  readonly limit?: number | undefined;
}

export interface AppSchedules {
  in(id: number, afterMs: number): () => void;
  /** Once, when the home's clock shows that time next. */
  nextTime(id: number, time: string): () => void;
  /** @throws WrongSchedule, Error in words */
  start(wish: ScheduleWish, schedule: Schedule): Promise<() => void>;
  /** A run that has a receipt has ended. */
  finished(run: number, error: string | null): void;
  /** Cuts off what runs; resolves when the receipts say so. */
  close(): Promise<void>;
}

/** A run that takes longer is reported and no longer waited for. */
const RUN_LIMIT_MS = 10 * 60_000;

/** The schedules of one app. One without a name lives with the app: it is due or it is not. One with a name has receipts. */
export function createAppSchedules({ app, ports, deliver, log, onEnd }: AppSchedulesParts): AppSchedules {
  const { clock, agenda } = ports;
  /** By whom each name is taken. */
  const names = new Map<string, number>();
  /** Those with a name until their last run has ended: by name, so that one name never runs beside itself. */
  const kept = new Map<string, KeptSchedule>();
  const running = new Map<number, { readonly resolve: () => void; readonly reject: (error: Error) => void }>();
  let lastRun = 0;

  function tellPlain(id: number, kind: string, atMs: number): void {
    deliver(id, null, runIdOf(`app:${app}/${kind}-${id}`, atMs), null, atMs);
  }

  function plain(id: number, schedule: Schedule, isOnce = false): () => void {
    return startPlainSchedule({
      schedule,
      seed: `${app}/${id}`,
      isOnce,
      ports,
      onDue: (dueAtMs) => tellPlain(id, schedule.kind, dueAtMs),
      onEnd: () => onEnd(id),
      onWrong: (words) => log("warn", `A schedule goes by the home's old place: ${words}`),
    });
  }

  async function withName(name: string, { id, missed = "skip", overlap = "queue", limit }: ScheduleWish, schedule: Schedule) {
    if (names.has(name)) throw new Error(`The app has two schedules with the name ${name}; each needs a name of its own.`);
    names.set(name, id);
    let started: KeptSchedule | undefined;
    const end = (): void => {
      if (names.get(name) === id) names.delete(name);
      void started?.retire().then(() => {
        if (kept.get(name) === started) kept.delete(name);
      });
    };
    try {
      await kept.get(name)?.retire();
      started = await startKeptSchedule({
        job: `app:${app}/${name}`,
        schedule,
        missed,
        overlap,
        limitMs: limit === undefined ? RUN_LIMIT_MS : limit * 1000,
        ports,
        run: (dueAtMs, signal) => runInApp(id, dueAtMs, signal),
        onFailure: (error) => log("warn", `The schedule ${name} failed: ${reasonOf(error)}`),
        onOver() {
          end();
          onEnd(id);
        },
      });
      kept.set(name, started);
      return end;
    } catch (error) {
      end();
      throw error;
    }
  }

  async function runInApp(id: number, dueAtMs: number, signal: AbortSignal): Promise<number> {
    lastRun += 1;
    const run = lastRun;
    await new Promise<void>((resolve, reject) => {
      running.set(run, { resolve, reject });
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      deliver(id, run, currentRunId() ?? "", null, dueAtMs);
    }).finally(() => running.delete(run));
    return 0;
  }

  return {
    in(id, afterMs) {
      const atMs = clock.nowMs() + afterMs;
      return agenda.after(afterMs, () => {
        tellPlain(id, "in", Math.floor(atMs));
        onEnd(id);
      });
    },
    nextTime: (id, time) => plain(id, { kind: "daily", at: time }, true),
    async start(wish, schedule) {
      const { id, spread = 0, name } = wish;
      const spreadOut: Schedule = { ...schedule, spreadMs: Math.round(spread * 1000) };
      if (name !== undefined) return withName(name, wish, spreadOut);
      for (const key of ["missed", "overlap", "limit"] as const) {
        if (wish[key] !== undefined && wish[key] !== "skip")
          throw new Error(`${key}: ${JSON.stringify(wish[key])} needs a name, by which the schedule is known after a restart.`);
      }
      return plain(id, spreadOut);
    },
    finished(run, error) {
      const ended = running.get(run);
      if (error === null) ended?.resolve();
      else ended?.reject(new Error(error));
    },
    async close() {
      await Promise.all([...kept.values()].map((schedule) => schedule.close()));
    },
  };
}
