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
  /** Marks what was dropped so far; whether that is all, or more was dropped meanwhile. */
  isSettled(): Promise<boolean>;
  stop(): Promise<void>;
}

const REPORT_MS = 10_000;

export function reportLoad({ clock, writer, markers, live, spill, onError }: LoadParts): Load {
  let told = { events_dropped: 0, events_spilled: 0, events_recovered: 0, spill_damaged: 0 };
  let toldBytes = -1;
  let marked = 0;
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
    }
    if (bytes !== toldBytes) {
      await writer.write("setHealth", { spill_bytes: bytes });
      toldBytes = bytes;
    }
  }

  /** Marked by what is known here, not by what could be counted in the file: the marker is what a person looks at. */
  async function mark(): Promise<void> {
    const { dropped } = live();
    if (dropped === marked) return;
    const more = dropped - marked;
    marked = dropped;
    await markers.mark({
      code: "events_dropped",
      cause: `${more} events came while neither memory nor the disk had room for them: writing the database was behind.`,
      effect: "They are not stored yet. Their span is an open row in vw_gaps, with the reason writer behind.",
      remedy: "They are fetched from Home Assistant's recorder by itself. Make room on the disk if it is nearly full.",
    });
  }

  /** One report at a time: behind a locked file they would pile up. */
  function report(): Promise<void> {
    telling ??= mark()
      .then(tell)
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
      // Not by the report alone: one that is under way may have begun before the last of them was dropped, and the next would mark what is fetched.
      await mark();
      await report();
      return live().dropped === dropped;
    },
    async stop() {
      stopTimer();
      await report();
    },
  };
}
