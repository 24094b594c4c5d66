import { reasonOf } from "../core/reason.ts";
import { isoMs, MINUTE_MS } from "../core/time.ts";
import type { BackfillProgress } from "../flow/ingest/backfill.ts";
import { createIngest } from "../flow/ingest/ingest.ts";
import type { StorePort } from "../flow/ingest/ports.ts";
import { type SetupReport, setUpHelpers } from "../flow/label-setup.ts";
import type { ConnectionState } from "../hass/connection-state.ts";
import { createHome, type Home } from "../hass/home.ts";
import type { HomeState, StateChange } from "../hass/state-change.ts";
import { progressLine } from "../runtime/progress.ts";
import { createSpill } from "../runtime/spill.ts";
import { targetOptions } from "../runtime/stage-options.ts";
import { helpersOf } from "../store/tables/labels.ts";
import { watchClocks } from "./clock-health.ts";
import { createConnectionHealth } from "./connection-health.ts";
import type { OpenDatabase } from "./database.ts";
import type { ToldPlace } from "./home-place.ts";
import { followZone } from "./home-zone.ts";
import { ingestStore, registryStore } from "./ingest-store.ts";
import { waitForQuiet } from "./label-quiet.ts";
import { reportLoad } from "./load.ts";
import type { Markers } from "./markers.ts";
import type { AppParts } from "./parts.ts";
import { watchQuiet } from "./quiet-watch.ts";
import { retry } from "./retry.ts";

export interface ListeningParts extends AppParts {
  readonly database: OpenDatabase;
  readonly markers: Markers;
}

/** The app's ear: Home Assistant joined to ingest, and what of it the rest of the app waits for. */
export interface Listening {
  start(): void;
  stop(): Promise<void>;
  /** Resolves when everything received so far is stored. */
  flush(): Promise<void>;
  /** Called with the home's time zone once its past is there and live events flow, at every connection. */
  onReady(callback: (timeZone: string) => Promise<void>): void;
  /** Called with the home's time zone when its place is first told, and again when the home has moved. */
  onZone(callback: (timeZone: string) => Promise<void>): void;
  /** Called once the label helpers have been quiet for their minute, and when what was missed is there; answers when to look again, or null. */
  onLabel(callback: () => Promise<number | null>): void;
  /** Fetches a span of the recorder's past again. */
  fetch(range: { readonly fromMs?: number; readonly toMs?: number }): Promise<{ readonly inserted: number }>;
  /** Makes the label helpers that Home Assistant does not have. */
  setUpHelpers(): Promise<SetupReport>;
  /** Every change of every entity, chosen or not, and all states whenever they are read. Neither may throw or wait. */
  onState(change: (change: StateChange) => void, all: (states: readonly HomeState[]) => void): void;
  /** Called when live changes flow, at every connection. */
  onListening(callback: () => void): void;
  readonly home: Pick<
    Home,
    "callService" | "fireEvent" | "setState" | "history" | "states" | "config" | "subscribeEvents" | "administrators"
  >;
}

const RUNNING_POLL_MS = 1000;
const COMPARE_LIMIT_MS = 2_000;
const PROGRESS_EVERY_MS = 1000;
const DAY_MS = 24 * 60 * MINUTE_MS;

