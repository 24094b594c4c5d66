import { attributeOf } from "../../core/events/entity.ts";
import type { StateEvent } from "../../core/events/event.ts";
import { MINUTE_MS } from "../../core/time.ts";
import { compare, type Difference, everyoneOf, OVERLAP_MS, spansOf } from "./differences.ts";
import type { Gap, HistoryPage, SettledGap, StateChange } from "./ports.ts";
import { COMMIT_DELAY_MS, lostPart, NOTHING_SHOWN, type RepairPorts, refill } from "./refill.ts";

export interface RepairInput {
  /** Chosen entities only, asked for after live changes were subscribed to. */
  readonly states: readonly StateChange[];
  /** Chosen entities only, from before live changes were subscribed to. */
  readonly newest: ReadonlyMap<string, number>;
  /** When live changes were subscribed to. */
  readonly listeningSinceMs: number;
  /** The span in which nobody listened, already noted as open; null at the first start. */
  readonly gap: Gap | null;
  /** Earlier spans that were not filled to the end. */
  readonly openGaps: readonly Gap[];
}

export interface RepairReport {
  readonly differences: number;
  readonly rowsFetched: number;
  readonly inserted: number;
  /** Gaps of which the recorder no longer held a part. */
  readonly lost: number;
  /** Entities that changed while nobody listened and that the recorder does not know. */
  readonly unrecorded: number;
}

const TAIL_MS = 3 * MINUTE_MS;
const MAX_TAIL_ROUNDS = 5;

/**
 * Fetches what happened while nobody listened and leaves the stored rows as if somebody had. Can be cut off at any point and run again: rows
 * are inserted or ignored, and gaps stay open until the last step.
 * @throws what `history` or the store rejected with; the signal's reason when aborted
 */
export async function repair(ports: RepairPorts, input: RepairInput, signal: AbortSignal): Promise<RepairReport> {
  const { store, clock, fetcher } = ports;
  const { states, newest, gap, openGaps, listeningSinceMs } = input;
  const { differences, unstored } = compare(states, newest, gap);
  const newestChangeMs = states.reduce((ms, state) => Math.max(ms, state.changedUs / 1000), 0);
  const toMs = Math.max(listeningSinceMs, newestChangeMs) + OVERLAP_MS;
  const counts = { rowsFetched: 0, inserted: 0 };
  const seenUs = new Map<string, number>();
  const valued = new Set<string>();

  async function keep(page: HistoryPage): Promise<void> {
    counts.rowsFetched += page.rows;
    for (const entityId of page.valued ?? []) valued.add(entityId);
    for (const { entityId, updatedUs } of page.events) seenUs.set(entityId, Math.max(updatedUs, seenUs.get(entityId) ?? 0));
    if (page.events.length > 0) counts.inserted += (await store.write(page.events)).inserted;
  }
  async function fetchAll(wanted: readonly Difference[]): Promise<void> {
    for (const span of spansOf(wanted, toMs)) await fetcher.fetch(span, keep, signal);
  }

  // At once: after a cut, live rows would hide them, and the recorder may not have them. What lies before them is behind the open gap.
  if (unstored.length > 0) counts.inserted += (await store.write(unstored.map(rowOf), saidByOf(unstored))).inserted;
  const everyone = everyoneOf(states, newest);
  const tailFromMs = listeningSinceMs - TAIL_MS;
  const fresh = openGaps.filter((open) => open.toMs >= tailFromMs);
  const old = openGaps.filter((open) => open.toMs < tailFromMs);
  const settled = [...(await refill(ports, old, everyone, keep, signal))];
  let settledFresh = await refill(ports, fresh, everyone, keep, signal);
  const found = gap && (await lostPart(ports, everyone, [gap], signal))(gap);
  const lostUntilMs = found === NOTHING_SHOWN ? null : found;
  const fetchable = lostUntilMs === null ? differences : differences.map((difference) => clip(difference, lostUntilMs - MINUTE_MS));
  await fetchAll(fetchable);

  const recent = recentOf(fetchable, unstored, tailFromMs);
  for (let round = 1; recent.length + fresh.length > 0 && round <= MAX_TAIL_ROUNDS; round += 1) {
    // Never longer than that: the clock may have been set back, or Home Assistant's may run ahead.
    await clock.sleepUntil(Math.min(listeningSinceMs + round * COMMIT_DELAY_MS, clock.nowMs() + COMMIT_DELAY_MS), signal);
    const before = counts.inserted;
    await fetchAll(recent);
    settledFresh = await refill(ports, fresh, everyone, keep, signal);
    if (counts.inserted === before) break;
  }
  settled.push(...settledFresh);

  // An attribute may have kept its value through the whole gap; one that the recorder leaves out has none in any row.
  const changed = unstored.filter(({ entityId, state }) => attributeOf(entityId) === null || state !== "");
  const isSeen = ({ entityId, changedUs }: StateChange): boolean => valued.has(entityId) || (seenUs.get(entityId) ?? 0) >= changedUs;
  const unrecorded = changed.filter((state) => !isSeen(state)).map(({ entityId }) => entityId);
  if (gap !== null && found !== NOTHING_SHOWN)
    settled.push({ id: gap.id, lostUntilMs, unrecorded, recorded: changed.filter(isSeen).map(({ entityId }) => entityId) });
  for (const each of joined(settled)) await store.settleGap(each);
  return {
    differences: differences.length,
    ...counts,
    lost: settled.filter((each) => each.lostUntilMs !== null).length,
    unrecorded: gap === null ? 0 : unrecorded.length,
  };
}

