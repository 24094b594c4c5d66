import type { Clock } from "../core/clock.ts";
import type { RegistryPort, StorePort } from "../flow/ingest/ports.ts";
import { readEntities } from "../store/tables/entities.ts";
import { readGaps } from "../store/tables/gaps.ts";
import { readPasts } from "../store/tables/pasts.ts";
import type { OpenDatabase } from "./database.ts";

/** The store as ingest needs it: writes through the writer thread, small reads from this thread's own connection. */
export function ingestStore({ writer, reader }: Pick<OpenDatabase, "writer" | "reader">, clock: Clock): StorePort {
  return {
    write: (events, saidBy) => writer.write("insertEvents", { events, nowMs: clock.nowMs(), ...(saidBy === undefined ? {} : { saidBy }) }),
    newestStored: () => writer.write("newestStored", { nowMs: clock.nowMs() }),
    noteGap: (gap) => writer.write("noteGap", { ...gap, nowMs: clock.nowMs() }),
    openGaps: () => Promise.resolve(readGaps(reader, ["open"])),
    settleGap: (gap) => writer.write("settleGap", { ...gap, nowMs: clock.nowMs() }),
    pasts: () => Promise.resolve(readPasts(reader)),
    writePast: (chunk) => writer.write("putPast", { ...chunk, nowMs: clock.nowMs() }),
    writeStatistics: (chunk) => writer.write("putStatistics", { ...chunk, nowMs: clock.nowMs() }),
    noteChosen: (choice) => writer.write("noteChosen", { ...choice, nowMs: clock.nowMs() }),
  };
}

/** What the registries say, kept for the next run. */
export function registryStore(
  { writer, reader }: Pick<OpenDatabase, "writer" | "reader">,
  clock: Clock,
): Pick<RegistryPort, "storedFacts" | "put"> {
  return {
    storedFacts: () => readEntities(reader),
    put: (facts) => writer.write("putEntityFacts", { facts, nowMs: clock.nowMs(), isComplete: true }),
  };
}