export async function createListening(parts: ListeningParts): Promise<Listening> {
  const { clock, log, markers, database, config } = parts;
  const { writer } = database;
  const named = targetOptions(config.options).flatMap(helpersOf);
  /** As the options call them, and as Home Assistant calls those that it renamed. */
  const helpers = new Set([...named, ...(await database.reads.read("currentNames", named))]);
  const home = createHome({ url: parts.url, token: parts.token, clock, onState: (state) => void connectionChanged(state).catch(report) });
  const store = ingestStore(database, clock, homeNowMs);
  const spill = createSpill({
    folder: `${config.dbPath}.spill`,
    onTrouble: (error) => log.warn("the disk queue", { reason: reasonOf(error) }),
  });
  // The log is read by machines, line by line, where nobody looks at a terminal.
  const screen = process.stderr.isTTY ? process.stderr : { write: (text: string) => log.info(text.trim()) };
  const bar = progressLine(clock, "fetching the past", screen);
  const ready: ((timeZone: string) => Promise<void>)[] = [];
  const others: { readonly change: (change: StateChange) => void; readonly all: (states: readonly HomeState[]) => void }[] = [];
  const listeningCallbacks: (() => void)[] = [];
  const stopping = new AbortController();
  let connection = new AbortController();
  const health = createConnectionHealth({ clock, writer, markers, onTrouble: report, signal: stopping.signal });
  const zone = followZone(home, clock, writer, report);
  let toldPlace: ToldPlace | null = null;
  /** Areas and classes of the home's entities are stored: features may be chosen. */
  const known = Promise.withResolvers<void>();
  /** True at first, because the run before this one may have ended in that trouble. */
  let isWaiting = true;
  let progressShownMs = 0;
  let phaseShown: BackfillProgress["phase"] | null = null;

  const ingest = createIngest({
    home: {
      async subscribe(onChange) {
        await home.subscribe((change) => {
          quiet.heard();
          onChange(change);
          if (helpers.has(change.entityId)) labels.touched();
          for (const other of others) other.change(change);
        });
        quiet.listen(connection.signal);
        for (const callback of listeningCallbacks) callback();
      },
      async states() {
        const states = await home.states();
        for (const other of others) other.all(states);
        return states;
      },
      history: (request) => home.history(request),
      statisticIds: () => home.statisticIds(),
      statistics: (request) => home.statistics(request),
    },
    store: { ...store, write: writeEvents },
    clock,
    choice: {
      include: config.options.include,
      exclude: config.options.exclude,
      always: [...helpers],
      attributes: config.options.attributes,
    },
    registry: {
      subscribe: (onUpdate) => home.subscribeRegistries(onUpdate),
      facts: (states) => home.facts(states),
      ...registryStore(database, clock),
      async put(facts, told) {
        const stored = await registryStore(database, clock).put(facts, told);
        for (const { from, to } of stored.renamed) {
          log.info("an entity was renamed and keeps its past", { from, to });
          if (!helpers.has(from)) continue;
          helpers.add(to);
          log.warn("a label helper was renamed; it is still heard. Write its new name into the option targets", { from, to });
        }
        known.resolve();
        return stored;
      },
    },
    onFindings: (findings) => void markers.reportChoice(findings).catch(report),
    onTooLong: (entityId) => void markers.reportTooLong(entityId).catch(report),
    onNewlyChosen: (entityIds) => log.info("chosen from now on; their past is fetched", { entities: entityIds.length }),
    backfillDays: config.options.backfill_days,
    statisticsDays: Math.min(config.options.statistics_days, config.options.retention_days),
    heardUntilMs: database.heardUntilMs,
    onProgress: (progress) => showProgress(progress),
    onBackfilled: (progress) => void pastFetched(progress).catch(report),
    onRepaired: ({ differences, inserted, lost, unrecorded }) => {
      log.info("what was missed is fetched", { differences, inserted, lost, unrecorded });
      void markers.clear("repair_failed").catch(report);
      void refilled().catch(report);
      // What a person told Home Assistant while nobody listened, or just before the app was stopped.
      labels.lookNow();
    },
    onTrouble: (step, error) => void mark(step, error),
    onRefilled() {
      void refilled().catch(report);
      labels.lookNow();
    },
    spill,
    homeNowMs,
  });
  const labels = waitForQuiet(clock, stopping.signal, () => ingest.flush(), report);
  const clocks = watchClocks({
    clock,
    writer,
    markers,
    heardUntilMs: database.heardUntilMs,
    homeTimeMs: () => home.timeMs(),
    onMissed: (fromMs, toMs) => ingest.missed(fromMs, toMs),
    onError: report,
  });
  const quiet = watchQuiet({
    clock,
    markers,
    homeNowMs,
    longestQuiet: (question) => database.reads.read("longestQuiet", question),
    kept: await database.reads.read("metadata", "heard_quiets"),
    keep: (text) => writer.write("setMetadata", { heard_quiets: text }),
    onError: report,
  });
  const load = reportLoad({ clock, writer, markers, live: () => ingest.status().live, spill: () => spill.counts(), onError: report });

  function homeNowMs(): number {
    return clock.nowMs() + clocks.aheadMs();
  }

  /** What had been dropped is fetched, unless more was dropped meanwhile. */
  async function refilled(): Promise<void> {
    if (await load.isSettled()) await markers.clear("events_dropped");
  }

  function report(error: unknown): void {
    if (!stopping.signal.aborted) log.error("ingest", { reason: reasonOf(error) });
  }

  /** A batch that was written ends the trouble of writing. */
  async function writeEvents(...batch: Parameters<StorePort["write"]>): Promise<{ readonly inserted: number }> {
    const written = await store.write(...batch);
    if (isWaiting) {
      isWaiting = false;
      await markers.clear("events_waiting");
    }
    return written;
  }

  /** A marker that cannot be written, as on a full disk, must not end what is tried again. */
  function mark(step: string, error: unknown): Promise<void> {
    return trouble(step, error).catch(report);
  }

  async function trouble(step: string, error: unknown): Promise<void> {
    if (stopping.signal.aborted) return;
    if (step === "write") isWaiting = true;
    await markers.mark({
      code: step === "write" ? "events_waiting" : "repair_failed",
      cause: `${step} failed: ${reasonOf(error)}`,
      effect:
        step === "write" ? "Events wait in memory and on disk." : "What was missed is not there yet; the span is an open row in vw_gaps.",
      remedy: "It is tried again by itself, with growing pauses.",
    });
  }

  async function connectionChanged(state: ConnectionState): Promise<void> {
    if (stopping.signal.aborted || state.kind === "connecting") return;
    if (state.kind !== "connected") {
      connection.abort(new Error("the connection was lost"));
      ingest.disconnected();
      await health.tell(state);
      return;
    }
    connection = new AbortController();
    const signal = AbortSignal.any([connection.signal, stopping.signal]);
    log.info("connected to Home Assistant", { version: state.haVersion });
    // Subscribing must not wait for the disk, so what is written about the connection comes behind it.
    const listening = listen(signal);
    await health.tell(state);
    await listening;
  }

  /** A home that refused one question would else never be listened to. */
  function persist(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
    return retry(clock, signal, work, (error) => void mark("getting to know the home", error));
  }

  async function listen(signal: AbortSignal): Promise<void> {
    await persist(signal, () => untilRunning(signal));
    if (signal.aborted) return;
    // Its time is wanted before the gap is noted, but nothing waits for it for long.
    const compared = clocks
      .compare(signal)
      .catch((error: unknown) => log.debug("the clocks were not compared", { reason: reasonOf(error) }));
    await Promise.race([compared, clock.sleepUntil(clock.nowMs() + COMPARE_LIMIT_MS, signal)]).catch(() => undefined);
    if (signal.aborted) return;
    ingest.connected();
    await persist(signal, async () => zone.told(toldPlace!));
  }

  /** Entities appear one by one while Home Assistant starts: before it runs, its states would look like changes. */
  async function untilRunning(signal: AbortSignal): Promise<void> {
    let answer = await home.config();
    while (!answer.isRunning) {
      await clock.sleepUntil(clock.nowMs() + RUNNING_POLL_MS, signal);
      answer = await home.config();
    }
    toldPlace = answer;
  }

  function showProgress(progress: BackfillProgress): void {
    if (progress.phase !== phaseShown) bar.end();
    phaseShown = progress.phase;
    bar.show({ ...progress, unit: progress.phase === "events" ? "events" : "hourly means" });
    if (clock.nowMs() < progressShownMs + PROGRESS_EVERY_MS) return;
    progressShownMs = clock.nowMs();
    void writer.write("setHealth", { backfill: JSON.stringify(progress) }).catch(report);
  }

  async function pastFetched({ fetchedDays, rows }: BackfillProgress): Promise<void> {
    bar.end();
    if (rows > 0) log.info("the past is fetched", { days: Math.round(fetchedDays * 10) / 10, events: rows });
    const noteDone = async (): Promise<void> => {
      await writer.write("setHealth", { backfill: "" });
      await writer.write("setMetadata", { backfill_done_at: isoMs(clock.nowMs()) });
      await writer.write("endRefetch", null);
    };
    // Schedules begin behind this: what fails once must not keep them waiting for the next connection.
    await retry(clock, stopping.signal, noteDone, report);
    await known.promise;
    for (const callback of ready) await retry(clock, stopping.signal, () => callback(zone.name()), report);
  }

  return {
    start() {
      zone.start();
      ingest.start();
      home.start();
    },
    async stop() {
      zone.stop();
      stopping.abort(new Error("the app is stopping"));
      connection.abort(stopping.signal.reason);
      await home.stop();
      await ingest.stop();
      await load.stop();
      clocks.stop();
      await quiet.stop();
      await labels.settled();
    },
    flush: () => ingest.flush(),
    setUpHelpers: () =>
      setUpHelpers(
        { ...home, entityIds: async () => new Set((await home.states()).map((state) => state.entityId)) },
        targetOptions(config.options),
      ),
    onState: (change, all) => void others.push({ change, all }),
    onListening: (callback) => void listeningCallbacks.push(callback),
    home,
    onReady: (callback) => void ready.push(callback),
    onZone: zone.onChange,
    onLabel: labels.onQuiet,
    async fetch({ fromMs, toMs }) {
      const nowMs = Math.floor(clock.nowMs());
      try {
        const inserted = await ingest.fetch(
          Math.floor(fromMs ?? nowMs - config.options.backfill_days * DAY_MS),
          Math.min(nowMs, Math.floor(toMs ?? nowMs)),
        );
        return { inserted };
      } finally {
        bar.end();
        await writer.write("setHealth", { backfill: "" });
      }
    },
  };
}
