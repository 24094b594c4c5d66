import { createZone, HOUR_MS, type Zone } from "../time.ts";
import { learnCounts, learnLevels, type Remembered } from "./learn.ts";
import { forgetLevel } from "./recentre.ts";
import { cutOff, reportStep, type StreamReport } from "./report.ts";
import { type StreamKind, type StreamSettings, settingsOf } from "./settings.ts";
import { slotOf } from "./slot.ts";
import { closeStep, copyWatch, createWatch, restart, takeWindow, type Watch } from "./watch.ts";

export interface StreamDefinition {
  readonly name: string;
  readonly kind: StreamKind;
  /** The zone by whose wall clock the home lives. */
  readonly timeZone: string;
}

/** One hour of a stream. */
export interface StreamWindow {
  /** A whole hour (UTC). */
  readonly endMs: number;
  /** null: not known. A quiet sensor is not an unknown one. */
  readonly value: number | null;
  /** Counts and ratios: share of the hour that was observed, 0 < exposure <= 1. Default 1. */
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
export function createStream(definition: StreamDefinition, settings: StreamSettings = settingsOf(definition.kind)): ChangeStream {
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
  const { watch, lastEndMs, lastValueMs } = stream;
  const hour: Remembered | null = value === null ? null : { endHour: endMs / HOUR_MS, value, exposure };
  stream.lastEndMs = endMs;
  if (value !== null) stream.lastValueMs = endMs;
  if (watch !== null) watchOn(stream, watch, lastEndMs / HOUR_MS + 1, lastValueMs / HOUR_MS, hour, reports);
  else if (hour !== null) learnOn(stream, lastValueMs, hour, reports);
}

/** Takes the hours from `fromHour` to the newest; nothing is compared across a silence that is a gap. */
function watchOn(
  stream: ChangeStream,
  watch: Watch,
  fromHour: number,
  heardHour: number,
  hour: Remembered | null,
  reports: StreamReport[],
): void {
  const { settings, lastEndMs } = stream;
  const endHour = lastEndMs / HOUR_MS;
  const onStep = (atMs: number): void => void reports.push(...reportStep(watch, atMs, settings));
  const comparedHour = heardHour + settings.gapHours;
  let goesOn = fromHour;
  if (endHour > comparedHour) {
    feed(stream, watch, fromHour, comparedHour, null, true, onStep);
    reports.push(...cutOff(watch, comparedHour * HOUR_MS));
    goesOn = Math.max(fromHour, comparedHour + 1);
    if (hour !== null) {
      reports.push(gapBefore(heardHour * HOUR_MS, hour));
      restart(watch, endHour, settings);
      if (watch.view.kind === "gaussian") forgetLevel(watch.view);
      goesOn = endHour;
    }
  }
  feed(stream, watch, goesOn, endHour, hour, true, onStep);
}

function learnOn(stream: ChangeStream, heardMs: number, hour: Remembered, reports: StreamReport[]): void {
  const { settings, lastEndMs } = stream;
  if (lastEndMs - heardMs > settings.gapHours * HOUR_MS) reports.push(gapBefore(heardMs, hour));
  stream.learning = [...stream.learning, hour];
  if (!knowsEnough(stream.learning, settings)) return;
  stream.watch = finishLearning(stream);
  stream.learning = [];
  reports.push(...reportStep(stream.watch, lastEndMs, settings));
}

function gapBefore(heardMs: number, { endHour }: Remembered): StreamReport {
  return { kind: "gap", fromMs: heardMs, toMs: (endHour - 1) * HOUR_MS };
}

/** Runs the hours from `fromHour` to `endHour` through the watch, holes but for the last; calls back after each step. */
function feed(
  { zone, settings }: ChangeStream,
  watch: Watch,
  fromHour: number,
  endHour: number,
  last: Remembered | null,
  learn: boolean,
  onStep: (atMs: number) => void,
): void {
  for (let hour = fromHour; hour <= endHour; hour++) {
    if (hour === endHour && last !== null) takeWindow(watch, slotOf(zone, hour), last.value, last.exposure, settings, learn);
    if (hour % settings.hoursPerStep !== 0) continue;
    closeStep(watch, settings);
    onStep(hour * HOUR_MS);
  }
}

/** The learning time is over when it is long enough and most of it was seen. */
function knowsEnough(learning: readonly Remembered[], settings: StreamSettings): boolean {
  const hours = settings.learningDays * 24;
  const first = learning[0]!.endHour;
  const last = learning[learning.length - 1]!.endHour;
  return last - first + 1 >= hours && learning.length >= 0.7 * hours;
}

/** Learns shape and prior, then runs the filter over the learning time itself, so that it knows what went before. */
function finishLearning(stream: ChangeStream): Watch {
  const { learning, settings, zone, definition } = stream;
  const slots = learning.map((hour) => slotOf(zone, hour.endHour));
  const view =
    definition.kind === "gaussian" ? learnLevels(learning, slots, settings) : learnCounts(definition.kind, learning, slots, settings);
  const watch = createWatch(view, settings);
  // The noise was measured on these very hours; they are not counted twice.
  const measured = view.kind === "gaussian" ? null : view.noise.sums.slice();
  let before = Number.NEGATIVE_INFINITY;
  for (const hour of learning) {
    const isGap = hour.endHour - before > settings.gapHours;
    if (isGap) restart(watch, hour.endHour, settings);
    feed(stream, watch, isGap ? hour.endHour : before + 1, hour.endHour, hour, false, () => {});
    before = hour.endHour;
  }
  if (view.kind !== "gaussian" && measured !== null) view.noise.sums.set(measured);
  return watch;
}

function check(stream: ChangeStream, { endMs, value, exposure = 1 }: StreamWindow): void {
  if (endMs % HOUR_MS !== 0) throw new RangeError(`a window must end on a whole hour, not at ${endMs}`);
  if (!(exposure > 0 && exposure <= 1)) throw new RangeError(`the exposure must be above 0 and at most 1, not ${exposure}`);
  if (value === null) return;
  if (!Number.isFinite(value)) throw new RangeError(`a value must be a finite number or null, not ${value}`);
  const { kind } = stream.definition;
  if (value < 0 && kind === "poisson") throw new RangeError(`a count must not be negative: ${value}`);
  if ((value < 0 || value > 1) && kind === "ratio") throw new RangeError(`a share must lie between 0 and 1: ${value}`);
}
