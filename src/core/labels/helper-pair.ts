import { HOUR_MS, MINUTE_MS, type Zone } from "../time.ts";
import { type HelperMark, type HelperRole, type HelperState, helperMarks } from "./helper-change.ts";
import { type HelperBound, judgePair, type Verdict } from "./helper-verdict.ts";
import type { Label } from "./label.ts";

export interface HelperRules {
  readonly zone: Zone;
  /** Goes into the labels; one name per pair of helpers. */
  readonly source: string;
  readonly quietMs: number;
  readonly longestMs: number;
}

export const HELPER_QUIET_MS = MINUTE_MS;
export const LONGEST_LABEL_MS = 16 * HOUR_MS;

/** Half of an entry. It can be shown; it is never paired. */
export interface OpenLabel {
  readonly startMs: number | null;
  readonly endMs: number | null;
  readonly waitingFor: HelperRole;
  readonly sinceMs: number;
}

/** All that the states of one pair of helpers say. */
export interface HelperStory {
  readonly source: string;
  readonly timeZone: string;
  /** Every label said, in the order it was said; a correction follows what it corrects. */
  readonly labels: readonly Label[];
  readonly rejected: readonly Label[];
  readonly open: OpenLabel | null;
  /** The span of which all is known and settled: a label captured in it that is not in this story was not said. Null while a helper was never seen. */
  readonly heard: { readonly fromMs: number; readonly untilMs: number } | null;
  /** When to look again, because somebody is still setting values; null when all is settled. */
  readonly settlesAtMs: number | null;
}

type Bounds = Record<HelperRole, HelperBound | null>;

/** The labels since `anchor` that may turn out to be halves of an entry, because only `role` was set. */
interface Stretch {
  readonly anchor: Label;
  readonly role: HelperRole;
  readonly firstIndex: number;
}

/**
 * The state machine of a start helper and an end helper: a pure function of all their stored states. `helperMarks` says which states
 * were set by somebody. Settings less than `quietMs` apart are one; a minute after the last of them the pair is judged once:
 *
 * | the pair now                      | start was set            | end was set                       | both were set    |
 * |-----------------------------------|--------------------------|-----------------------------------|------------------|
 * | the other side was never set      | open, waits for the end  | open, waits for the start         | -                |
 * | same instants as before           | nothing                  | nothing                           | nothing          |
 * | end <= start                      | open, waits for the end  | start used: open, waits for start | rejected (1)     |
 * |                                   |                          | start new: rejected (1)           |                  |
 * | longer than `longestMs`           | end used: open, waits    | start used: open, waits           | rejected         |
 * |                                   | end new: rejected (2)    | start new: rejected (2)           | (2)              |
 * | end > 5 min after it was set      | rejected (3)             | rejected (3)                      | rejected (3)     |
 * | start < end                       | LABEL                    | LABEL                             | LABEL            |
 *
 * (1) "end before start", or "equal bounds"; (2) "too long"; (3) "ends in the future". "Used" = already part of a label, or never said:
 * then a change of the other side begins a new entry, which is not yet a mistake. A rejected pair keeps its sides, so setting one right
 * is enough. A label that overlaps an earlier one is its correction (the merge replaces it).
 *
 * Halves: [a, b) a label, then one side set alone, slowly (a label that stretches the first), then the other side set such that the
 * result is disjoint from [a, b): that was one new entry. The stretched label in the middle is taken back and [a, b) stands.
 *
 * `capturedAtMs` = when the helper changed in HA, or the label's end where that lies up to 5 min ahead.
 * @param states sorted by `changedAtMs`; those after `nowMs` are not looked at
 */
