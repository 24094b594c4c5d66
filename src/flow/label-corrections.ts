import type { LabelKind } from "../core/labels/label.ts";
import { faultOfSpan, labelOfSpan } from "../core/labels/said.ts";
import { createZone } from "../core/time.ts";
import { readPastLabel } from "../store/tables/labels.ts";
import { readOpenSuggestions } from "../store/tables/suggestions.ts";
import { longestLabelMs } from "./helper-stories.ts";
import { correctLabel, targetNamed } from "./labels.ts";
import type { StageContext } from "./stage.ts";
import type { LabelAnswer, TellWish } from "./told-label.ts";

interface Said {
  readonly source: string;
  readonly saidBy?: string | undefined;
}

/** What a person wants of a label, or of a guess, that is there already. */
export type CorrectionWish =
  | (Said & {
      readonly kind: "correct";
      readonly id: number;
      readonly startMs: number;
      readonly endMs: number;
      readonly labelKind: LabelKind;
    })
  /** Says a label of the history again: undoes what took its place, and taking it away. */
  | (Said & { readonly kind: "restore"; readonly historyId: number })
  /** These suggestions are right. */
  | (Said & { readonly kind: "accept"; readonly suggestionIds: readonly number[] });

/** @throws RangeError in words when it cannot be; nothing is changed then. */
export async function meetCorrection(
  wish: CorrectionWish,
  context: StageContext,
  targetName: string,
  tell: (wish: TellWish) => Promise<LabelAnswer>,
): Promise<LabelAnswer> {
  const { source, saidBy } = wish;
  if (wish.kind === "correct") return correct(context, targetName, wish);
  const { targetId } = targetNamed(context.reader, targetName);
  if (wish.kind === "restore") {
    const past = readPastLabel(context.reader, targetId, wish.historyId);
    if (past === null) throw new RangeError(`the history of ${targetName} has no entry ${wish.historyId}; list it to see the numbers`);
    const { startMs, endMs, kind, timeZone } = past;
    return tell({ kind: "tell", source, saidBy, labels: [{ startMs, endMs, kind, timeZone }] });
  }
  const open = new Map(readOpenSuggestions(context.reader, targetId).map((suggestion) => [suggestion.id, suggestion]));
  const labels = wish.suggestionIds.map((id) => {
    const suggestion = open.get(id);
    if (suggestion === undefined) throw new RangeError(`there is no open suggestion ${id} of ${targetName}; list them to see the numbers`);
    return { startMs: suggestion.startMs, endMs: suggestion.endMs, kind: "positive" as const };
  });
  return tell({ kind: "tell", source, saidBy, labels });
}

async function correct(
  { reader, writer, clock, options }: StageContext,
  targetName: string,
  { id, startMs, endMs, labelKind, source, saidBy }: Extract<CorrectionWish, { kind: "correct" }>,
): Promise<LabelAnswer> {
  const nowMs = clock.nowMs();
  const zone = createZone(options.timeZone);
  const span = { startMs, endMs, kind: labelKind };
  const fault = faultOfSpan(span, { zone, longestMs: longestLabelMs(targetName, options), nowMs });
  if (fault !== null) throw new RangeError(fault);
  const label = labelOfSpan(span, zone, { source, saidBy: saidBy ?? null, nowMs });
  return { ...(await correctLabel({ reader, writer, nowMs }, targetName, id, label)), known: 0, rejected: [] };
}
