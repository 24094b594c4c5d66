import type { Label } from "../../core/labels/label.ts";
import type { Zone } from "../../core/time.ts";
import type { RecordedHome, Span } from "./recorded-home.ts";

/**
 * What the people of a recorded home would have said, in the order in which they would have said it (captured at its end): the
 * labels; `excluded` for time in which the labels are not complete, clipped at labels; `negative` for a whole day inside it that no
 * label overlaps.
 */
export function saidLabels(home: RecordedHome, target: string, zone: Zone): Label[] {
  const positives = home.labels.filter((label) => label.target === target).sort((a, b) => a.startMs - b.startMs);
  const fromMs = Math.min((home.events[0]?.updatedUs ?? 0) / 1000, ...positives.map((label) => label.startMs));
  const toMs = Math.max((home.events.at(-1)?.updatedUs ?? 0) / 1000, ...positives.map((label) => label.endMs));
  const say = (span: Span, kind: Label["kind"], source: string): Label => ({
    startMs: span.startMs,
    endMs: span.endMs,
    localDate: zone.dateAt(span.endMs),
    timeZone: home.timeZone,
    kind,
    source,
    capturedAtMs: span.endMs,
    rawStart: null,
    rawEnd: null,
    saidBy: null,
    status: "active",
    reason: null,
  });
  const outside = without([{ startMs: fromMs, endMs: toMs }], home.complete);
  return [
    ...positives.map((label) => say(label, "positive", label.source)),
    ...without(outside, positives).map((span) => say(span, "excluded", "not complete")),
    ...silentDays(home, positives, zone).map((span) => say(span, "negative", "no sleep that day")),
  ].sort((a, b) => a.capturedAtMs - b.capturedAtMs || a.startMs - b.startMs);
}

/** The days that lie fully in a complete span and hold no part of a label. */
function silentDays(home: RecordedHome, positives: readonly Span[], zone: Zone): Span[] {
  return home.complete.flatMap((span) => {
    const days: Span[] = [];
    for (let day = zone.dayAt(span.startMs, home.anchorHour); ; day += 1) {
      const startMs = zone.dayStartMs(day, home.anchorHour);
      const endMs = zone.dayStartMs(day + 1, home.anchorHour);
      if (endMs > span.endMs) return days;
      if (startMs >= span.startMs && !positives.some((label) => label.startMs < endMs && label.endMs > startMs))
        days.push({ startMs, endMs });
    }
  });
}

/** The parts of `spans` that no part of `holes` covers. Both in time order. */
export function without(spans: readonly Span[], holes: readonly Span[]): Span[] {
  return spans.flatMap((span) => {
    const left: Span[] = [];
    let fromMs = span.startMs;
    for (const hole of holes) {
      if (hole.endMs <= fromMs || hole.startMs >= span.endMs) continue;
      if (hole.startMs > fromMs) left.push({ startMs: fromMs, endMs: hole.startMs });
      fromMs = Math.max(fromMs, hole.endMs);
    }
    if (fromMs < span.endMs) left.push({ startMs: fromMs, endMs: span.endMs });
    return left;
  });
}
