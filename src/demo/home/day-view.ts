import type { Calendar } from "./calendar.ts";
import type { Span } from "./household.ts";
import { ROOMS, type Stay } from "./rooms.ts";
import type { Trace } from "./trace.ts";

/** One calendar day, from local midnight to local midnight, with the traces of the two plans that reach into it. */
export interface DayView {
  readonly day: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly minutes: number;
  readonly traces: readonly [Trace, Trace];
  /** Per room and minute: people awake in it. */
  readonly awake: readonly Uint8Array[];
  /** Per room and minute: when the first of them came in, or the start of the minute; Infinity with nobody there. */
  readonly enteredMs: readonly Float64Array[];
  /** Per minute: people asleep in the bedroom; people at home at all. */
  readonly asleep: Uint8Array;
  readonly atHome: Uint8Array;
  /** Per minute: 1 where that goes on. */
  readonly cooking: Uint8Array;
  readonly showering: Uint8Array;
  readonly atDesk: Uint8Array;
  readonly television: Uint8Array;
}

const MINUTE = 60_000;

export function viewDay(day: number, traces: readonly [Trace, Trace], calendar: Calendar): DayView {
  const startMs = calendar.startMs(day);
  const endMs = calendar.startMs(day + 1);
  const minutes = Math.round((endMs - startMs) / MINUTE);
  const counter = (): Uint8Array => new Uint8Array(minutes);
  const view = {
    day,
    startMs,
    endMs,
    minutes,
    traces,
    awake: ROOMS.map(counter),
    enteredMs: ROOMS.map(() => new Float64Array(minutes).fill(Number.POSITIVE_INFINITY)),
    asleep: counter(),
    atHome: counter(),
    cooking: counter(),
    showering: counter(),
    atDesk: counter(),
    television: counter(),
  };
  for (const trace of traces) for (const stays of trace.stays) for (const stay of stays) mark(stay);
  return view;

  function mark(stay: Stay): void {
    if (stay.place === "out" || stay.toMs <= startMs || stay.fromMs >= endMs) return;
    const from = Math.max(0, Math.floor((stay.fromMs - startMs) / MINUTE));
    const to = Math.min(minutes, Math.ceil((stay.toMs - startMs) / MINUTE));
    const add = (row: Uint8Array): void => {
      for (let i = from; i < to; i += 1) row[i] = row[i]! + 1;
    };
    add(view.atHome);
    if (stay.activity === "sleep") {
      if (stay.place === "bedroom") add(view.asleep);
    } else {
      const room = ROOMS.indexOf(stay.place);
      add(view.awake[room]!);
      const entered = view.enteredMs[room]!;
      for (let i = from; i < to; i += 1) entered[i] = Math.min(entered[i]!, Math.max(stay.fromMs, startMs + i * MINUTE));
    }
    if (stay.activity === "cook") add(view.cooking);
    if (stay.activity === "shower") add(view.showering);
    if (stay.activity === "desk") add(view.atDesk);
    if (stay.activity === "television") add(view.television);
  }
}

/** The spans of both traces in order, overlapping or touching ones (closer than `joinMs`) as one. */
export function mergeSpans(spans: readonly Span[], joinMs: number): Span[] {
  const sorted = [...spans].sort((a, b) => a.fromMs - b.fromMs);
  const merged: { fromMs: number; toMs: number }[] = [];
  for (const span of sorted) {
    const last = merged.at(-1);
    if (last && span.fromMs <= last.toMs + joinMs) last.toMs = Math.max(last.toMs, span.toMs);
    else merged.push({ fromMs: span.fromMs, toMs: span.toMs });
  }
  return merged;
}
