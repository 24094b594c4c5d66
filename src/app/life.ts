import type { Clock } from "../core/clock.ts";
import { reasonOf } from "../core/reason.ts";
import { isoMs, MINUTE_MS } from "../core/time.ts";
import type { Log } from "../runtime/log.ts";
import type { DegradedMarker } from "../store/tables/metadata.ts";
import { type HealthReport, thoughNotWritten } from "../store/tables/overview.ts";
import { type WriteTrouble, writeTroubleOf } from "../store/write-trouble.ts";
import type { Writer } from "../store/writer.ts";

/** How long whoever asks how the app is waits for a sign of life to be written. */
const ANSWER_MS = 2000;

/** The heartbeat. It lives in the file, so where the file cannot be written the app itself has to say that it runs, and why nothing shows it. */
export interface Life {
  /** Null = a sign of life could be written just now. */
  trouble(): Promise<HealthReport["degradedReasons"][number] | null>;
  /** What the file says of the app, mended where it says that the app is down. */
  shown(read: () => Promise<HealthReport>): Promise<HealthReport>;
  stop(): void;
}

export function startLife({ writer, clock, log }: { readonly writer: Writer; readonly clock: Clock; readonly log: Log }): Life {
  let failingSinceMs: number | null = null;
  let underWay: Promise<void> | null = null;

  /** One at a time: behind a foreign lock all that ask would else leave one each. */
  function beat(): Promise<void> {
    underWay ??= writeBeat().finally(() => {
      underWay = null;
    });
    return underWay;
  }

  async function writeBeat(): Promise<void> {
    try {
      await writer.write("beat", { nowMs: clock.nowMs() });
      failingSinceMs = null;
    } catch (error) {
      failingSinceMs ??= clock.nowMs();
      throw error;
    }
  }

  async function trouble(): ReturnType<Life["trouble"]> {
    const fault = await faultOf(beat());
    return fault === null ? null : { ...markerOf(fault), since: isoMs(failingSinceMs ?? clock.nowMs()) };
  }

  const beatNow = (): void =>
    void beat().catch((error: unknown) => log.error("the sign of life could not be written", { reason: reasonOf(error) }));
  beatNow();
  const stop = clock.timer(MINUTE_MS, beatNow);
  return {
    trouble,
    async shown(read) {
      const report = await read();
      if (report.status !== "down") return report;
      const marker = await trouble();
      return marker === null ? read() : thoughNotWritten(report, marker);
    },
    stop,
  };
}

async function faultOf(write: Promise<void>): Promise<Omit<WriteTrouble, "kind"> | null> {
  const waited = new Promise<null>((resolve) => setTimeout(resolve, ANSWER_MS, null).unref());
  try {
    if ((await Promise.race([write.then(() => "written"), waited])) !== null) return null;
    return {
      words: "A write has not come to its end.",
      remedy: "Another program may hold the file's lock: end it. A disk that is very slow does the same.",
    };
  } catch (error) {
    return (
      writeTroubleOf(error) ?? {
        words: `${reasonOf(error)}.`,
        remedy: "Look into the log for what came before it.",
      }
    );
  }
}

function markerOf({ words, remedy }: Omit<WriteTrouble, "kind">): DegradedMarker {
  return {
    code: "not_written",
    cause: `The app runs, but its database cannot be written. ${words}`,
    effect: "What the home does waits, or is fetched from the recorder later; nothing is computed, and labels and answers are refused.",
    remedy,
  };
}
