import { isoMs, MINUTE_MS } from "../core/time.ts";
import { type BackfillProgress, backfill } from "../flow/ingest/backfill.ts";
import { createChoice } from "../flow/ingest/choice.ts";
import { createFetcher } from "../flow/ingest/fetcher.ts";
import { createLive } from "../flow/ingest/live.ts";
import type { Gap, StateChange } from "../flow/ingest/ports.ts";
import { repair } from "../flow/ingest/repair.ts";
import type { ConnectionState } from "../hass/connection-state.ts";
import { createHome } from "../hass/home.ts";
import { progressLine } from "../runtime/progress.ts";
import { getMetadata } from "../store/tables/metadata.ts";
import type { OpenDatabase } from "./database.ts";
import { ingestStore } from "./ingest-store.ts";
import type { Markers } from "./markers.ts";
import type { AppParts } from "./parts.ts";

export interface ListeningParts extends AppParts {
  readonly database: OpenDatabase;
  readonly markers: Markers;
}

/** The app's ear: live events, what was missed, the recorder's past. */
export interface Listening {
  start(): void;
  stop(): Promise<void>;
  /** Resolves when everything received so far is stored. */
  flush(): Promise<void>;
  /** Called with the home's time zone whenever its past is there and live events flow. */
  onReady(callback: (timeZone: string) => Promise<void>): void;
  /** Called once a label helper has been quiet for its minute. */
  onLabel(callback: () => Promise<void>): void;
  /** Fetches a span of the recorder's past again. */
  fetch(range: { readonly fromMs?: number; readonly toMs?: number }): Promise<{ readonly rows: number }>;
}

const HELPER_QUIET_MS = MINUTE_MS + 1000;
const RETRY_REPAIR_MS = 10 * MINUTE_MS;
const RUNNING_POLL_MS = 1000;

