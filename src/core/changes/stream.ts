import { createZone, HOUR_MS, type Zone } from "../time.ts";
import { learnCounts, learnLevels, type Remembered } from "./learn.ts";
import { reportStep, type StreamReport } from "./report.ts";
import { STREAM_SETTINGS, type StreamSettings } from "./settings.ts";
import { slotOf } from "./slot.ts";
import { closeStep, copyWatch, createWatch, restart, takeWindow, type Watch } from "./watch.ts";

export interface StreamDefinition {
  readonly name: string;
  /** gaussian: a level, the mean of an hour. poisson: a count within an hour. */
  readonly kind: "gaussian" | "poisson";
  /** The zone by whose wall clock the home lives. */
  readonly timeZone: string;
}

/** One hour of a stream. */
export interface StreamWindow {
  /** A whole hour (UTC). */
  readonly endMs: number;
  /** null: not known. A quiet sensor is not an unknown one. */
  readonly value: number | null;
  /** Counts only: share of the hour that was observed, 0 < exposure <= 1. Default 1. */
  readonly exposure?: number;
}

/** Everything a stream knows. Opaque to callers: read it with `summarise`, store it with `encodeStream`. */
export interface ChangeStream {
  readonly definition: StreamDefinition;
  readonly settings: StreamSettings;
  readonly zone: Zone;
  /** Ends of the newest window and of the newest one with a value; NaN before the first. */
  lastEndMs: number;
  lastValueMs: number;
  /** Windows of the learning time; empty once it is over. */
  learning: readonly Remembered[];
  watch: Watch | null;
}

/** @throws RangeError when the time zone is not known. */
export function createStream(definition: StreamDefinition, settings: StreamSettings = STREAM_SETTINGS): ChangeStream {
  return {
    definition,
    settings,
    zone: createZone(definition.timeZone),
    lastEndMs: Number.NaN,
    lastValueMs: Number.NaN,
    learning: [],
    watch: null,
  };
}

export interface Stepped {
  readonly state: ChangeStream;
  readonly reports: readonly StreamReport[];
}

/**
 * Takes in one window; the state given stays as it was. A window at or before the newest one changes nothing, so that a re-run
 * consumes only what is new. Windows left out count as unknown.
 * @throws RangeError when `endMs` is no whole hour, or a value or exposure is out of range.
 */
export function stepStream(state: ChangeStream, window: StreamWindow): Stepped {
  return runStream(state, [window]);
}

/** As `stepStream`, for many windows in time order. */
export function runStream(state: ChangeStream, windows: Iterable<StreamWindow>): Stepped {
  const next: ChangeStream = { ...state, watch: state.watch === null ? null : copyWatch(state.watch) };
  const reports: StreamReport[] = [];
  for (const window of windows) take(next, window, reports);
  return { state: next, reports };
}

function take(stream: ChangeStream, window: StreamWindow, reports: StreamReport[]): void {
  const { endMs, value, exposure = 1 } = window;
  check(stream, window);
  if (endMs <= stream.lastEndMs) return;
  const { settings } = stream;
  const endHour = endMs / HOUR_MS;
  let fromHour = stream.lastEndMs / HOUR_MS + 1;
  if (value !== null && endMs - stream.lastValueMs > settings.gapHours * HOUR_MS) {
    reports.push({ kind: "gap", fromMs: stream.lastValueMs, toMs: endMs - HOUR_MS });
    if (stream.watch !== null) restart(stream.watch, endHour, settings);
    fromHour = endHour;
  }
  stream.lastEndMs = endMs;
  if (value !== null) stream.lastValueMs = endMs;
  if (stream.watch === null) {
    if (value !== null) learn(stream, { endHour, value, exposure }, reports);
    return;
  }
  // Beyond the longest gap holes are not worth a step: the next value starts the filter anew.
  fromHour = Math.max(fromHour, stream.lastValueMs / HOUR_MS, endHour - 2 * settings.gapHours);
  for (let hour = fromHour; hour <= endHour; hour++) {
    const known = hour === endHour ? value : null;
    if (known !== null) takeWindow(stream.watch, slotOf(stream.zone, hour), known, exposure, settings, true);
    if (hour % settings.hoursPerStep !== 0) continue;
    closeStep(stream.watch, settings);
    reports.push(...reportStep(stream.watch, hour * HOUR_MS, settings));
  }
}

function check(stream: ChangeStream, { endMs, value, exposure = 1 }: StreamWindow): void {
  if (endMs % HOUR_MS !== 0) throw new RangeError(`a window must end on a whole hour, not at ${endMs}`);
  if (!(exposure > 0 && exposure <= 1)) throw new RangeError(`the exposure must be above 0 and at most 1, not ${exposure}`);
  if (value === null) return;
  if (!Number.isFinite(value)) throw new RangeError(`a value must be a finite number or null, not ${value}`);
  if (value < 0 && stream.definition.kind === "poisson") throw new RangeError(`a count must not be negative: ${value}`);
}
