import type { MessageBase } from "home-assistant-js-websocket";
import { ZodError, z } from "zod";
import type { Clock } from "../core/clock.ts";
import type { EntityFacts } from "../core/events/entity.ts";
import type { HelperDomain, WantedHelper } from "../core/labels/wanted-helpers.ts";
import { pauseMs } from "./backoff.ts";
import type { ConnectionState } from "./connection-state.ts";
import { type HomeEvent, parseEvent } from "./event.ts";
import { HomeError, homeError, messageOf } from "./failure.ts";
import { createHelperMessage, parseHelperList, parseMadeHelper } from "./helpers.ts";
import { type HistoryPage, type HistoryRequest, historyMessage, parseHistory } from "./history.ts";
import { entityFacts, type HomeConfig, parseConfig, parseRegistries, type StateFacts } from "./registries.ts";
import { parseRegistryUpdate, REGISTRIES, type RegistryUpdate } from "./registry-update.ts";
import { openSession, type Session } from "./session.ts";
import { putState } from "./set-state.ts";
import { eachSlice } from "./slices.ts";
import { type HomeState, parseStateChange, parseStates, type StateChange } from "./state-change.ts";
import {
  parseStatisticIds,
  parseStatistics,
  STATISTIC_IDS,
  type StatisticId,
  type StatisticsPage,
  type StatisticsRequest,
  statisticsMessage,
} from "./statistics.ts";
import { websocketUrl } from "./url.ts";
import { ADMINISTRATORS_MESSAGE, parseAdministrators } from "./users.ts";

export interface HomeOptions {
  /** What the user typed; `websocketUrl` says how it is read. */
  readonly url: string;
  readonly token: string;
  readonly clock: Clock;
  /** Called at every change; must not throw. */
  readonly onState: (state: ConnectionState) => void;
  readonly random?: () => number;
  readonly openTimeoutMs?: number;
  readonly commandTimeoutMs?: number;
  readonly pingEveryMs?: number;
  readonly pongTimeoutMs?: number;
}

export interface ServiceCall {
  readonly domain: string;
  readonly service: string;
  readonly entityId?: string;
  /** Other targets, in Home Assistant's words (`entity_id`, `area_id`, `device_id`). */
  readonly target?: Readonly<Record<string, readonly string[]>>;
  readonly fields?: Readonly<Record<string, unknown>>;
  /** Ask for what the service answers. */
  readonly withResponse?: boolean;
}

export interface HomeCounts {
  /** Connections that answered a first command. */
  readonly connections: number;
  readonly stateChanges: number;
  /** Messages and rows that were not understood. */
  readonly malformed: number;
}

/** Home Assistant as plain functions. Every one rejects with a HomeError when there is no connection or no answer. */
export interface Home {
  /** @throws HomeError "wrong address" */
  start(): void;
  /** Ends the connection and every timer. */
  stop(): Promise<void>;
  state(): ConnectionState;
  counts(): HomeCounts;
  /** Live changes of this connection only: subscribe again after each `connected`. `onChange` must not throw. */
  subscribe(onChange: (change: StateChange) => void): Promise<void>;
  /** Changes of the registries, of this connection only. `onUpdate` must not throw. */
  subscribeRegistries(onUpdate: (update: RegistryUpdate) => void): Promise<void>;
  /** Events of one type, of this connection only. `onEvent` must not throw. */
  subscribeEvents(type: string, onEvent: (event: HomeEvent) => void): Promise<void>;
  states(): Promise<readonly HomeState[]>;
  /** What Home Assistant's clock says now, ms since the epoch. */
  timeMs(): Promise<number>;
  config(): Promise<HomeConfig>;
  /** @param states those of now, where they are known already */
  facts(states?: readonly StateFacts[]): Promise<readonly EntityFacts[]>;
  history(request: HistoryRequest): Promise<HistoryPage>;
  statisticIds(): Promise<readonly StatisticId[]>;
  statistics(request: StatisticsRequest): Promise<StatisticsPage>;
  callService(call: ServiceCall): Promise<unknown>;
  fireEvent(type: string, data: Readonly<Record<string, unknown>>): Promise<void>;
  /** Makes or changes a state that no integration stands behind; it is gone when Home Assistant restarts. */
  setState(entityId: string, state: string, attributes: Readonly<Record<string, unknown>>): Promise<void>;
  /** Makes a helper and answers its entity id; asks for an administrator's token. */
  createHelper(wanted: WantedHelper): Promise<string>;
  listHelpers(domain: HelperDomain): Promise<ReturnType<typeof parseHelperList>>;
  /** Ids of the users who are administrators; asks for an administrator's token. */
  administrators(): Promise<ReadonlySet<string>>;
}

