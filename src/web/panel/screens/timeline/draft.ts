import { signal } from "@preact/signals";
import { nowMs } from "../../client/clock.ts";
import {
  acceptSuggestions,
  addLabel,
  correctLabel,
  type Label,
  type LabelKind,
  removeLabel,
  type Suggestion,
} from "../../parts/label-writes.ts";
import { at } from "../../words/times.ts";
import type { Lane, TimelineData } from "./data.ts";

/** The one label that is selected: an existing one, a suggestion, or one that is being drawn. */
export interface Draft {
  readonly fromMs: number;
  readonly toMs: number;
  readonly kind: LabelKind;
  readonly label: Label | null;
  readonly suggestion: Suggestion | null;
}

export const draft = signal<Draft | null>(null);

export const draftOfLabel = (label: Label): Draft => ({
  fromMs: at(label.startUtc),
  toMs: at(label.endUtc),
  kind: label.kind,
  label,
  suggestion: null,
});

export const draftOfSuggestion = (suggestion: Suggestion): Draft => ({
  fromMs: at(suggestion.startUtc),
  toMs: at(suggestion.endUtc),
  kind: "positive",
  label: null,
  suggestion,
});

const HOUR_MS = 3_600_000;

/** A new one about an instant, where the curve was high if it was, else eight hours. It never ends in the future. */
export function draftAt(atMs: number, data: TimelineData | null): Draft {
  const stepMs = data === null ? 0 : data.curve.gridMs * data.curve.everyWindows;
  const high = (data?.curve.columns ?? []).filter(({ mean }) => mean !== null && mean >= 0.5);
  const own = high.findIndex(({ endMs }) => endMs > atMs && endMs - stepMs <= atMs);
  let [fromMs, toMs] = [atMs - 4 * HOUR_MS, atMs + 4 * HOUR_MS];
  if (own >= 0) {
    let [first, last] = [own, own];
    while (first > 0 && high[first]!.endMs - high[first - 1]!.endMs <= stepMs) first -= 1;
    while (last < high.length - 1 && high[last + 1]!.endMs - high[last]!.endMs <= stepMs) last += 1;
    [fromMs, toMs] = [high[first]!.endMs - stepMs, high[last]!.endMs];
  }
  const lateMs = Math.max(0, toMs - Math.floor(nowMs() / 60_000) * 60_000);
  return { fromMs: fromMs - lateMs, toMs: toMs - lateMs, kind: "positive", label: null, suggestion: null };
}

/** Moves an end; the other one stays, and a minute is left between them. */
export function withEnd(of: Draft, end: "start" | "end", atMs: number): Draft {
  const minuteMs = 60_000;
  if (end === "start") return { ...of, fromMs: Math.min(atMs, of.toMs - minuteMs) };
  return { ...of, toMs: Math.max(atMs, of.fromMs + minuteMs) };
}

/** Instants that ends like to be at: where a state changed, the curve crossed the middle, a habit changed. */
export function edgesOf(data: TimelineData, lanes: readonly Lane[]): number[] {
  const edges = lanes.flatMap(({ bands }) => bands.slice(1).flatMap(({ fromMs, state }) => (state === null ? [] : [fromMs])));
  let before: boolean | null = null;
  for (const { endMs, mean } of data.curve.columns) {
    const isHigh = mean === null ? null : mean >= 0.5;
    if (before !== null && isHigh !== null && isHigh !== before) edges.push(endMs);
    before = isHigh;
  }
  edges.push(
    ...data.changes.map(({ changeAtUtc }) => at(changeAtUtc)),
    ...data.suggestions.flatMap(({ startUtc, endUtc }) => [at(startUtc), at(endUtc)]),
  );
  return [...new Set(edges)].sort((a, b) => a - b);
}

/** The edge nearest to an instant; the instant itself where none is within reach. */
export function snapped(atMs: number, edges: readonly number[], reachMs: number): number {
  let best = atMs;
  let distance = reachMs;
  for (const edge of edges) {
    if (Math.abs(edge - atMs) > distance) continue;
    [best, distance] = [edge, Math.abs(edge - atMs)];
  }
  return best;
}

/** Whether it was saved; the reason was said where it was not. */
export async function saveDraft(target: string): Promise<boolean> {
  const of = draft.value;
  if (of === null) return false;
  const { fromMs, toMs, kind, label, suggestion } = of;
  const isAsSuggested = suggestion !== null && kind === "positive" && at(suggestion.startUtc) === fromMs && at(suggestion.endUtc) === toMs;
  const told = isAsSuggested
    ? await acceptSuggestions(target, [suggestion])
    : label === null
      ? await addLabel(target, kind, { fromMs, toMs })
      : await correctLabel(label, kind, { fromMs, toMs });
  if (told !== null && draft.value === of) draft.value = null;
  return told !== null;
}

export async function removeDraft(): Promise<boolean> {
  const of = draft.value;
  if (of?.label == null) return false;
  const told = await removeLabel(of.label);
  if (told !== null) draft.value = null;
  return told !== null;
}
