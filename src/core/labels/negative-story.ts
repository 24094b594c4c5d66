import type { Zone } from "../time.ts";
import type { HelperStory } from "./helper-pair.ts";
import { isPress } from "./helper-value.ts";
import type { Label } from "./label.ts";
import { negativeSpan } from "./span.ts";

/** One stored state of an `input_button`. */
export interface ButtonState {
  readonly state: string;
  /** HA's `last_updated`. */
  readonly changedAtMs: number;
  readonly isAnchor: boolean;
  readonly saidBy: string | null;
  /** Zone of the home at the time; null = that of the rules. */
  readonly zone: Zone | null;
}

export interface NegativeRules {
  readonly zone: Zone;
  readonly anchorHour: number;
  readonly source: string;
  readonly quietMs: number;
}

/** The hour of a date's morning by which a person names the night before it. */
const MORNING = "06:00";

/** Number of the anchor day that holds the early morning of a local date: with the anchor at noon, the night that ends on it. */
export function dayOfMorning(localDate: string, anchorHour: number, zone: Zone): number {
  return zone.dayAt(zone.instantOf(`${localDate} ${MORNING}`), anchorHour);
}

/** "It did not happen that day": the anchor day of a local date, as far as it had come when it was said. Null before it began. */
export function negativeLabel(
  localDate: string,
  said: Pick<Label, "source" | "capturedAtMs" | "rawStart" | "rawEnd" | "saidBy">,
  anchorHour: number,
  zone: Zone,
): Label | null {
  const span = negativeSpan(dayOfMorning(localDate, anchorHour, zone), anchorHour, said.capturedAtMs, zone);
  if (span === null) return null;
  return {
    ...said,
    ...span,
    localDate: zone.dateAt(span.endMs),
    timeZone: zone.timeZone,
    kind: "negative",
    status: "active",
    reason: null,
  };
}

/**
 * The story of a button that says "it did not happen": each press speaks for the day of the morning of its own local date. A state that is
 * no fresh press (HA restarted, the first look) says nothing.
 * @param states sorted by `changedAtMs`; those after `nowMs` are not looked at
 */
export function negativeStory(states: readonly ButtonState[], rules: NegativeRules, nowMs: number): HelperStory {
  const known = states.filter((state) => state.changedAtMs <= nowMs);
  const labels = new Map<string, Label>();
  let before: string | null = null;
  for (const { state, changedAtMs, isAnchor, saidBy, zone: then } of known) {
    const zone = then ?? rules.zone;
    const isSaid = !isAnchor && state !== before && isPress(state, changedAtMs);
    before = state;
    if (!isSaid) continue;
    const said = { source: rules.source, capturedAtMs: changedAtMs, rawStart: null, rawEnd: state, saidBy };
    const label = negativeLabel(zone.dateAt(changedAtMs), said, rules.anchorHour, zone);
    if (label !== null) labels.set(`${label.startMs}`, label);
  }
  const first = known[0];
  return {
    source: rules.source,
    timeZone: rules.zone.timeZone,
    labels: [...labels.values()],
    rejected: [],
    open: null,
    heard: first === undefined ? null : { fromMs: first.changedAtMs, untilMs: nowMs - rules.quietMs },
    settlesAtMs: null,
  };
}
