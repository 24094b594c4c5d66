import type { Clock } from "../core/clock.ts";
import type { Gap, StorePort } from "../flow/ingest/ports.ts";
import { readFetchedRanges } from "../store/tables/events.ts";
import { readGaps } from "../store/tables/gaps.ts";
import type { OpenDatabase } from "./database.ts";

/** The store as ingest needs it: writes through the writer thread, small reads from this thread's own connection. */
export function ingestStore({ writer, reader }: Pick<OpenDatabase, "writer" | "reader">, clock: Clock): StorePort {
  return {
    write: (events, saidBy) => writer.write("insertEvents", { events, nowMs: clock.nowMs(), ...(saidBy === undefined ? {} : { saidBy }) }),
    newestStored: () => writer.write("newestStored", null),
    noteGap: (gap) => writer.write("putGap", { ...gap, nowMs: clock.nowMs() }),
    openGaps: () => Promise.resolve(readGaps(reader, ["open"]) as Gap[]),
    fetchedRanges: () => Promise.resolve(readFetchedRanges(reader)),
    markFetched: (range) => writer.write("markFetched", { ...range, nowMs: clock.nowMs() }),
  };
}
