import { mapRunLengths, type RunLengthMap } from "../core/changes/run-length-map.ts";
import { createStream, type StreamWindow } from "../core/changes/stream.ts";
import { DAY_MS, HOUR_MS } from "../core/time.ts";
import { readStreamCursor } from "../store/tables/changes.ts";
import { readEntities } from "../store/tables/entities.ts";
import { activeFeatureSet, featureRange } from "../store/tables/features.ts";
import { Cancelled, type StageContext } from "./stage.ts";
import { createStreamHours } from "./stream-hours.ts";
import { watchedFeatures } from "./streams.ts";

/** Further back than this a stream is not derived again: seconds on a small machine. */
const LONGEST_MS = 400 * DAY_MS;
const HOURS_PER_READ = 168;

/** The cells as base64, to be sent as they are. */
export interface RunLengths extends Omit<RunLengthMap, "cells"> {
  readonly stream: string;
  readonly cells: string;
}

export interface RunLengthsInput {
  readonly stream: string;
  readonly fromMs: number;
}

/**
 * What a stream thought of the length of its run after each step since an instant. Only its newest state is kept, so it is derived again from the
 * stored windows, which gives the same steps to the last bit. Null where no stream of this name is watched.
 */
export async function readRunLengths(context: StageContext, { stream: name, fromMs }: RunLengthsInput): Promise<RunLengths | null> {
  const { reader, options } = context;
  const set = activeFeatureSet(reader);
  const range = featureRange(reader);
  if (set === null || range === null) return null;
  const facts = new Map(readEntities(reader).map((entity) => [entity.entityId, entity]));
  const feature = watchedFeatures(set, facts).find((each) => each.name === name);
  const cursorMs = readStreamCursor(reader, name);
  if (feature === undefined || cursorMs === null) return null;
  const beganMs = Math.ceil((range.firstNo * options.gridMs) / HOUR_MS) * HOUR_MS;
  const read = createStreamHours(reader, options.gridMs);
  const hours: StreamWindow[] = [];
  for (let atMs = Math.max(beganMs, cursorMs - LONGEST_MS); atMs < cursorMs; atMs += HOURS_PER_READ * HOUR_MS) {
    if (context.isCancelled()) throw new Cancelled("the run lengths");
    hours.push(...read.read([feature], atMs, Math.min(cursorMs, atMs + HOURS_PER_READ * HOUR_MS))[0]!);
  }
  const stream = createStream({ name, kind: feature.kind, timeZone: options.timeZone });
  const { cells, ...map } = mapRunLengths(stream, hours, fromMs);
  return { stream: name, ...map, cells: Buffer.from(cells).toString("base64") };
}
