import { MINUTE_MS, type Zone } from "../time.ts";
import { type Column, writeCell } from "./column.ts";
import { daylightHours } from "./daylight.ts";
import type { Of } from "./definition.ts";
import { endUsOf, type Frame } from "./frame.ts";
import type { GroupSums } from "./group-sums.ts";
import { round7 } from "./round.ts";

const MINUTE_US = MINUTE_MS * 1000;

/** What the writers of columns read: the sums of a group of `size` members. Running sums are of whole numbers, so they are exact. */
export interface Ground {
  readonly sums: GroupSums;
  readonly frame: Frame;
  readonly size: number;
}

/**
 * Share known, on average over the members, of the whole grid steps that the last `spanUs` before a window's end touch, at least one. Called
 * window by window, in order: where a span begins never moves back, so only the cells that enter or leave are added up.
 */
function createKnownSince({
  sums: {
    known: { cells: known },
  },
  frame,
  size,
}: Ground): (w: number, spanUs: number) => number {
  let from = 0;
  let to = 0;
  let sum = 0;
  return (w, spanUs) => {
    const steps = Math.max(1, Math.ceil(spanUs / frame.gridUs));
    const end = frame.back + w + 1;
    for (; to < end; to++) sum += known[to]!;
    for (; from < end - steps; from++) sum -= known[from]!;
    return sum / (steps * frame.gridUs * size);
  };
}

export function writeOnFraction({ sums, frame, size }: Ground, { horizonMs }: Of<"on_fraction" | "state_share">, column: Column): void {
  const steps = (horizonMs * 1000) / frame.gridUs;
  const all = horizonMs * 1000 * size;
  const [known, anyOn] = [sums.known.cells, sums.anyOn.cells];
  const anyKnown = size === 1 ? known : sums.anyKnown.cells;
  let [knownUs, onUs, anyKnownUs] = [0, 0, 0];
  for (let c = frame.back - steps + 1; c < frame.cells; c++) {
    knownUs += known[c]!;
    onUs += anyOn[c]!;
    anyKnownUs += anyKnown[c]!;
    if (c < frame.back) continue;
    writeCell(column, c - frame.back, onUs / anyKnownUs, knownUs === all ? 1 : knownUs / all);
    knownUs -= known[c - steps + 1]!;
    onUs -= anyOn[c - steps + 1]!;
    anyKnownUs -= anyKnown[c - steps + 1]!;
  }
}

/** Rounded. Most counts are small, and a logarithm costs more than all the counting. */
const LOGS = Float64Array.from({ length: 256 }, (_, count) => round7(Math.log1p(count)));

function logOfCount(count: number): number {
  return count < LOGS.length ? LOGS[count]! : round7(Math.log1p(count));
}

export function writeActivityCount({ sums, frame, size }: Ground, { horizonMs, cap }: Of<"activity_count">, column: Column): void {
  const steps = (horizonMs * 1000) / frame.gridUs;
  const all = horizonMs * 1000 * size;
  const [known, counts] = [sums.known.cells, sums.counts];
  let [knownUs, count] = [0, 0];
  for (let c = frame.back - steps + 1; c < frame.cells; c++) {
    knownUs += known[c]!;
    count += counts[c]!;
    if (c < frame.back) continue;
    writeCell(column, c - frame.back, logOfCount(Math.min(cap, count)), knownUs === all ? 1 : knownUs / all);
    knownUs -= known[c - steps + 1]!;
    count -= counts[c - steps + 1]!;
  }
}

export function writeMinutesSince(ground: Ground, { event, capMs }: Of<"minutes_since">, column: Column): void {
  const { sums, frame } = ground;
  const knownSince = createKnownSince(ground);
  const last = event === "on" ? sums.lastOnUs : sums.lastActivityUs;
  for (let w = 0; w < frame.windows; w++) {
    const sinceUs = Math.min(capMs * 1000, endUsOf(frame, w) - last[w]!);
    writeCell(column, w, Math.log1p(sinceUs / MINUTE_US), knownSince(w, sinceUs));
  }
}

export function writeLeftByDoor(ground: Ground, { settleMs, capMs, reachMs }: Of<"left_by_door">, column: Column): void {
  const { sums, frame } = ground;
  const knownSince = createKnownSince(ground);
  for (let w = 0; w < frame.windows; w++) {
    const door = sums.lastDoorUs[w]!;
    const turnedOn = sums.lastTurnOnUs[w]!;
    const sinceUs = Math.min(capMs * 1000, endUsOf(frame, w) - door);
    const isLeft = turnedOn <= door + settleMs * 1000; // so it is when both are -Infinity: nothing has stirred at all
    const spanUs = Math.min(reachMs * 1000, endUsOf(frame, w) - Math.max(door, turnedOn));
    writeCell(column, w, isLeft ? Math.log1p(sinceUs / MINUTE_US) : 0, knownSince(w, spanUs));
  }
}

export function writeSilentHours(ground: Ground, definition: Of<"silent_hours">, zone: Zone, column: Column): void {
  const { sums, frame } = ground;
  const knownSince = createKnownSince(ground);
  const { fromHour, toHour, capHours, reachMs } = definition;
  for (let w = 0; w < frame.windows; w++) {
    const endUs = endUsOf(frame, w);
    const sinceUs = Math.max(endUs - reachMs * 1000, sums.lastActivityUs[w]!);
    const hours = daylightHours(zone, sinceUs / 1000, endUs / 1000, fromHour, toHour);
    writeCell(column, w, Math.min(capHours, hours), knownSince(w, endUs - sinceUs));
  }
}

export function writeStateNow({ sums: { stateNow }, frame }: Ground, { low, high }: Of<"state_now">, column: Column): void {
  for (let w = 0; w < frame.windows; w++) {
    const state = stateNow[w]!;
    writeCell(column, w, Math.min(high, Math.max(low, state)), Number.isNaN(state) ? 0 : 1);
  }
}

export function writeAway({ sums, frame, size }: Ground, { measure }: Of<"away">, column: Column): void {
  for (let w = 0; w < frame.windows; w++) {
    const known = sums.knownNow[w]!;
    const share = sums.offNow[w]! / known;
    writeCell(column, w, measure === "share" || Number.isNaN(share) ? share : Math.floor(share), known / size);
  }
}
