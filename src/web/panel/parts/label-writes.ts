import { type Answer, get, type Item, post, put, remove } from "../client/client.ts";
import { news } from "../client/live.ts";
import { may } from "../client/session.ts";
import { complain, say } from "../shell/toast.tsx";
import { words } from "../words/words.ts";

/** A label that stands, as the app tells it. */
export type Label = Item<"/labels">;
export type LabelKind = Label["kind"];
export const LABEL_KINDS: readonly LabelKind[] = ["positive", "negative", "excluded"];

export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

/** What became of what was said. */
export type Told = Answer<"POST", "/labels/none">;

const MOST = 1000;
const utc = (atMs: number): string => new Date(atMs).toISOString();

function standing(target: string, { fromMs, toMs }: Span): Promise<Answer<"GET", "/labels">> {
  return get("/labels", { query: { target, status: "active", from: utc(fromMs), to: utc(toMs), limit: MOST } });
}

/**
 * Changes labels in a span and says so with an undo: what the change made is taken away again, what it took comes back from the history. Labels
 * that others say meanwhile stay. What cannot be done is said, and answered by null.
 */
export async function changeLabels(target: string, span: Span, text: string, change: () => Promise<Told>): Promise<Told | null> {
  if (!may("label")) {
    say(words.labelling.mayNot);
    return null;
  }
  try {
    const before = (await standing(target, span)).items;
    const told = await change();
    const after = (await standing(target, span)).items;
    const [fault] = told.rejected;
    if (told.added === 0 && told.replaced === 0 && fault !== undefined) {
      say(fault.reason);
      return null;
    }
    const made = after.filter((label) => !before.some((other) => isSame(other, label)));
    const taken = before.filter((label) => !after.some((other) => isSame(other, label)));
    news.health.value += 1;
    say(text, made.length + taken.length === 0 ? null : () => bringBack(target, span, made, taken));
    return told;
  } catch (error) {
    complain(error);
    return null;
  }
}

/** The number of a label that is gone may be another one's. */
function isSame(a: Label, b: Label): boolean {
  return a.id === b.id && a.startUtc === b.startUtc && a.endUtc === b.endUtc && a.kind === b.kind && a.source === b.source;
}

async function bringBack(target: string, { fromMs, toMs }: Span, made: readonly Label[], taken: readonly Label[]): Promise<void> {
  for (const { id } of made) await remove("/labels/:id", { params: { id } });
  news.health.value += 1;
  if (taken.length === 0) return;
  const past = await get("/labels/history", { query: { target, from: utc(fromMs), to: utc(toMs), limit: MOST } });
  for (const label of taken) {
    const entry = past.items.find(
      ({ labelId, startUtc, endUtc }) => labelId === label.id && startUtc === label.startUtc && endUtc === label.endUtc,
    );
    if (entry !== undefined) await post("/labels/history/:id/restore", { target }, { params: { id: entry.historyId } });
  }
  news.health.value += 1;
}

export function addLabel(target: string, kind: LabelKind, { fromMs, toMs }: Span): Promise<Told | null> {
  const body = { target, kind, start: utc(fromMs), end: utc(toMs) };
  return changeLabels(target, { fromMs, toMs }, words.labelling.added, () => post("/labels", body));
}

/** `of` is what the label was: the span that is looked at for the undo holds both. */
export function correctLabel(of: Label, kind: LabelKind, { fromMs, toMs }: Span): Promise<Told | null> {
  const both = { fromMs: Math.min(fromMs, Date.parse(of.startUtc)), toMs: Math.max(toMs, Date.parse(of.endUtc)) };
  const body = { kind, start: utc(fromMs), end: utc(toMs) };
  return changeLabels(of.target, both, words.labelling.corrected, () => put("/labels/:id", body, { params: { id: of.id } }));
}

export function removeLabel(label: Label): Promise<Told | null> {
  const span = { fromMs: Date.parse(label.startUtc), toMs: Date.parse(label.endUtc) };
  return changeLabels(label.target, span, words.labelling.removed, () => remove("/labels/:id", { params: { id: label.id } }));
}

/** Several nights in which it did not happen, by the dates on which they end. */
export function sayNone(target: string, dates: readonly string[], span: Span): Promise<Told | null> {
  return changeLabels(target, span, words.labelling.saidNone(dates.length), async () => {
    const all = { added: 0, replaced: 0, known: 0, rejected: [] as Told["rejected"][number][] };
    for (const date of dates) {
      const told = await post("/labels/none", { target, date });
      all.added += told.added;
      all.replaced += told.replaced;
      all.known += told.known;
      all.rejected.push(...told.rejected);
    }
    return all;
  });
}

export type Suggestion = Item<"/suggestions">;

export function acceptSuggestions(target: string, wanted: readonly Suggestion[]): Promise<Told | null> {
  const span = {
    fromMs: Math.min(...wanted.map(({ startUtc }) => Date.parse(startUtc))),
    toMs: Math.max(...wanted.map(({ endUtc }) => Date.parse(endUtc))),
  };
  const ids = wanted.map(({ id }) => id);
  return changeLabels(target, span, words.labelling.accepted(ids.length), () => post("/suggestions/accept", { target, ids }));
}
