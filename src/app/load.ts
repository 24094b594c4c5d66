import type { Clock } from "../core/clock.ts";
import type { LiveCounts } from "../flow/ingest/live.ts";
import type { SpillCounts } from "../runtime/spill.ts";
import type { Writer } from "../store/writer.ts";
import type { Markers } from "./markers.ts";

export interface LoadParts {
  readonly clock: Clock;
  readonly writer: Writer;
  readonly markers: Markers;
  readonly live: () => LiveCounts;
  readonly spill: () => SpillCounts;
  readonly onError: (error: unknown) => void;
}

/** What the way to the writer carries, kept in the health table: totals over all runs, and what waits on disk now. */
export interface Load {
  /** Whether all that was dropped so far has been said. */
  isSettled(): Promise<boolean>;
  stop(): Promise<void>;
}

const REPORT_MS = 10_000;

export function reportLoad({ clock, writer, markers, live, spill, onError }: LoadParts): Load {
  let told = { events_dropped: 0, events_spilled: 0, events_recovered: 0, spill_damaged: 0 };
  let toldBytes = -1;
  /** Counted already; the marker that says so is owed. */
  let unmarked = 0;
  let telling: Promise<void> | null = null;

  const now = (): typeof told => {
    const { dropped, spilled, recovered } = live();
    return { events_dropped: dropped, events_spilled: spilled, events_recovered: recovered, spill_damaged: spill().damaged };
  };
  const newIn = (counted: typeof told): Partial<typeof told> =>
    Object.fromEntries(
      Object.entries(counted)
        .map(([key, value]): [string, number] => [key, value - told[key as keyof typeof told]])
        .filter(([, more]) => more > 0),
    );

  async function tell(): Promise<void> {
    const { bytes } = spill();
    const counted = now();
    const more = newIn(counted);
    // Told is what was written: a write that fails is tried again with the next report.
    if (Object.keys(more).length > 0) {
      await writer.write("addHealth", more);
      told = counted;
      unmarked += more.events_dropped ?? 0;
    }
    if (bytes !== toldBytes) {
      await writer.write("setHealth", { spill_bytes: bytes });
      toldBytes = bytes;
    }
    if (unmarked === 0) return;
    await markers.mark({
      code: "events_dropped",
      cause: `${unmarked} events came while neither memory nor the disk had room for them: writing the database was behind.`,
      effect: "They are not stored yet. Their span is an open row in vw_gaps, with the reason writer behind.",
      remedy: "They are fetched from Home Assistant's recorder by itself. Make room on the disk if it is nearly full.",
    });
    unmarked = 0;
  }

  /** One report at a time: behind a locked file they would pile up. */
  function report(): Promise<void> {
    telling ??= tell()
      .catch(onError)
      .finally(() => {
        telling = null;
      });
    return telling;
  }

  const stopTimer = clock.timer(REPORT_MS, () => void report());
  return {
    async isSettled() {
      const dropped = live().dropped;
      await report();
      return live().dropped === dropped && told.events_dropped === dropped && unmarked === 0;
    },
    async stop() {
      stopTimer();
      await report();
    },
  };
}
