import type { Clock } from "../core/clock.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../core/time.ts";
import type { QuietQuestion, ShownQuiet } from "../store/tables/quiet.ts";
import type { Markers } from "./markers.ts";

export interface QuietWatchParts {
  readonly clock: Clock;
  readonly markers: Markers;
  /** Now by the clock of the events. */
  readonly homeNowMs: () => number;
  readonly longestQuiet: (question: QuietQuestion) => Promise<ShownQuiet>;
  readonly onError: (error: unknown) => void;
}

/** Whether a home whose connection stands says anything at all. */
export interface QuietWatch {
  /** Changes are subscribed to, until the connection ends. */
  listen(connection: AbortSignal): void;
  /** A change of whatever entity, chosen or not. Called for each one, so it does next to nothing. */
  heard(): void;
  stop(): void;
}

/** No home is judged by less. */
const SHORTEST_LIMIT_MS = 30 * MINUTE_MS;
/** Of a home of which less than two nights are known. */
const UNKNOWN_LIMIT_MS = 12 * HOUR_MS;
const KNOWN_AFTER_MS = 2 * DAY_MS;
const LOOK_BACK_MS = 14 * DAY_MS;

/**
 * Looks each minute whether anything came. How long a home may be quiet it has shown itself: twice its longest quiet of the last two weeks,
 * asked for only when half an hour has passed without a word.
 */
export function watchQuiet({ clock, markers, homeNowMs, longestQuiet, onError }: QuietWatchParts): QuietWatch {
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
    markers.clear("no_events").catch(onError);
  }

  async function judge(): Promise<void> {
    const signal = connection;
    const toMs = homeNowMs();
    if (limitMs === null) {
      const shown = await longestQuiet({ fromMs: toMs - LOOK_BACK_MS, toMs, atLeastMs: SHORTEST_LIMIT_MS / 2 });
      if (wasHeard || signal !== connection) return;
      isKnown = shown.pastMs >= KNOWN_AFTER_MS;
      limitMs = Math.max(isKnown ? SHORTEST_LIMIT_MS : UNKNOWN_LIMIT_MS, 2 * shown.longestMs);
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

  function tick(): void {
    if (connection === null || connection.aborted) return;
    if (wasHeard) begin();
    if (isAsking || clock.steadyMs() - quietSinceMs < SHORTEST_LIMIT_MS) return;
    isAsking = true;
    judge()
      .catch(onError)
      .finally(() => {
        isAsking = false;
      });
  }

  // Of the run before: what this one hears is not known yet.
  markers.clear("no_events").catch(onError);
  const stop = clock.timer(MINUTE_MS, tick);
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
    stop,
  };
}

function inWords(ms: number): string {
  const minutes = Math.floor(ms / MINUTE_MS);
  return minutes < 120 ? `${minutes} minutes` : `${Math.floor(minutes / 60)} hours`;
}
