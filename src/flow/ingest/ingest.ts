import type { Clock } from "../../core/clock.ts";
import { baseOf } from "../../core/events/entity.ts";
import { CLOCK_TOLERANCE_MS } from "../../core/events/event.ts";
import { MINUTE_MS } from "../../core/time.ts";
import { fetchAgain } from "./again.ts";
import { withAttributes } from "./attributes.ts";
import type { BackfillProgress } from "./backfill.ts";
import { createChoice } from "./choice.ts";
import { createDropped } from "./dropped.ts";
import { createFetcher } from "./fetcher.ts";
import { createGate } from "./gate.ts";
import type { Ingest, IngestOptions, IngestStatus } from "./ingest-options.ts";
import { createLive } from "./live.ts";
import { createPast } from "./past.ts";
import type { HomeState, Renamed } from "./ports.ts";
import { createRegistryWatch } from "./registry-watch.ts";
import { type RepairReport, repair } from "./repair.ts";
import { createSilence } from "./silence.ts";
import { eachSlice } from "./slices.ts";

const LONGEST_PAUSE_MS = 5 * MINUTE_MS;

/** Events of the home into the store, none lost: what is missed by the live subscription is fetched from the recorder, now or later. */
export function createIngest(options: IngestOptions): Ingest {
  const { store, clock, choice, registry, homeNowMs = clock.nowMs } = options;
  const chooser = createChoice(choice);
  const { isChosen } = chooser;
  const home = withAttributes(options.home, chooser.attributesOf, (entityId) => options.onTooLong?.(entityId));
  const fetcher = createFetcher(home, clock);
  const status = { isListening: false, isRepairing: false };
  let progress: IngestStatus["backfill"] = null;
  let lastRepair: RepairReport | null = null;
  let hasListened = false;
  /** The newest instant, in Home Assistant's own time, up to which everything is stored or was heard. */
  let knownToUs = 0;
  let hasNewlyChosen = false;
  let connection = new AbortController();
  let running: Promise<void> = Promise.resolve();
  let begun: Promise<void> | null = null;
  const stopping = new AbortController();

  const trouble = (step: string, error: unknown): void => options.onTrouble?.(step, error);
  const live = createLive({
    ...options,
    write: store.write,
    isChosen,
    isHelper: chooser.isHelper,
    onWriteFailed: (error) => trouble("write", error),
    onDropped: ({ fromUs, toUs }) => dropped.note("writer behind", Math.floor(fromUs / 1000), Math.ceil(toUs / 1000)),
  });

  /** Events, history and gaps are in Home Assistant's time. */
  const homeClock: Clock = {
    ...clock,
    nowMs: homeNowMs,
    sleepUntil: (atMs, signal) => clock.sleepUntil(clock.nowMs() + atMs - homeNowMs(), signal),
  };
  const dropped = createDropped({
    fetcher,
    home,
    store,
    clock: homeClock,
    isChosen,
    onTrouble: trouble,
    onRefilled: () => options.onRefilled?.(),
  });
  const silence = createSilence(store, homeClock, (error) => trouble("note a gap", error));
  const past = createPast({
    fetcher,
    home,
    store,
    clock: homeClock,
    isChosen,
    days: options.backfillDays,
    statisticsDays: options.statisticsDays ?? 0,
    onProgress(now) {
      progress = { ...now, isComplete: false };
      options.onProgress?.(now);
    },
    onTrouble: trouble,
  });

  const gate = createGate({
    pass: (change) => home.spread(change, live.accept),
    isUndecided: registry === undefined ? () => false : chooser.isUndecided,
    onUndecided: () => watch?.lookSoon(),
  });
  const watch =
    registry &&
    createRegistryWatch({
      registry,
      states: () => options.home.states(),
      chooser,
      gate,
      clock,
      flush: () => live.flush(),
      onNewlyChosen(entityIds) {
        hasNewlyChosen = true;
        options.onNewlyChosen?.(entityIds);
      },
      onLeft: (left) => {
        store.noteChosen({ left, returned: [] }).catch((error: unknown) => trouble("note the choice", error));
      },
      onFindings: (findings) => options.onFindings?.(findings),
      onTrouble: (error) => trouble("read the registries", error),
    });

  /** Tries until it works, with growing pauses; ends only with the connection. */
  async function persist<T>(step: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    for (let tries = 0; ; tries += 1) {
      signal.throwIfAborted();
      try {
        return await work();
      } catch (error) {
        signal.throwIfAborted();
        trouble(step, error);
        await clock.sleepUntil(clock.nowMs() + Math.min(1_000 * 2 ** tries, LONGEST_PAUSE_MS), signal);
      }
    }
  }

  async function listen(signal: AbortSignal): Promise<void> {
    // What the run before left on the disk is newer than all that is stored, and what is missing is looked for behind it.
    if (!hasListened) await persist("store what waited on the disk", signal, () => unlessAborted(live.drained(), signal));
    // In this order: rows of the new subscription would hide in `newest` what was missed before them.
    if (!hasListened && registry !== undefined) {
      const known = await persist("read what was known", signal, async () => registry.storedFacts());
      await eachSlice(known, (facts) => void chooser.learn(facts));
    }
    const stored = await persist("read the newest rows", signal, store.newestStored);
    const newest = new Map(stored);
    if (watch !== undefined) gate.close();
    await persist("subscribe", signal, () => home.subscribe(gate.accept));
    const listeningSinceMs = homeNowMs();
    status.isListening = true;
    hasListened = true;
    const silent = await persist("note a gap", signal, silence.end);
    const openGaps = await persist("read open gaps", signal, store.openGaps);
    const { states, renamed } = await getToKnow(signal);
    for (const { from, to } of renamed) rename(newest, from, to);
    watch?.admit();

    const known = new Map([...newest].filter(([entityId]) => isChosen(entityId)));
    // What was never filled before it is fetched anew for everybody; of the silence itself, what differs.
    const gap = silent && { ...silent.row, fromMs: silent.fromMs };
    const earlier = openGaps.filter((open) => open.id !== gap?.id || open.fromMs < gap.fromMs);
    const input = { states, newest: known, listeningSinceMs, gap, openGaps: earlier };
    // Settled, not all: after a stop nothing of either may still be writing.
    await Promise.allSettled([
      persist("repair", signal, () => runRepair(input, signal)),
      persist("back-fill", signal, () => fetchPast(states, signal)),
    ]);
    for (;;) {
      await clock.sleepUntil(clock.nowMs() + MINUTE_MS, signal);
      dropped.minuteSlept();
      if (hasNewlyChosen) await persist("back-fill of newly chosen entities", signal, () => fetchNewlyChosen(signal));
      if (dropped.hasWaiting()) await persist("fetch what was dropped", signal, () => dropped.fetch(signal));
    }
  }

  /** What the home's entities are, and the states of the chosen ones; their attributes, which may be megabytes, are not kept. */
  async function getToKnow(signal: AbortSignal): Promise<{ readonly states: HomeState[]; readonly renamed: readonly Renamed[] }> {
    const all = await persist("read states", signal, options.home.states);
    // A state from the future says nothing about how long we listened.
    const latestUs = (homeNowMs() + CLOCK_TOLERANCE_MS) * 1000;
    knownToUs = all.reduce((us, state) => Math.max(us, Math.min(state.updatedUs, latestUs)), knownToUs);
    const renamed = (await watch?.begin(all, signal)) ?? [];
    const states: HomeState[] = [];
    await eachSlice(all, (slice) => {
      for (const { attributes: _, ...state } of home.spreadStates(slice)) if (isChosen(state.entityId)) states.push(state);
    });
    return { states, renamed };
  }

  /**
   * At the first connection the run before counts: it listened until its last sign of life, less what it may not have committed. Noted before
   * there is a connection, which may take hours.
   */
  async function beginSilence(): Promise<void> {
    knownToUs = [...(await store.newestStored()).values()].reduce((a, b) => Math.max(a, b), 0);
    const nowMs = clock.nowMs();
    const heardMs = options.heardUntilMs ?? 0;
    // Then one of both clocks was wrong: what is stored decides, unless that, too, lies ahead of the present one.
    const isBehind = heardMs > nowMs;
    if (knownToUs === 0 && !isBehind) return;
    const knownMs = isBehind && knownToUs > 0 ? knownToUs / 1000 : Math.max(knownToUs / 1000, heardMs - MINUTE_MS);
    silence.begin("not running", isBehind && knownToUs === 0 ? knownMs : Math.min(knownMs, nowMs));
  }

  async function runRepair(input: Parameters<typeof repair>[1], signal: AbortSignal): Promise<void> {
    status.isRepairing = true;
    try {
      lastRepair = await repair({ fetcher, clock: homeClock, store }, input, signal);
      options.onRepaired?.(lastRepair);
    } finally {
      status.isRepairing = false;
    }
  }

  async function fetchPast(states: readonly HomeState[], signal: AbortSignal): Promise<void> {
    const done = await past.fetch(states, signal);
    progress = { ...done, isComplete: true };
    options.onBackfilled?.(done);
  }

  async function fetchNewlyChosen(signal: AbortSignal): Promise<void> {
    hasNewlyChosen = false;
    try {
      await past.fetchNew(
        (await home.states()).filter((state) => isChosen(state.entityId)),
        signal,
      );
    } catch (error) {
      hasNewlyChosen = true;
      throw error;
    }
  }

  function start(): Promise<void> {
    begun ??= persist("read the newest rows", stopping.signal, beginSilence);
    return begun;
  }

  return {
    start: () => void start().catch(() => undefined),
    connected() {
      connection.abort();
      connection = new AbortController();
      const { signal } = connection;
      running = running
        .then(start)
        .then(() => listen(signal))
        .catch((error: unknown) => {
          if (!signal.aborted) trouble("ingest", error);
        });
    },
    disconnected() {
      // Frames that waited when Home Assistant ended the connection are older than now, so the silence begins with the last event that came.
      knownToUs = Math.max(knownToUs, live.newestUs() ?? 0);
      if (status.isListening && knownToUs > 0) silence.begin("disconnected", Math.min(knownToUs / 1000, clock.nowMs()));
      status.isListening = false;
      connection.abort();
      // What waits was heard: what is known decides.
      gate.open();
    },
    flush: () => live.flush(),
    missed: (fromMs, toMs) => dropped.note("clock jumped", fromMs, toMs),
    async fetch(fromMs, toMs) {
      const entityIds = (await home.states()).map((state) => state.entityId).filter(isChosen);
      const onProgress = (now: BackfillProgress): void => options.onProgress?.(now);
      return fetchAgain({ fetcher, clock: homeClock, store, onProgress }, { entityIds, fromMs, toMs }, connection.signal);
    },
    status: () => ({ ...status, backfill: progress, lastRepair, live: live.counts(), attributesTooLong: home.tooLong() }),
    async stop() {
      status.isListening = false;
      stopping.abort(new Error("ingest is stopping"));
      connection.abort();
      silence.stop();
      await running;
      await live.stop();
    },
  };
}

/** What was stored under a former name, with the attributes of it, is known under the new one. */
function rename(newest: Map<string, number>, from: string, to: string): void {
  for (const [entityId, updatedUs] of [...newest]) {
    if (baseOf(entityId) !== from) continue;
    newest.delete(entityId);
    newest.set(`${to}${entityId.slice(from.length)}`, updatedUs);
  }
}

/** Rejects with the signal's reason as soon as it is aborted; the work itself goes on. */
function unlessAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener("abort", abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}