export function createListening(parts: ListeningParts): Listening {
  const { clock, log, markers, database, config } = parts;
  const { writer } = database;
  const helpers = new Set(config.options.targets.flatMap((target) => [target.start, target.end]));
  const isChosen = createChoice({ include: config.options.include, exclude: config.options.exclude, always: [...helpers] });
  const store = ingestStore(database, clock);
  const home = createHome({ url: parts.url, token: parts.token, clock, onState: (state) => void connectionChanged(state).catch(report) });
  const fetcher = createFetcher(home, clock);
  const ready: ((timeZone: string) => Promise<void>)[] = [];
  const labelled: (() => Promise<void>)[] = [];
  const stopping = new AbortController();
  let connection = new AbortController();
  /** Until when everything was heard: the last heartbeat before this start, then the moment a connection was lost. */
  let heardUntilMs = database.heardUntilMs;
  let settling: Promise<void> | null = null;
  let settlesAtMs = 0;
  const working = new Set<Promise<unknown>>();

  const live = createLive({
    clock,
    write: store.write,
    isChosen,
    isHelper: (entityId) => helpers.has(entityId),
    onDropped: ({ fromUs, toUs, count }) => void refetch(fromUs / 1000, toUs / 1000, count).catch(report),
    onWriteFailed: (error) => report(error),
  });

  function report(error: unknown): void {
    if (!stopping.signal.aborted) log.error("ingest", { reason: error instanceof Error ? error.message : String(error) });
  }

  function accept(change: StateChange): void {
    live.accept(change);
    if (!helpers.has(change.entityId)) return;
    settlesAtMs = clock.nowMs() + HELPER_QUIET_MS;
    settling ??= settle().finally(() => {
      settling = null;
    });
  }

  /** Waits until the helpers have been quiet, then has the labels read. */
  async function settle(): Promise<void> {
    try {
      while (clock.nowMs() < settlesAtMs) await clock.sleepUntil(settlesAtMs, stopping.signal);
      await live.flush();
      for (const callback of labelled) await callback();
    } catch (error) {
      report(error);
    }
  }

  async function connectionChanged(state: ConnectionState): Promise<void> {
    if (stopping.signal.aborted) return;
    if (state.kind !== "connecting") await writer.write("setHealth", { connection: state.kind });
    if (state.kind === "waiting" || state.kind === "authFailed") {
      connection.abort(new Error("the connection was lost"));
      heardUntilMs = Math.max(heardUntilMs ?? 0, state.sinceMs);
      await markers.mark({
        code: state.kind === "authFailed" ? "token_rejected" : "home_assistant_unreachable",
        cause: state.words,
        effect: "Nothing new is heard. Features and predictions go on with what is stored.",
        remedy: "What was missed is fetched from Home Assistant's recorder at the next connection.",
      });
    } else if (state.kind === "connected") {
      await writer.write("setHealth", { connected_since: isoMs(state.sinceMs), ha_version: state.haVersion });
      for (const code of ["home_assistant_unreachable", "token_rejected"]) await markers.clear(code);
      log.info("connected to Home Assistant", { version: state.haVersion });
      connection = new AbortController();
      const signal = AbortSignal.any([connection.signal, stopping.signal]);
      const caughtUp = catchUp(signal).catch((error: unknown) => (signal.aborted ? undefined : repairFailed(error, signal)));
      working.add(caughtUp);
      void caughtUp.finally(() => working.delete(caughtUp));
    }
  }

  async function repairFailed(error: unknown, signal: AbortSignal): Promise<void> {
    await markers.mark({
      code: "repair_failed",
      cause: `What was missed could not be fetched: ${error instanceof Error ? error.message : String(error)}`,
      effect: "The span is an open row in vw_gaps; features over it are not covered.",
      remedy: "It is tried again every 10 minutes and at the next connection.",
    });
    await clock.sleepUntil(clock.nowMs() + RETRY_REPAIR_MS, signal).catch(() => undefined);
    if (!signal.aborted) await catchUp(signal).catch((again: unknown) => (signal.aborted ? undefined : repairFailed(again, signal)));
  }

  /** Makes a connection whole: subscribe first, then compare and fetch what lies before. */
  async function catchUp(signal: AbortSignal): Promise<void> {
    let homeConfig = await home.config();
    while (!homeConfig.isRunning) {
      await clock.sleepUntil(clock.nowMs() + RUNNING_POLL_MS, signal);
      homeConfig = await home.config();
    }
    await live.flush();
    const newest = new Map([...(await store.newestStored())].filter(([entityId]) => isChosen(entityId)));
    const openGaps = await store.openGaps();
    const listeningSinceMs = Math.floor(clock.nowMs());
    await home.subscribe(accept);
    const states = (await home.states()).filter((state) => isChosen(state.entityId));
    const facts = (await home.facts()).filter((each) => isChosen(each.entityId));
    await writer.write("putEntityFacts", { facts, nowMs: clock.nowMs() });
    await writer.write("setMetadata", { time_zone: homeConfig.timeZone });

    const gap = newest.size === 0 || heardUntilMs === null ? null : gapSince(heardUntilMs, listeningSinceMs);
    if (gap !== null) await store.noteGap(gap);
    const repairing = repair({ fetcher, clock, store }, { states, newest, listeningSinceMs, gap, openGaps }, signal).then(
      async (result) => {
        await markers.clear("repair_failed");
        log.info("what was missed is fetched", {
          differences: result.differences,
          inserted: result.inserted,
          remaining: result.remaining.length,
        });
      },
    );
    repairing.catch(() => undefined); // awaited below; the back-fill comes first
    if (getMetadata(database.reader, "backfill_done_at") === null) {
      const entityIds = states.map((state) => state.entityId);
      await fillPast(entityIds, listeningSinceMs, signal);
    }
    for (const callback of ready) void callback(homeConfig.timeZone).catch(report);
    await repairing;
  }

  function gapSince(fromMs: number, toMs: number): Gap {
    const isFirst = database.heardUntilMs === fromMs;
    return { entityId: null, fromMs: Math.min(fromMs, toMs), toMs, reason: isFirst ? "not running" : "disconnected", outcome: "open" };
  }

  async function fillPast(entityIds: readonly string[], listeningSinceMs: number, signal: AbortSignal): Promise<void> {
    const bar = progressLine(clock, "fetching the past");
    const onProgress = (progress: BackfillProgress): void => {
      bar.show(progress.fetchedDays / Math.max(progress.totalDays, 1e-9), `${progress.rows} events, ${progress.ratePerSecond} a second`);
      void writer.write("setHealth", { backfill: JSON.stringify(progress) }).catch(report);
    };
    const input = { entityIds, listeningSinceMs, days: config.options.backfill_days };
    const { fetchedDays, rows } = await backfill({ fetcher, clock, store, onProgress }, input, signal);
    bar.end();
    await writer.write("setMetadata", { backfill_done_at: isoMs(clock.nowMs()) });
    log.info("the past is fetched", { days: Math.round(fetchedDays * 10) / 10, events: rows });
  }

  async function refetch(fromMs: number, toMs: number, count: number): Promise<void> {
    const gap: Gap = { entityId: null, fromMs: Math.floor(fromMs), toMs: Math.ceil(toMs) + 1, reason: "writer behind", outcome: "open" };
    await store.noteGap(gap);
    await markers.mark({
      code: "events_dropped",
      cause: `${count} events came faster than they could be stored.`,
      effect: "They are missing until they are fetched again.",
      remedy: "Nothing to do; if it comes again, exclude busy entities or use a faster disk.",
    });
    await fetchSpan(gap.fromMs - 1000, gap.toMs + 1000);
    await store.noteGap({ ...gap, outcome: "filled" });
    await markers.clear("events_dropped");
  }

  async function fetchSpan(fromMs: number, toMs: number): Promise<number> {
    const states = (await home.states()).filter((state) => isChosen(state.entityId));
    let rows = 0;
    const entityIds = states.map((state) => state.entityId);
    await fetcher.fetch(
      { entityIds, fromMs, toMs },
      async (page) => {
        rows += (await store.write(page.events)).inserted;
      },
      stopping.signal,
    );
    return rows;
  }

  return {
    start: () => home.start(),
    async stop() {
      stopping.abort(new Error("the app is stopping"));
      await home.stop();
      await live.stop();
      await Promise.allSettled(working);
      await settling;
    },
    flush: () => live.flush(),
    onReady: (callback) => void ready.push(callback),
    onLabel: (callback) => void labelled.push(callback),
    async fetch({ fromMs, toMs }) {
      const nowMs = Math.floor(clock.nowMs());
      return {
        rows: await fetchSpan(Math.floor(fromMs ?? nowMs - config.options.backfill_days * 24 * 60 * MINUTE_MS), Math.floor(toMs ?? nowMs)),
      };
    },
  };
}
