import { reasonOf } from "../../../core/reason.ts";
import type { Cadence } from "../../schedule/due.ts";
import { shownUntilMs } from "../../schedule/moved.ts";
import { cadenceOf, type Schedule } from "../../schedule/schedule.ts";
import type { AppPorts } from "../ports.ts";

export interface PlainScheduleParts {
  readonly schedule: Schedule;
  /** Decides the chance of its spread. */
  readonly seed: string;
  /** It is over after its first due time. */
  readonly isOnce: boolean;
  readonly ports: Pick<AppPorts, "agenda" | "clock" | "places">;
  readonly onDue: (dueAtMs: number) => void;
  /** It will not be due again. */
  readonly onEnd: () => void;
  /** The home moved to where it cannot be kept: it goes on by the place before. */
  readonly onWrong: (words: string) => void;
}

/** Two readings of two clocks differ by a little without anybody having set one. */
const LEAST_SET_MS = 1000;
/** A clock that is set back is noticed within this. */
const LOOK_MS = 60_000;

/** A schedule without receipts: due while the app runs, forgotten with it. Returns how to end it. */
export function startPlainSchedule(parts: PlainScheduleParts): () => void {
  const { schedule, seed, ports, onDue, onEnd } = parts;
  const { agenda, clock, places } = ports;
  let cadence: Cadence = cadenceOf(schedule, places.now(), seed);
  let lastDueMs: number | null = null;
  let plannedFromMs = Number.NEGATIVE_INFINITY;
  let cancel: () => void = () => undefined;
  /** A period is a span: it goes on by what really passes, whatever the clock is set to. */
  const isSpan = schedule.kind === "every";
  const zeroMs = clock.nowMs() - clock.steadyMs();
  const nowMs = (): number => (isSpan ? zeroMs + clock.steadyMs() : clock.nowMs());

  function plan(afterMs: number): void {
    plannedFromMs = afterMs;
    const next = cadence.next(afterMs);
    // Of a clock that was set back by a little: what it has just shown is not due again.
    const dueAtMs = next !== null && next === lastDueMs ? cadence.next(next) : next;
    if (dueAtMs === null) {
      end();
      return;
    }
    const due = (): void => {
      lastDueMs = dueAtMs;
      onDue(asShown(dueAtMs));
      if (parts.isOnce) end();
      else plan(Math.max(dueAtMs, nowMs()));
    };
    cancel = isSpan ? agenda.after(dueAtMs - nowMs(), due) : agenda.at(dueAtMs, due);
  }

  /** A clock that was set back has due times before the one that is planned. */
  function look(): void {
    if (nowMs() >= plannedFromMs - LEAST_SET_MS) return;
    cancel();
    plan(nowMs());
  }

  /** By the clock as it is set now. */
  function asShown(dueAtMs: number): number {
    const setByMs = Math.round(clock.nowMs() - nowMs());
    return Math.abs(setByMs) < LEAST_SET_MS ? dueAtMs : dueAtMs + setByMs;
  }

  /** By the new clock from now on; a time of the day that the old one has shown already is not due again. */
  function move(from: { readonly timeZone: string }): void {
    const to = places.now();
    try {
      cadence = cadenceOf(schedule, to, seed);
    } catch (error) {
      parts.onWrong(reasonOf(error));
      return;
    }
    cancel();
    const hadMs = lastDueMs === null || !cadence.followsWallClock ? nowMs() : shownUntilMs(lastDueMs, from.timeZone, to.timeZone);
    plan(Math.max(nowMs(), hadMs));
  }

  function end(): void {
    stop();
    onEnd();
  }
  function stop(): void {
    cancel();
    stopFollowing();
    stopLooking();
  }

  const stopFollowing = places.onMove(move);
  const stopLooking = isSpan ? () => undefined : clock.timer(LOOK_MS, look);
  plan(nowMs());
  return stop;
}