export function pairHelpers(states: readonly HelperState[], rules: HelperRules, nowMs: number): HelperStory {
  const known = states.filter((state) => state.changedAtMs <= nowMs);
  const now: Bounds = { start: null, end: null };
  let judged: Bounds = { start: null, end: null };
  const labels: Label[] = [];
  const rejected: Label[] = [];
  let open: OpenLabel | null = null;
  let stretch: Stretch | null = null;
  let last: HelperMark | null = null;

  function settle(): void {
    const said = last;
    last = null;
    const changed = changedSide(judged, now);
    if (said === null || changed === null) return;
    const verdict = judgePair(now.start, now.end, changed, said.changedAtMs, rules.longestMs);
    open = openOf(verdict, now, said.changedAtMs);
    if (verdict.kind === "rejected") rejected.push(labelOf(verdict, now, said, rules));
    if (verdict.kind === "label") {
      const label = labelOf(verdict, now, said, rules);
      if (changed !== "both" && stretch !== null && completes(label, changed, stretch, labels)) {
        labels.splice(stretch.firstIndex);
        stretch = null;
      }
      stretch = stretchOf(label, changed, stretch, labels);
      labels.push(label);
      for (const role of ["start", "end"] as const) now[role] = now[role] && { ...now[role], isUsed: true };
    }
    judged = { ...now };
  }

  for (const mark of helperMarks(known, rules.zone)) {
    if (last !== null && mark.changedAtMs - last.changedAtMs >= rules.quietMs) settle();
    now[mark.role] = { moment: mark.moment, raw: mark.raw, isUsed: !mark.isSaid };
    if (mark.isSaid) last = mark;
    else judged[mark.role] = now[mark.role];
  }
  const settlesAtMs = last === null ? null : last.changedAtMs + rules.quietMs;
  if (settlesAtMs !== null && settlesAtMs <= nowMs) settle();

  const fromMs = heardFrom(known);
  return {
    source: rules.source,
    timeZone: rules.zone.timeZone,
    labels,
    rejected,
    open,
    heard: fromMs === null ? null : { fromMs, untilMs: nowMs - rules.quietMs },
    settlesAtMs: last === null ? null : settlesAtMs,
  };
}

function changedSide(before: Bounds, after: Bounds): HelperRole | "both" | null {
  const differs = (role: HelperRole): boolean => before[role]?.moment.atMs !== after[role]?.moment.atMs;
  if (differs("start")) return differs("end") ? "both" : "start";
  return differs("end") ? "end" : null;
}

function openOf(verdict: Verdict, { start, end }: Bounds, sinceMs: number): OpenLabel | null {
  if (verdict.kind !== "open") return null;
  const { waitingFor } = verdict;
  return {
    startMs: waitingFor === "start" ? null : (start?.moment.atMs ?? null),
    endMs: waitingFor === "end" ? null : (end?.moment.atMs ?? null),
    waitingFor,
    sinceMs,
  };
}

function labelOf(verdict: Exclude<Verdict, { kind: "open" }>, { start, end }: Bounds, said: HelperMark, { source }: HelperRules): Label {
  const { startMs, endMs } = verdict;
  const { zone } = said;
  return {
    startMs,
    endMs,
    localDate: zone.dateAt(endMs),
    timeZone: zone.timeZone,
    kind: "positive",
    source,
    capturedAtMs: Math.max(said.changedAtMs, verdict.kind === "label" ? endMs : said.changedAtMs),
    rawStart: start?.raw ?? null,
    rawEnd: end?.raw ?? null,
    saidBy: said.saidBy,
    status: verdict.kind === "label" ? "active" : "rejected",
    reason: verdict.kind === "label" ? null : verdict.reason,
  };
}

/** Whether the label is the second half of the entry whose first half stretched the anchor. */
function completes(label: Label, changed: HelperRole, { anchor, role }: Stretch, labels: readonly Label[]): boolean {
  const half = labels.at(-1)!;
  const kept = role === "end" ? label.endMs === half.endMs : label.startMs === half.startMs;
  return changed !== role && kept && (label.startMs >= anchor.endMs || label.endMs <= anchor.startMs);
}

function stretchOf(label: Label, changed: HelperRole | "both", stretch: Stretch | null, labels: readonly Label[]): Stretch | null {
  const half = labels.at(-1);
  if (changed === "both" || half === undefined) return null;
  const shares = changed === "end" ? label.startMs === half.startMs : label.endMs === half.endMs;
  if (!shares) return null;
  return stretch?.role === changed ? stretch : { anchor: half, role: changed, firstIndex: labels.length };
}

function heardFrom(known: readonly HelperState[]): number | null {
  const start = known.find((state) => state.role === "start");
  const end = known.find((state) => state.role === "end");
  return start === undefined || end === undefined ? null : Math.max(start.changedAtMs, end.changedAtMs);
}
