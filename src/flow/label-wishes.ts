import { type Label, labelKey } from "../core/labels/label.ts";
import { negativeLabel } from "../core/labels/negative-story.ts";
import { createSpanShelf } from "../core/labels/overlap.ts";
import { faultOfSpan, faultOfStart, labelOfSpan } from "../core/labels/said.ts";
import { createSaidOrder } from "../core/labels/said-order.ts";
import { subtractSpans } from "../core/labels/span.ts";
import { createZone } from "../core/time.ts";
import { readLabelHistory, readLabels } from "../store/tables/labels.ts";
import { longestLabelMs } from "./helper-stories.ts";
import { type CorrectionWish, meetCorrection } from "./label-corrections.ts";
import { removeLabel, type Telling, targetNamed, tellLabels } from "./labels.ts";
import type { StageContext, StageOptions } from "./stage.ts";
import type { LabelAnswer, TellWish, ToldSpan } from "./told-label.ts";

/** What a person wants of the labels. */
export type LabelWish =
  | { readonly kind: "remove"; readonly id: number }
  | CorrectionWish
  /** It did not happen in the night to this local date. */
  | { readonly kind: "none"; readonly date: string; readonly source: string; readonly saidBy?: string | undefined }
  | TellWish;

export interface LabelRequest {
  readonly targetName: string;
  readonly wish: LabelWish;
}

/** A label that somebody says now, of a file perhaps. */
interface SaidNow {
  readonly label: Label;
  /** It names the instant at which it was said. */
  readonly isDated: boolean;
  readonly line?: number | undefined;
}

const SAID_EARLIER =
  "Of its time something else was said, or it was taken away, later than this claims to have been said. Leave captured_at empty to say it now.";

/** @throws RangeError in words when a single label cannot be: nothing is changed then. */
export async function changeLabels(context: StageContext, { targetName, wish }: LabelRequest): Promise<LabelAnswer> {
  const { reader, writer, clock, options } = context;
  const telling = { reader, writer, nowMs: clock.nowMs() };
  if (wish.kind === "remove") {
    const replaced = await removeLabel(telling, targetName, wish.id);
    if (replaced === 0) throw new RangeError(`there is no label ${wish.id} of ${targetName}; list them to see the numbers`);
    return { added: 0, replaced, known: 0, rejected: [] };
  }
  if (wish.kind === "correct" || wish.kind === "restore" || wish.kind === "accept") {
    return meetCorrection(wish, context, targetName, (tellWish) => changeLabels(context, { targetName, wish: tellWish }));
  }
  const said = { source: wish.source, saidBy: wish.saidBy ?? null };
  if (wish.kind === "none")
    return tell(telling, targetName, [{ label: negativeDay(wish.date, said, options, telling.nowMs), isDated: false }], []);
  const { labels, rejected } = sift(wish.labels, said, options, telling.nowMs, targetName);
  return tell(telling, targetName, labels, rejected);
}

function negativeDay(date: string, said: { source: string; saidBy: string | null }, options: StageOptions, nowMs: number): Label {
  const label = negativeLabel(
    date,
    { ...said, capturedAtMs: nowMs, rawStart: null, rawEnd: date },
    options.anchorHour,
    createZone(options.timeZone),
  );
  if (label === null) throw new RangeError(`the day of ${date} has not begun yet, so nobody can know that it did not happen`);
  const fault = faultOfStart(label.startMs, nowMs);
  if (fault !== null) throw new RangeError(fault);
  return label;
}

/** Parts what can be a label from what cannot. Of lines of one file that overlap, the first stands. */
function sift(
  spans: readonly ToldSpan[],
  said: { readonly source: string; readonly saidBy: string | null },
  options: StageOptions,
  nowMs: number,
  targetName: string,
): { labels: SaidNow[]; rejected: { line: number; reason: string }[] } {
  const home = createZone(options.timeZone);
  const zones = new Map([[home.timeZone, home]]);
  const rules = { zone: home, longestMs: longestLabelMs(targetName, options), nowMs };
  const taken = createSpanShelf<number>();
  const labels: SaidNow[] = [];
  const rejected: { line: number; reason: string }[] = [];
  for (const span of spans) {
    const fault = faultOfSpan(span, rules) ?? overlapFault(span, taken);
    if (fault === null) {
      const name = span.timeZone ?? home.timeZone;
      const zone = zones.get(name) ?? createZone(name);
      zones.set(name, zone);
      labels.push({ label: labelOfSpan(span, zone, { ...said, nowMs }), isDated: span.capturedAtMs !== undefined, line: span.line });
    } else if (span.line === undefined) throw new RangeError(fault);
    else rejected.push({ line: span.line, reason: fault });
  }
  return { labels, rejected };
}

function overlapFault(span: ToldSpan, taken: ReturnType<typeof createSpanShelf<number>>): string | null {
  // What is excluded gives way to labels and joins with others of its kind.
  if (span.kind === "excluded") return null;
  const found = taken.take(span, span.line ?? 0);
  if (found === null) return null;
  return found.isSame
    ? `It says the same span as line ${found.overlapped}.`
    : `It overlaps line ${found.overlapped}, which stands. Correct one of both.`;
}

async function tell(
  telling: Telling,
  targetName: string,
  labels: readonly SaidNow[],
  rejected: LabelAnswer["rejected"],
): Promise<LabelAnswer> {
  const { reader, nowMs } = telling;
  const { targetId } = targetNamed(reader, targetName);
  const current = readLabels(reader, targetId);
  const order = createSaidOrder({ current, past: readLabelHistory(reader, targetId) });
  const isKnown = knownAmong(current.filter(({ status }) => status === "active"));
  const fresh: Label[] = [];
  const late: { line: number; reason: string }[] = [];
  let known = 0;
  for (const { label, isDated, line } of labels) {
    const place = isDated && label.kind !== "excluded" ? order.placeOf(label) : "last";
    if (isKnown(label, isDated)) known += 1;
    // A file that was exported, and corrected by hand: it names the instant of what it corrects.
    else if (!isDated || place === "tie") fresh.push({ ...label, capturedAtMs: order.countsFrom(label, nowMs) });
    else if (place === "last") fresh.push(label);
    else if (line === undefined) throw new RangeError(SAID_EARLIER);
    else late.push({ line, reason: SAID_EARLIER });
  }
  return { ...(await tellLabels(telling, targetName, fresh)), known, rejected: [...rejected, ...late].sort((a, b) => a.line - b.line) };
}

/** Whether the same stands: by the same source, or, where the file says when it was said, said at that very instant. */
function knownAmong(active: readonly Label[]): (label: Label, isDated: boolean) => boolean {
  const said = new Set(active.map((label) => `${labelKey(label)} ${label.kind}`));
  const dated = (label: Label): string => `${label.startMs} ${label.endMs} ${label.kind} ${label.capturedAtMs}`;
  const saidThen = new Set(active.map(dated));
  return (label, isDated) => {
    // What is left out was clipped at labels when it came in, so its own bounds need not be there.
    if (label.kind === "excluded") return subtractSpans(label, active).length === 0;
    return said.has(`${labelKey(label)} ${label.kind}`) || (isDated && saidThen.has(dated(label)));
  };
}
