import type { Clock } from "../core/clock.ts";
import type { RegistryPort, StorePort } from "../flow/ingest/ports.ts";
import type { Reader } from "../store/reads.ts";
import type { Writer } from "../store/writer.ts";

export interface StoreParts {
  readonly writer: Writer;
  readonly reads: Reader;
}

/** The store as ingest needs it: the writer thread writes, the reader thread answers. */
export function ingestStore({ writer, reads }: StoreParts, clock: Clock, homeNowMs = clock.nowMs): StorePort {
  return {
    write: (events, saidBy) => writer.write("insertEvents", { events, nowMs: clock.nowMs(), ...(saidBy === undefined ? {} : { saidBy }) }),
    // Rows are in Home Assistant's time: by a clock of ours that stands behind, all of them would be from the future.
    newestStored: () => writer.write("newestStored", { nowMs: homeNowMs() }),
    noteGap: (gap) => writer.write("noteGap", { ...gap, nowMs: clock.nowMs() }),
    openGaps: () => reads.read("openGaps", null),
    settleGap: (gap) => writer.write("settleGap", { ...gap, nowMs: clock.nowMs() }),
    pasts: () => reads.read("pasts", null),
    writePast: (chunk) => writer.write("putPast", { ...chunk, nowMs: clock.nowMs() }),
    writeStatistics: (chunk) => writer.write("putStatistics", { ...chunk, nowMs: clock.nowMs() }),
    noteChosen: (choice) => writer.write("noteChosen", { ...choice, nowMs: clock.nowMs() }),
  };
}

/** What the registries say, kept for the next run. */
export function registryStore({ writer, reads }: StoreParts, clock: Clock): Pick<RegistryPort, "storedFacts" | "put"> {
  return {
    storedFacts: () => reads.read("entities", null),
    put: (facts, told) => writer.write("putEntityFacts", { facts, told, nowMs: clock.nowMs(), isComplete: true }),
  };
}
