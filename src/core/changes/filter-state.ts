import { massOf, type RunLimit } from "./bound.ts";
import { createFilter, type Filter } from "./filter.ts";
import type { ObservationModel } from "./model.ts";
import { copyRuns } from "./runs.ts";
import { createReader, createWriter, type Transfer, UnreadableState } from "./transfer.ts";

const VERSION = 1;
/** More runs than any limit sets; protects a reader from a length that is no length. */
const MOST_RUNS = 1e7;

/** Hands every number of the filter through, in the order of the stored layout (see `encodeFilter`). */
export function transferFilter(io: Transfer, filter: Filter): void {
  filter.step = io.count(filter.step);
  filter.total = io.f64(filter.total);
  filter.logEvidence = io.f64(filter.logEvidence);
  filter.mergedMass = io.f64(filter.mergedMass);
  filter.droppedMass = io.f64(filter.droppedMass);
  const count = io.count(filter.runs.count);
  if (io.isReading) {
    if (count > MOST_RUNS) throw new UnreadableState("length", `${count} runs are no number of runs`);
    Object.assign(filter.runs, copyRuns(filter.runs, Math.max(count, filter.limit?.runs ?? count)), { count });
  }
  transferStarts(io, filter);
  const { runs } = filter;
  io.f64s(runs.logWeight, count);
  io.f32s(runs.mark, count);
  for (const column of runs.statistics) io.f64s(column, count);
  if (io.isReading) for (let i = 0; i < count; i++) runs.mass[i] = massOf(runs.logWeight[i]!);
}

/** Starts and numbers of observations as differences to the next older run: most take one byte together. */
function transferStarts(io: Transfer, { runs, step }: Filter): void {
  const { start, seen, count } = runs;
  let start0 = 0;
  let seen0 = io.count(count > 0 ? seen[0]! : step);
  for (let i = 0; i < count; i++) {
    const later = start[i]! - start0;
    const fewer = seen0 - seen[i]!;
    const code = io.count(2 * later + (fewer === later ? 0 : 1));
    start0 += Math.floor(code / 2);
    seen0 -= code % 2 === 0 ? Math.floor(code / 2) : io.count(fewer);
    start[i] = start0;
    seen[i] = seen0;
  }
}

/**
 * The filter as bytes, little-endian: version (1), step, total, log evidence, merged and dropped mass, runs; starts and observations
 * (differences), log weights (f64), marks (f32), statistics (f64). 200 runs of the Gaussian model take about 7.5 KB.
 */
export function encodeFilter(filter: Filter): Uint8Array {
  const { transfer, bytes } = createWriter();
  transfer.u8(VERSION);
  transferFilter(transfer, filter);
  return bytes();
}

/** The filter as it was, to the last bit. @throws UnreadableState when the bytes are of another version or length. */
export function decodeFilter(model: ObservationModel, limit: RunLimit | null, bytes: Uint8Array): Filter {
  const { transfer, isAtEnd } = createReader(bytes);
  const version = transfer.u8(VERSION);
  if (version !== VERSION) throw new UnreadableState("version", `a state of version ${version} cannot be read, only ${VERSION}`);
  const filter = createFilter(model, limit);
  transferFilter(transfer, filter);
  if (!isAtEnd()) throw new UnreadableState("length", "the state is longer than it says");
  return filter;
}
