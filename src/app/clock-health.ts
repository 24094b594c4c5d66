import type { Clock } from "../core/clock.ts";
import { CLOCK_TOLERANCE_MS } from "../core/events/event.ts";
import { DAY_MS, HOUR_MS, isoMs, MINUTE_MS } from "../core/time.ts";
import { type ClockJump, watchClock } from "../runtime/clock-watch.ts";
import type { Writer } from "../store/writer.ts";
import type { Markers } from "./markers.ts";

export interface ClockHealthParts {
  readonly clock: Clock;
  readonly writer: Writer;
  readonly markers: Markers;
  /** Until when the run before this one listened, by its clock; null where there was none. */
  readonly heardUntilMs: number | null;
  /** What Home Assistant's clock says now. */
  readonly homeTimeMs: () => Promise<number>;
  /** The clock was set forward, or the machine slept: a span of which nothing was heard. */
  readonly onMissed: (fromMs: number, toMs: number) => void;
  readonly onError: (error: unknown) => void;
}

/** Whether the two clocks can be trusted: said in the health table, by markers, and to whoever has to allow for it. */
export interface ClockHealth {
  /** Home Assistant's clock minus ours, ms; 0 where they agree or nobody knows. */
  aheadMs(): number;
  /** Compares the clocks; call at each connection. */
  compare(signal: AbortSignal): Promise<void>;
  stop(): void;
}

const COMPARE_EVERY_MS = 10 * MINUTE_MS;
const LONGEST_SLEEP_MS = DAY_MS;
/** A jump stays in sight for this long. */
const JUMP_SHOWN_MS = HOUR_MS;

export function watchClocks({ clock, writer, markers, heardUntilMs, homeTimeMs, onMissed, onError }: ClockHealthParts): ClockHealth {
  let aheadMs = 0;
  /** The latest that a clock showed before it jumped: up to there somebody lived, whatever it showed since. */
  let livedToMs = heardUntilMs ?? Number.NEGATIVE_INFINITY;
  let connection: AbortSignal | null = null;
  let jumpShownForMs = Number.POSITIVE_INFINITY;
  let jumps = 0;
  let counted = 0;

  async function compareNow(signal: AbortSignal): Promise<void> {
    const askedMs = clock.nowMs();
    // A connection that ends, or a home that knows no templates, tells nothing about its clock.
    const homeMs = await homeTimeMs().catch(() => null);
    const answeredMs = clock.nowMs();
    if (homeMs === null || signal.aborted) return;
    const doubtMs = Math.abs(answeredMs - askedMs) / 2;
    const measuredMs = Math.round(homeMs - (askedMs + answeredMs) / 2);
    aheadMs = Math.abs(measuredMs) > doubtMs ? measuredMs : 0;
    // The marker first: it is tried again by itself.
    await markSkew(measuredMs, doubtMs);
    await writer.write("setHealth", { home_clock_ahead_ms: measuredMs, home_clock_doubt_ms: Math.round(doubtMs) });
  }

  async function markSkew(measuredMs: number, doubtMs: number): Promise<void> {
    if (Math.abs(measuredMs) - doubtMs <= CLOCK_TOLERANCE_MS) return markers.clear("clock_skew");
    const direction = measuredMs > 0 ? "ahead of" : "behind";
    await markers.mark({
      code: "clock_skew",
      cause: `Home Assistant's clock is ${inWords(measuredMs)} ${direction} this machine's.`,
      effect:
        measuredMs > 0
          ? "Its events lie in the future: they are kept and flagged, and features see them that much later."
          : "Its events look late, so windows that are computed already are computed again.",
      remedy: "Let both machines set their clocks over the network (NTP). It is compared again every ten minutes.",
    });
  }

  async function noteJump({ fromMs, toMs, byMs }: ClockJump): Promise<void> {
    jumps += 1;
    jumpShownForMs = 0;
    if (byMs > 0) onMissed(missedFromMs(fromMs, toMs), toMs);
    livedToMs = Math.max(livedToMs, fromMs);
    if (connection !== null && !connection.aborted) await compareNow(connection).catch(onError);
    await markers.mark({
      code: "clock_jumped",
      cause: `This machine's clock went ${byMs > 0 ? "forward" : "back"} by ${inWords(byMs)}, from ${isoMs(fromMs)} to ${isoMs(toMs)} (seen ${jumps} times since the start): it was set, or the machine slept.`,
      effect:
        byMs > 0
          ? "Nothing was heard in between. The span is in vw_gaps and is fetched again."
          : "Instants of this span occur twice; what is computed already is computed again where events come late.",
      remedy: "If this happens again, let the machine set its clock over the network (NTP).",
    });
    await countJumps();
    await writer.write("setHealth", { clock_jumped_at: isoMs(toMs), clock_jumped_by_ms: Math.round(byMs) });
  }

  /** Counted is what was written: a write that fails is made up for at a later tick. */
  async function countJumps(): Promise<void> {
    const more = jumps - counted;
    if (more === 0) return;
    counted = jumps;
    await writer.write("addHealth", { clock_jumps: more }).catch((error: unknown) => {
      counted -= more;
      throw error;
    });
  }

  /** No machine sleeps for days with its connections up: a clock that comes forward so far had stood wrong, and most of the span was heard. */
  function missedFromMs(fromMs: number, toMs: number): number {
    if (toMs - fromMs <= LONGEST_SLEEP_MS || livedToMs > toMs) return fromMs;
    return Math.max(fromMs, livedToMs - MINUTE_MS);
  }

  function tick(): void {
    if (connection !== null && !connection.aborted) compareNow(connection).catch(onError);
    countJumps().catch(onError);
    const isShown = jumpShownForMs < JUMP_SHOWN_MS;
    jumpShownForMs += COMPARE_EVERY_MS;
    if (isShown && jumpShownForMs >= JUMP_SHOWN_MS) void markers.clear("clock_jumped");
  }

  const ends = [clock.timer(COMPARE_EVERY_MS, tick), watchClock(clock, (jump) => void noteJump(jump).catch(onError))];
  // That of the run before, whose clock is not this one's.
  void markers.clear("clock_jumped");
  return {
    aheadMs: () => aheadMs,
    async compare(signal) {
      connection = signal;
      await compareNow(signal);
    },
    stop() {
      for (const end of ends) end();
    },
  };
}

function inWords(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000);
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.round(seconds / 60)} minutes` : `${Math.round(seconds / 360) / 10} hours`;
}