/** Home Assistant has no command that tells its time; a template does, as an event of its own subscription. */
const TIME_TEMPLATE = { type: "render_template", template: "{{ now().timestamp() }}" } as const;
/** A history chunk of a large recorder on a slow disk. */
const HISTORY_TIMEOUT_MS = 120_000;
/** A connection that lasted this long was a good one: the next failure starts with short pauses again. */
const STEADY_MS = 60_000;

export function createHome(options: HomeOptions): Home {
  const { clock, onState, random = Math.random } = options;
  const address = websocketUrl(options.url);
  const url = address.ok ? address.url : options.url;
  const stopping = new AbortController();
  const counts = { connections: 0, stateChanges: 0, malformed: 0 };
  let state: ConnectionState = { kind: "stopped", sinceMs: clock.nowMs() };
  let session: Session | null = null;
  let running: Promise<void> | null = null;

  function enter(next: ConnectionState): void {
    state = next;
    onState(next);
  }

  async function run(): Promise<void> {
    let attempt = 1;
    let lostAtMs = clock.nowMs();
    while (!stopping.signal.aborted) {
      enter({ kind: "connecting", sinceMs: clock.nowMs(), attempt });
      const { failure, connectedForMs } = await live();
      session = null;
      if (stopping.signal.aborted) break;
      if (connectedForMs !== null) lostAtMs = clock.nowMs();
      if (connectedForMs !== null && connectedForMs >= STEADY_MS) attempt = 1;
      const tokenRejected = failure.reason === "token rejected";
      const nextTryAtMs = clock.nowMs() + pauseMs(attempt, tokenRejected, random());
      const { reason, message: words } = failure;
      enter({ kind: tokenRejected ? "authFailed" : "waiting", sinceMs: lostAtMs, reason, words, attempt, nextTryAtMs });
      attempt += 1;
      await clock.sleepUntil(nextTryAtMs, stopping.signal).catch(() => undefined); // rejects only when we stop
    }
    enter({ kind: "stopped", sinceMs: clock.nowMs() });
  }

  /** One connection from the first try to its end. */
  async function live(): Promise<{ readonly failure: HomeError; readonly connectedForMs: number | null }> {
    try {
      const { openTimeoutMs = 10_000, commandTimeoutMs = 30_000, pingEveryMs = 30_000, pongTimeoutMs = 10_000, token } = options;
      const timeouts = { openTimeoutMs, commandTimeoutMs, pingEveryMs, pongTimeoutMs };
      session = await openSession({ url, token, clock, ...timeouts }, stopping.signal);
    } catch (error) {
      return { failure: error instanceof HomeError ? error : homeError("closed", url, messageOf(error), error), connectedForMs: null };
    }
    counts.connections += 1;
    const connectedAtMs = clock.nowMs();
    enter({ kind: "connected", sinceMs: connectedAtMs, haVersion: session.haVersion });
    const failure = await session.ended;
    return { failure, connectedForMs: clock.nowMs() - connectedAtMs };
  }

  function current(): Session {
    if (session && state.kind === "connected") return session;
    throw homeError(stopping.signal.aborted ? "stopped" : "not connected", url);
  }

  async function ask<T>(message: MessageBase, parse: (answer: unknown) => T, timeoutMs?: number): Promise<T> {
    const answer = await current().command(message, timeoutMs);
    try {
      return parse(answer);
    } catch (error) {
      counts.malformed += 1;
      throw homeError("bad frame", url, `${message.type}: ${error instanceof ZodError ? z.prettifyError(error) : messageOf(error)}`, error);
    }
  }

  async function readStates(): Promise<readonly HomeState[]> {
    const entries = await ask({ type: "get_states" }, listOf);
    const read: HomeState[] = [];
    await eachSlice(entries, (slice) => {
      const { states, malformed } = parseStates(slice);
      counts.malformed += malformed;
      read.push(...states);
    });
    return read;
  }

  return {
    start() {
      if (!address.ok) throw homeError("wrong address", url, address.words);
      running ??= run();
    },
    async stop() {
      stopping.abort();
      await running;
    },
    state: () => state,
    counts: () => ({ ...counts }),
    async subscribe(onChange) {
      await current().subscribe({ type: "subscribe_events", event_type: "state_changed" }, (event) => {
        const change = parseStateChange(event);
        if (!change) {
          counts.malformed += 1;
          return;
        }
        counts.stateChanges += 1;
        onChange(change);
      });
    },
    async subscribeRegistries(onUpdate) {
      for (const kind of REGISTRIES) {
        await current().subscribe({ type: "subscribe_events", event_type: `${kind}_registry_updated` }, (event) => {
          onUpdate(parseRegistryUpdate(kind, event));
        });
      }
    },
    async subscribeEvents(type, onEvent) {
      await current().subscribe({ type: "subscribe_events", event_type: type }, (event) => {
        const heard = parseEvent(event);
        if (heard === null) counts.malformed += 1;
        else onEvent(heard);
      });
    },
    states: readStates,
    async timeMs() {
      const event = await current().first(TIME_TEMPLATE);
      const seconds = typeof event === "object" && event !== null && "result" in event ? Number(event.result) : Number.NaN;
      if (Number.isFinite(seconds)) return seconds * 1000;
      counts.malformed += 1;
      throw homeError("bad frame", url, `${TIME_TEMPLATE.type}: no time in the answer`);
    },
    config: () => ask({ type: "get_config" }, parseConfig),
    async facts(states) {
      const list = (name: string): Promise<readonly unknown[]> => ask({ type: `config/${name}_registry/list` }, listOf);
      const registries = await parseRegistries(await list("entity"), await list("device"), await list("area"));
      counts.malformed += registries.malformed;
      return entityFacts(states ?? (await readStates()), registries);
    },
    async history(request) {
      const page = await ask(historyMessage(request), (answer) => parseHistory(rowsOf(answer), request), HISTORY_TIMEOUT_MS);
      counts.malformed += page.malformed;
      return page;
    },
    async statisticIds() {
      const { ids, malformed } = await ask(STATISTIC_IDS, parseStatisticIds);
      counts.malformed += malformed;
      return ids;
    },
    async statistics(request) {
      const page = await ask(statisticsMessage(request), parseStatistics, HISTORY_TIMEOUT_MS);
      counts.malformed += page.malformed;
      return page;
    },
    createHelper: (wanted) => ask(createHelperMessage(wanted), (answer) => parseMadeHelper(answer, wanted.domain)),
    administrators: () => ask(ADMINISTRATORS_MESSAGE, (answer) => parseAdministrators(listOf(answer))),
    listHelpers: (domain) => ask({ type: `${domain}/list` }, (answer) => parseHelperList(answer, domain)),
    callService({ domain, service, entityId, target = {}, fields, withResponse = false }) {
      const all = { ...target, ...(entityId === undefined ? {} : { entity_id: entityId }) };
      const aim = Object.keys(all).length === 0 ? {} : { target: all };
      const message = { type: "call_service", domain, service, service_data: fields ?? {}, ...aim, return_response: withResponse };
      return ask(message, (answer) => answer);
    },
    async fireEvent(type, data) {
      await ask({ type: "fire_event", event_type: type, event_data: data }, () => null);
    },
    async setState(entityId, state, attributes) {
      current();
      await putState({ url, token: options.token }, entityId, state, attributes);
    },
  };
}

function listOf(answer: unknown): readonly unknown[] {
  if (!Array.isArray(answer)) throw new TypeError("the answer is no list");
  return answer as readonly unknown[];
}

/** An answer of another form is no answer: taken for one, it would say that nothing happened. */
function rowsOf(answer: unknown): object {
  if (typeof answer === "object" && answer !== null && Object.values(answer).every(Array.isArray)) return answer;
  throw new TypeError("the answer is no rows by entity");
}