/** An outage that follows another which was never filled shares its row. */
function joined(settled: readonly SettledGap[]): SettledGap[] {
  return [...Map.groupBy(settled, ({ id }) => id)].map(([id, alike]) => {
    const unrecorded = new Set(alike.flatMap((each) => each.unrecorded));
    const recorded = new Set(alike.flatMap((each) => each.recorded));
    const lostUntilMs = alike.reduce<number | null>(
      (ms, each) => (each.lostUntilMs === null ? ms : Math.max(ms ?? 0, each.lostUntilMs)),
      null,
    );
    return { id, lostUntilMs, unrecorded: [...unrecorded], recorded: [...recorded].filter((each) => !unrecorded.has(each)) };
  });
}

function clip({ entityId, fromMs }: Difference, oldestMs: number): Difference {
  return { entityId, fromMs: Math.max(fromMs, oldestMs) };
}

/** Entities that may have rows in the minutes before we listened which the recorder had not committed yet. */
function recentOf(differences: readonly Difference[], unstored: readonly StateChange[], tailFromMs: number): Difference[] {
  const changedMs = new Map(unstored.map((state) => [state.entityId, state.changedUs / 1000]));
  const fromMs = new Map(differences.map((difference) => [difference.entityId, difference.fromMs]));
  const ids = new Set([...changedMs.keys(), ...fromMs.keys()]);
  return [...ids]
    .filter((entityId) => (changedMs.get(entityId) ?? Number.POSITIVE_INFINITY) >= tailFromMs)
    .map((entityId) => ({ entityId, fromMs: Math.max(fromMs.get(entityId) ?? 0, tailFromMs) }));
}

/** Who set each, by position, where that was the last that happened to it: neither history nor a live event of the change comes to tell it. */
function saidByOf(states: readonly StateChange[]): Readonly<Record<number, string>> {
  return Object.fromEntries(
    states.flatMap(({ userId, changedUs, updatedUs }, position) =>
      userId !== null && changedUs === updatedUs ? [[position, userId]] : [],
    ),
  );
}

function rowOf({ entityId, state, changedUs }: StateChange): StateEvent {
  const source = attributeOf(entityId) === null ? "history" : "anchor";
  return { entityId, state, updatedUs: changedUs, knownAtMs: null, source };
}
