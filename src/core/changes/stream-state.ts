import { createNoise } from "./count-noise.ts";
import { type CountShape, flatCountShape } from "./count-shape.ts";
import { transferFilter } from "./filter-state.ts";
import type { Remembered } from "./learn.ts";
import { flatLevelShape, type LevelShape } from "./level-shape.ts";
import { type StreamSettings, settingsOf } from "./settings.ts";
import { type ChangeStream, createStream, type StreamDefinition } from "./stream.ts";
import { createReader, createWriter, type Transfer, UnreadableState } from "./transfer.ts";
import {
  type CountView,
  createWatch,
  type Faded,
  type LevelView,
  NOTHING,
  type Reported,
  recentSteps,
  type Totals,
  type Watch,
} from "./watch.ts";

const VERSION = 4;

/**
 * The stream as bytes, little-endian, at most 8 KB: version, fingerprint of kind, zone and settings, then the learning time's windows
 * or the watch (shape, prior, sums, boundary, filter).
 */
export function encodeStream(stream: ChangeStream): Uint8Array {
  const { transfer, bytes } = createWriter();
  transfer.u8(VERSION);
  transfer.u32(fingerprint(stream.definition, stream.settings));
  transferStream(transfer, stream);
  return bytes();
}

/**
 * The stream as it was, to the last bit.
 * @throws UnreadableState when the bytes are of another version, of another kind, zone or settings, or cut: derive the stream again.
 */
export function decodeStream(
  definition: StreamDefinition,
  bytes: Uint8Array,
  settings: StreamSettings = settingsOf(definition.kind),
): ChangeStream {
  const { transfer, isAtEnd } = createReader(bytes);
  const version = transfer.u8(VERSION);
  if (version !== VERSION) throw new UnreadableState("version", `a state of version ${version} cannot be read, only ${VERSION}`);
  if (transfer.u32(0) !== fingerprint(definition, settings)) {
    throw new UnreadableState("definition", `the state of ${definition.name} was made with another kind, zone or settings`);
  }
  const stream = createStream(definition, settings);
  transferStream(transfer, stream);
  if (!isAtEnd()) throw new UnreadableState("length", "the state is longer than it says");
  return stream;
}

/** FNV-1a of what a state depends on. */
function fingerprint({ kind, timeZone }: StreamDefinition, settings: StreamSettings): number {
  let hash = 0x811c9dc5;
  for (const character of JSON.stringify([kind, timeZone, Object.entries(settings).sort()])) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return hash >>> 0;
}

function transferStream(io: Transfer, stream: ChangeStream): void {
  stream.lastEndMs = io.f64(stream.lastEndMs);
  stream.lastValueMs = io.f64(stream.lastValueMs);
  const isWatching = io.u8(stream.watch === null ? 0 : 1) === 1;
  if (isWatching) stream.watch = transferWatch(io, stream.watch, stream);
  else stream.learning = transferLearning(io, stream.learning);
}

function transferLearning(io: Transfer, learning: readonly Remembered[]): Remembered[] {
  const length = io.count(learning.length);
  const hours: Remembered[] = [];
  let endHour = 0;
  for (let i = 0; i < length; i++) {
    const hour = learning[i] ?? { endHour: 0, value: 0, exposure: 0 };
    endHour += io.count(hour.endHour - endHour);
    hours.push({ endHour, value: io.f64(hour.value), exposure: io.f64(hour.exposure) });
  }
  return hours;
}

function transferWatch(io: Transfer, watch: Watch | null, { definition, settings }: ChangeStream): Watch {
  const view = definition.kind === "gaussian" ? transferLevel(io, watch, settings) : transferCount(io, definition.kind, watch);
  const to = watch ?? createWatch(view, settings);
  to.originHour = io.f64(to.originHour);
  to.totals = transferTotals(io, to.totals);
  io.f64s(to.block, to.block.length);
  to.previous = io.f64(to.previous);
  to.boundary = transferTotals(io, to.boundary);
  to.lastChangeMs = io.f64(to.lastChangeMs);
  to.pending = transferReported(io, to.pending);
  to.final = transferReported(io, to.final);
  to.faded = transferFaded(io, to.faded);
  transferFilter(io, to.filter);
  return to;
}

function transferReported(io: Transfer, report: Reported | null): Reported | null {
  if (io.u8(report === null ? 0 : 1) === 0) return null;
  return {
    before: transferTotals(io, report?.before ?? NOTHING),
    detectedAtMs: io.f64(report?.detectedAtMs ?? 0),
    startMs: io.f64(report?.startMs ?? 0),
    startLowMs: io.f64(report?.startLowMs ?? 0),
    startHighMs: io.f64(report?.startHighMs ?? 0),
    probability: io.f64(report?.probability ?? 0),
    beforeMean: io.f64(report?.beforeMean ?? 0),
    afterMean: io.f64(report?.afterMean ?? 0),
  };
}

function transferFaded(io: Transfer, faded: Faded | null): Faded | null {
  if (io.u8(faded === null ? 0 : 1) === 0) return null;
  return {
    startHighMs: io.f64(faded?.startHighMs ?? 0),
    beforeMean: io.f64(faded?.beforeMean ?? 0),
    afterMean: io.f64(faded?.afterMean ?? 0),
    untilMs: io.f64(faded?.untilMs ?? 0),
  };
}

function transferTotals(io: Transfer, totals: Totals): Totals {
  return { observed: io.count(totals.observed), sum: io.f64(totals.sum), exposure: io.f64(totals.exposure) };
}

function transferLevel(io: Transfer, watch: Watch | null, settings: StreamSettings): LevelView {
  const view = watch?.view.kind === "gaussian" ? watch.view : null;
  const shape = view?.shape ?? flatLevelShape();
  for (const values of [shape.values, shape.days, shape.spread, shape.today, shape.week]) io.f32s(values, values.length);
  transferDay(io, shape);
  const recent = view?.recent ?? new Float32Array(recentSteps(settings));
  io.f32s(recent, recent.length);
  return {
    kind: "gaussian",
    shape,
    recent,
    anchor: io.f64(view?.anchor ?? 0),
    centre: io.f64(view?.centre ?? 0),
    phi: io.f64(view?.phi ?? 0),
    scale: io.f64(view?.scale ?? 1),
  };
}

function transferCount(io: Transfer, kind: CountView["kind"], watch: Watch | null): CountView {
  const view = watch === null || watch.view.kind === "gaussian" ? null : watch.view;
  const shape = view?.shape ?? flatCountShape();
  const { counts, expected, levels, todayCounts, todayExposure, week } = shape;
  for (const values of [counts, expected, levels, todayCounts, todayExposure, week]) io.f32s(values, values.length);
  transferDay(io, shape);
  const noise = view?.noise ?? createNoise();
  io.f64s(noise.sums, noise.sums.length);
  return { kind, shape, noise, rate: io.f64(view?.rate ?? 1), most: io.f64(view?.most ?? 0) };
}

function transferDay(io: Transfer, shape: LevelShape | CountShape): void {
  shape.day = io.f64(shape.day);
  shape.weekend = io.u8(shape.weekend) === 1 ? 1 : 0;
}
