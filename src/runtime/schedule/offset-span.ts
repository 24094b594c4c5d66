/** A span in which a zone's offset stays the same. Local time = UTC + offset. */
export interface OffsetSpan {
  /** Where the zone's clocks were never changed before or after: infinite. */
  readonly fromMs: number;
  readonly untilMs: number;
  readonly offsetMs: number;
  /** Of the span before. */
  readonly offsetBeforeMs: number;
}

/** Finds the span that holds an instant; neighbouring questions mostly fall into the last one. */
export function spansOf(timeZone: string): (atMs: number) => OffsetSpan {
  let last: OffsetSpan | null = null;
  return (atMs) => {
    if (last === null || atMs < last.fromMs || atMs >= last.untilMs) last = look(timeZone, atMs);
    return last;
  };
}

function look(timeZone: string, atMs: number): OffsetSpan {
  const at = Temporal.Instant.fromEpochMilliseconds(Math.floor(atMs)).toZonedDateTimeISO(timeZone);
  // "previous" means strictly before, so the instant after is asked: a transition at exactly `atMs` begins the span.
  const from = at.add({ milliseconds: 1 }).getTimeZoneTransition("previous");
  const until = at.getTimeZoneTransition("next");
  const offsetMs = at.offsetNanoseconds / 1e6;
  return {
    fromMs: from?.epochMilliseconds ?? Number.NEGATIVE_INFINITY,
    untilMs: until?.epochMilliseconds ?? Number.POSITIVE_INFINITY,
    offsetMs,
    offsetBeforeMs: from === null ? offsetMs : from.subtract({ milliseconds: 1 }).offsetNanoseconds / 1e6,
  };
}
