import { attributeOf, baseOf } from "../../../core/events/entity.ts";
import { isoMs } from "../../../core/time.ts";
import type { HabitChange, Json, Probability } from "../../../kit/contract.ts";
import type { Db } from "../../../store/db.ts";
import { readReportedChanges } from "../../../store/tables/findings.ts";
import { type PastState, readPastPredictions, readPastStates, storedSpan } from "../../../store/tables/past-home.ts";
import type { RecordedHome } from "../../replay/recorded-home.ts";
import { habitChange } from "../home/habit-change.ts";
import type { HeardState } from "../home/states.ts";

/** Something that happened in a home, as an app would have heard it. */
export type Happening = { readonly atMs: number } & (
  | { readonly kind: "state"; readonly state: HeardState }
  | { readonly kind: "prediction"; readonly probability: Probability }
  | { readonly kind: "report"; readonly change: HabitChange }
);

interface WholeSpan {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface PastHome extends WholeSpan {
  /** The states at `fromMs`. */
  readonly states: readonly HeardState[];
  /** In time order. */
  happenings(): Generator<Happening>;
  /** States of one entity in [fromMs, toMs], with the one that stood at the beginning. */
  history(entityId: string, fromMs: number, toMs: number): PastStates;
}

type PastStates = readonly { readonly state: string; readonly atMs: number }[];

const DAY_MS = 86_400_000;
const MOST_REPORTS = 10_000;

export interface Span {
  readonly fromMs?: number | undefined;
  readonly toMs?: number | undefined;
}

/** @throws Error in words where nothing of the past lies in the span: an app that does nothing in it says nothing about the app */
function livable(span: WholeSpan, stored: WholeSpan | null): WholeSpan {
  const [from, to] = [isoMs(span.fromMs), isoMs(span.toMs)];
  if (stored === null) throw new Error("There are no states in this past, so an app has nothing to live through.");
  if (span.fromMs > stored.toMs) throw new Error(`There are no states from ${from} on: the newest is of ${isoMs(stored.toMs)}.`);
  if (span.toMs <= stored.fromMs) throw new Error(`There are no states before ${to}: the oldest is of ${isoMs(stored.fromMs)}.`);
  if (span.fromMs >= span.toMs) throw new Error(`The span from ${from} to ${to} ends before it begins.`);
  return span;
}

/**
 * A recorded home, and, where a database is given that a replay of it made, what was predicted and reported then.
 * @throws Error in words where the span has nothing of it
 */
export function pastOfRecording(home: RecordedHome, db: Db | null, { fromMs, toMs }: Span): PastHome {
  const [first, last] = [home.events[0], home.events.at(-1)];
  const stored = first === undefined || last === undefined ? null : { fromMs: first.updatedUs / 1000, toMs: last.updatedUs / 1000 };
  const span = livable({ fromMs: fromMs ?? stored?.fromMs ?? 0, toMs: toMs ?? (stored?.toMs ?? 0) + 1 }, stored);
  const within = home.events.filter((event) => event.updatedUs / 1000 < span.toMs);
  const reader = stateReader();
  // Each of its entities is there from the first moment on, whatever it has not said yet.
  const unknown = { state: "unknown", attributes: {}, changedUs: 0, updatedUs: 0 };
  const states = new Map<string, HeardState>(home.facts.map(({ entityId }) => [entityId, { entityId, ...unknown }]));
  let begin = 0;
  for (; begin < within.length && within[begin]!.updatedUs / 1000 < span.fromMs; begin += 1) keepNewest(states, reader(within[begin]!));
  return {
    ...span,
    states: [...states.values()],
    happenings: () => merge(within.slice(begin).values(), reader, learnedOf(db, span)),
    history: (entityId, from, to) =>
      between(
        home.events.filter((event) => event.entityId === entityId),
        from,
        to,
      ),
  };
}

/** What the app's own database has of its home. @throws Error in words where the span has nothing of it */
export function pastOfDatabase(db: Db, { fromMs, toMs }: Span, usualDays = 7): PastHome {
  const stored = storedSpan(db);
  const end = toMs ?? (stored?.toMs ?? 0) + 1;
  const span = livable({ fromMs: fromMs ?? end - usualDays * DAY_MS, toMs: end }, stored);
  const reader = stateReader();
  const states = new Map<string, HeardState>();
  // What has not spoken for a day before is not known yet when the time begins.
  for (const row of readPastStates(db, span.fromMs - DAY_MS, span.fromMs)) keepNewest(states, reader(row));
  return {
    ...span,
    states: [...states.values()],
    happenings: () => merge(readPastStates(db, span.fromMs, span.toMs), reader, learnedOf(db, span)),
    history: (entityId, from, to) => between([...readPastStates(db, from - DAY_MS, to + 1, entityId)], from, to),
  };
}

/** As the recorder tells it: what stood at the beginning is told with that instant. */
function between(rows: readonly PastState[], fromMs: number, toMs: number): PastStates {
  const upTo = rows.filter((row) => row.updatedUs / 1000 <= toMs);
  const first = upTo.findLastIndex((row) => row.updatedUs / 1000 <= fromMs);
  return upTo.slice(Math.max(0, first)).map(({ state, updatedUs }) => ({ state, atMs: Math.max(fromMs, updatedUs / 1000) }));
}

function keepNewest(states: Map<string, HeardState>, state: HeardState): void {
  states.set(state.entityId, state);
}

/** Attributes that are stored as entities of their own go back to whose they are. */
function stateReader(): (row: PastState) => HeardState {
  const known = new Map<string, { state: string; changedUs: number; attributes: Record<string, Json> }>();
  return ({ entityId, state, updatedUs }) => {
    const base = baseOf(entityId);
    const attribute = attributeOf(entityId);
    const before = known.get(base) ?? { state: "unknown", changedUs: updatedUs, attributes: {} };
    const now =
      attribute === null
        ? { ...before, state, changedUs: before.state === state ? before.changedUs : updatedUs }
        : { ...before, attributes: { ...before.attributes, [attribute]: numberOrText(state) } };
    known.set(base, now);
    return {
      entityId: base,
      state: now.state,
      attributes: attribute === null && state === "" ? null : now.attributes,
      changedUs: now.changedUs,
      updatedUs,
    };
  };
}

function numberOrText(text: string): Json {
  return text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

function learnedOf(db: Db | null, { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): Happening[] {
  if (db === null) return [];
  const predictions = readPastPredictions(db, fromMs, toMs).map(
    ({ predictedAtMs, targetName, ...rest }): Happening => ({
      atMs: Math.max(predictedAtMs, rest.windowEndMs),
      kind: "prediction",
      probability: { target: targetName, ...rest },
    }),
  );
  const reports = readReportedChanges(db, { stream: null, sinceMs: fromMs, untilMs: toMs, limit: MOST_REPORTS }).map(
    (report): Happening => ({
      atMs: report.detectedAtMs,
      kind: "report",
      change: habitChange(report),
    }),
  );
  return [...predictions, ...reports].filter((each) => each.atMs < toMs).sort((a, b) => a.atMs - b.atMs);
}

function* merge(rows: Iterator<PastState>, reader: (row: PastState) => HeardState, learned: readonly Happening[]): Generator<Happening> {
  let next = 0;
  for (let row = rows.next(); row.done !== true; row = rows.next()) {
    const atMs = row.value.updatedUs / 1000;
    while (next < learned.length && learned[next]!.atMs < atMs) yield learned[next++]!;
    yield { kind: "state", atMs, state: reader(row.value) };
  }
  yield* learned.slice(next);
}
