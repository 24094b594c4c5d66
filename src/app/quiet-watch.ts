import type { Clock } from "../core/clock.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../core/time.ts";
import type { QuietQuestion, ShownQuiet } from "../store/tables/quiet.ts";
import { createHeardQuiets } from "./heard-quiets.ts";
import type { Markers } from "./markers.ts";

export interface QuietWatchParts {
  readonly clock: Clock;
  readonly markers: Markers;
  /** Now by the clock of the events. */
  readonly homeNowMs: () => number;
  /** Of the stored events. */
  readonly longestQuiet: (question: QuietQuestion) => Promise<ShownQuiet>;
  /** What the run before this one gave to `keep`. */
  readonly kept: string | null;
  readonly keep: (text: string) => Promise<unknown>;
  readonly onError: (error: unknown) => void;
}

/** Whether a home whose connection stands says anything at all. */
export interface QuietWatch {
  /** Changes are subscribed to, until the connection ends. */
  listen(connection: AbortSignal): void;
  /** A change of whatever entity, chosen or not. Called for each one, so it does next to nothing. */
  heard(): void;
  stop(): Promise<void>;
}

/** No home is judged by less. */
const SHORTEST_LIMIT_MS = 30 * MINUTE_MS;
/** Of a home of which less than two nights are known, and the longest one as long as only stored events tell. */
const UNKNOWN_LIMIT_MS = 12 * HOUR_MS;
const KNOWN_AFTER_MS = 2 * DAY_MS;
const LOOK_BACK_MS = 14 * DAY_MS;
const KEEP_EVERY_MS = HOUR_MS;

/**
 * Looks each minute whether anything came. How long a home may be quiet it has shown itself: twice its longest quiet of the last two weeks, as
 * it was heard. Until two days have been heard the stored events tell, which may be those of a few entities, so of twelve hours at most; they
 * are asked only when half an hour has passed without a word.
 */
export function watchQuiet({ clock, markers, homeNowMs, longestQuiet, kept, keep, onError }: QuietWatchParts): QuietWatch {
  const quiets = createHeardQuiets(kept);
  let keptText = quiets.text();
  let keptAtMs = clock.steadyMs();
  let connection: AbortSignal | null = null;
  let wasHeard = false;
  let quietSinceMs = 0;
  /** Of this quiet; null = not asked for yet. */
  let limitMs: number | null = null;
  let isKnown = false;
  let isAsking = false;
  let isMarked = false;

  function begin(): void {
    wasHeard = false;
    quietSinceMs = clock.steadyMs();
    limitMs = null;
    if (!isMarked) return;
    isMarked = false;
    void markers.clear("no_events");
  }

  async function judge(): Promise<void> {
    const signal = connection;
    const toMs = homeNowMs();
    const heardMs = quiets.longestMs(toMs);
    if (heardMs !== null) {
      isKnown = true;
      limitMs = Math.max(SHORTEST_LIMIT_MS, 2 * heardMs);
    } else if (limitMs === null) {
      const shown = await longestQuiet({ fromMs: toMs - LOOK_BACK_MS, toMs, atLeastMs: SHORTEST_LIMIT_MS / 2 });
      if (wasHeard || signal !== connection) return;
      isKnown = shown.pastMs >= KNOWN_AFTER_MS && 2 * shown.longestMs < UNKNOWN_LIMIT_MS;
      limitMs = isKnown ? Math.max(SHORTEST_LIMIT_MS, 2 * shown.longestMs) : UNKNOWN_LIMIT_MS;
    }
    if (isMarked || clock.steadyMs() - quietSinceMs < limitMs) return;
    isMarked = true;
    await markers.mark({
      code: "no_events",
      cause: `Home Assistant is connected and answers, but has told of no change of any entity for ${inWords(limitMs)}. ${isKnown ? "In the last two weeks it was never quiet for more than half of that." : "How quiet it is at night is not known yet."}`,
      effect: "Nothing new is stored. Features and probabilities are those of a home in which nothing happens.",
      remedy:
        "Look whether states still change in Home Assistant. If they do not, restart it; if they do, restart this app. In a home that is as quiet as that there is nothing to do.",
    });
  }

  async function keepNow(): Promise<void> {
    keptAtMs = clock.steadyMs();
    const text = quiets.text();
    if (text === keptText) return;
    await keep(text);
    keptText = text;
  }

  function tick(): void {
    if (clock.steadyMs() - keptAtMs >= KEEP_EVERY_MS) keepNow().catch(onError);
    if (connection === null || connection.aborted) return;
    if (wasHeard) {
      quiets.ended(clock.steadyMs() - quietSinceMs, homeNowMs());
      begin();
    }
    if (isAsking || clock.steadyMs() - quietSinceMs < SHORTEST_LIMIT_MS) return;
    isAsking = true;
    judge()
      .catch(onError)
      .finally(() => {
        isAsking = false;
      });
  }

  // That of the run before: what this one hears is not known yet.
  void markers.clear("no_events");
  const stopLooking = clock.timer(MINUTE_MS, tick);
  return {
    listen(signal) {
      connection = signal;
      begin();
      // An ended connection has a marker of its own.
      signal.addEventListener("abort", begin, { once: true });
    },
    heard() {
      wasHeard = true;
    },
    async stop() {
      stopLooking();
      await keepNow().catch(onError);
    },
  };
}

function inWords(ms: number): string {
  const minutes = Math.floor(ms / MINUTE_MS);
  return minutes < 120 ? `${minutes} minutes` : `${Math.floor(minutes / 60)} hours`;
}
