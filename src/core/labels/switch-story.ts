import type { Zone } from "../time.ts";
import type { HelperStory, OpenLabel } from "./helper-pair.ts";
import type { Label, LabelKind } from "./label.ts";

/** One stored state of an `input_boolean`. */
export interface SwitchState {
  readonly state: string;
  /** HA's `last_updated`. */
  readonly changedAtMs: number;
  readonly isAnchor: boolean;
  /** Other entities repeated their states at that moment: HA started. */
  readonly cameWithStart: boolean;
  readonly saidBy: string | null;
  /** Zone of the home at the time; null = that of the rules. */
  readonly zone: Zone | null;
}

export interface SwitchRules {
  readonly zone: Zone;
  readonly source: string;
  readonly kind: LabelKind;
  readonly quietMs: number;
  readonly longestMs: number;
}

/** Turned by somebody, while we looked. */
interface Flip {
  readonly isOn: boolean;
  readonly by: SwitchState;
}

/**
 * The story of an `input_boolean` that is on while it happens: `on` = start, `off` = end, at the instant it was turned.
 *
 * | the row                                             | what it is                                                            |
 * |-----------------------------------------------------|-----------------------------------------------------------------------|
 * | no value (`unknown`, `unavailable`)                 | nothing yet                                                           |
 * | same value as before, also after `unavailable`      | HA restarted and restored it: nothing                                 |
 * | the first one, an anchor                            | known, not turned: nobody knows since when                            |
 * | another value after `unavailable`, or as HA started | turned unseen, or `initial`: what was open can have no end any more   |
 * | another value that HA knows a person to have set    | TURNED, also as HA started                                            |
 * | any other value                                     | TURNED                                                                |
 *
 * Turns less than `quietMs` apart are one; a minute after the last of them the switch is judged once:
 *
 * | before | after | what follows                                                                        |
 * |--------|-------|-------------------------------------------------------------------------------------|
 * | off    | on    | open since the last turn, waits for the end                                         |
 * | on     | off   | LABEL up to the last turn; rejected when too long; nothing where no start was seen   |
 * | same   | same  | a slip: nothing                                                                     |
 *
 * An end belongs to its own start alone, so no label is ever stretched by a switch.
 * @param states sorted by `changedAtMs`; those after `nowMs` are not looked at
 */
export function switchStory(states: readonly SwitchState[], rules: SwitchRules, nowMs: number): HelperStory {
  const known = states.filter((state) => state.changedAtMs <= nowMs);
  const labels: Label[] = [];
  const rejected: Label[] = [];
  let open: OpenLabel | null = null;
  let startedBy: SwitchState | null = null;
  let isOn: boolean | null = null;
  let wasReal = false;
  let run: Flip[] = [];

  function settle(): void {
    const first = run[0];
    const last = run.at(-1);
    run = [];
    if (first === undefined || last === undefined || first.isOn !== last.isOn) return;
    if (last.isOn) {
      startedBy = last.by;
      open = { startMs: last.by.changedAtMs, endMs: null, waitingFor: "end", sinceMs: last.by.changedAtMs };
      return;
    }
    if (startedBy !== null) {
      const label = labelOf(startedBy, last.by, rules);
      (label.status === "active" ? labels : rejected).push(label);
    }
    startedBy = null;
    open = null;
  }

  for (const state of known) {
    const value = state.state === "on" ? true : state.state === "off" ? false : null;
    if (value === null) {
      wasReal = false;
      continue;
    }
    const isTurned = isOn !== null && isOn !== value;
    if (isTurned) {
      const last = run.at(-1);
      if (last !== undefined && state.changedAtMs - last.by.changedAtMs >= rules.quietMs) settle();
      if (wasReal && !state.isAnchor && (!state.cameWithStart || state.saidBy !== null)) run.push({ isOn: value, by: state });
      else {
        settle();
        startedBy = null;
        open = null;
      }
    }
    isOn = value;
    wasReal = true;
  }
  const last = run.at(-1);
  const settlesAtMs = last === undefined ? null : last.by.changedAtMs + rules.quietMs;
  const isSettled = settlesAtMs === null || settlesAtMs <= nowMs;
  if (isSettled) settle();
  const first = known[0];
  return {
    source: rules.source,
    timeZone: rules.zone.timeZone,
    labels,
    rejected,
    open,
    heard: first === undefined ? null : { fromMs: first.changedAtMs, untilMs: nowMs - rules.quietMs },
    settlesAtMs: isSettled ? null : settlesAtMs,
  };
}

function labelOf(start: SwitchState, end: SwitchState, rules: SwitchRules): Label {
  const zone = end.zone ?? rules.zone;
  const isTooLong = end.changedAtMs - start.changedAtMs > rules.longestMs;
  return {
    startMs: start.changedAtMs,
    endMs: end.changedAtMs,
    localDate: zone.dateAt(end.changedAtMs),
    timeZone: zone.timeZone,
    kind: rules.kind,
    source: rules.source,
    capturedAtMs: end.changedAtMs,
    rawStart: start.state,
    rawEnd: end.state,
    saidBy: end.saidBy,
    status: isTooLong ? "rejected" : "active",
    reason: isTooLong ? "too long" : null,
  };
}
