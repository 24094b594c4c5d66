import { setTimeout as pause } from "node:timers/promises";
import { createModelHome, type HistoryCommand, pythonIso, pythonUs } from "../helpers/model-home.ts";
import { type Greeting, type ScriptedHome, startScriptedHome } from "../helpers/scripted-ha.ts";

/** A Home Assistant that keeps the list of everything it ever said: what the app must hold, no matter what happened between. */
export interface Source {
  readonly url: string;
  readonly token: string;
  /** Home Assistant's own time, ms. */
  nowMs(): number;
  /** Sets its clock, as seen from the system's. */
  setOffset(offsetMs: number): void;
  /** A change of state now: recorded, and told to whoever is subscribed. */
  say(entityId: string, state: string, attributes?: Readonly<Record<string, unknown>>): void;
  /** Many changes at once, told in frames of `perFrame` events. */
  burst(changes: number, options?: { readonly entities?: number; readonly perFrame?: number }): void;
  /** The same, but of the past: recorded and told to nobody. */
  record(entityId: string, state: string, atMs: number): void;
  /** `entity@µs=state` of every row whose state began with it, in the order of their saying. */
  said(): readonly string[];
  /** Tells these as events in one frame, whatever they are; nothing is recorded. */
  tell(...events: unknown[]): void;
  /** Sends what is made of the subscription's id. */
  sendFrame(frame: (id: number) => string): void;
  /** Bytes that wait to be sent. */
  waitingBytes(): number;
  /** An instant of its own, as Home Assistant writes it. */
  instantText(): string;
  /** Sends this very text to whoever is subscribed. */
  sendText(text: string): void;
  /** The recorder commits nothing from now on, or all of it at last. */
  holdRecorder(isHeld: boolean): void;
  /** Requests for history so far. */
  historyAsked(): number;
  /** How many requests for history were under way at once, at the most. */
  mostHistoryAtOnce(): number;
  /** Whether somebody is subscribed. */
  isHeard(): boolean;
  /** Answers come that much later. */
  delayAnswers(byMs: number): void;
  /** Every command of this type is answered by this from now on; null: as usual again. */
  answerWith(type: string, answer: (() => unknown) | null): void;
  greetWith(greeting: Greeting): void;
  /** Ends every connection with this code. */
  close(code: number): void;
  /** Its port is shut and every connection cut; what happens meanwhile is recorded. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** Home Assistant restarts: down, up, every state comes back as if for the first time. */
  restart(downMs: number): Promise<void>;
  stop(): Promise<void>;
}

export interface SourceOptions {
  readonly timeZone?: string;
  readonly offsetMs?: number;
}

const STEP_SECONDS = 2e-6;
const HISTORY = "history/history_during_period";

export async function startSource({ timeZone = "Europe/Amsterdam", offsetMs = 0 }: SourceOptions = {}): Promise<Source> {
  const home = createModelHome();
  const overridden = new Map<string, () => unknown>();
  let offset = offsetMs;
  let delayMs = 0;
  let lastSeconds = 0;
  let bursts = 0;
  let server: ScriptedHome = await serve(0);
  const { port, url } = server;
  const keys: string[] = [];
  let seen = 0;
  let historyNow = 0;
  let historyMost = 0;
  let historyAsked = 0;
  let heldSeconds: number | null = null;

  const nowSeconds = (): number => (Date.now() + offset) / 1000;
  /** Each change has an instant of its own, with more digits than µs, as the float of Home Assistant's clock has. */
  function instant(): number {
    const now = nowSeconds() + Math.random() * 1e-3;
    lastSeconds = Math.max(lastSeconds + STEP_SECONDS, now);
    return lastSeconds;
  }

  async function serve(onPort: number): Promise<ScriptedHome> {
    const scripted = await startScriptedHome({ port: onPort });
    const config = { version: "2026.11.0", time_zone: timeZone, location_name: "Source", state: "RUNNING", latitude: 52, longitude: 5 };
    const answers: Readonly<Record<string, (command: unknown) => unknown>> = {
      get_config: () => config,
      get_states: () => home.states(),
      [HISTORY]: (command) => home.history(command as HistoryCommand, heldSeconds ?? nowSeconds()),
      "config/entity_registry/list": () => [],
      "config/device_registry/list": () => [],
      "config/area_registry/list": () => [],
      "recorder/info": () => ({ backlog: 0, recording: true, thread_running: true, migration_in_progress: false }),
      "recorder/list_statistic_ids": () => [],
      "recorder/statistics_during_period": () => ({}),
    };
    for (const [type, answer] of Object.entries(answers)) {
      scripted.on(type, async (command) => {
        if (type === HISTORY) historyAsked += 1;
        if (type === HISTORY) historyMost = Math.max(historyMost, ++historyNow);
        if (delayMs > 0) await pause(delayMs);
        if (type === HISTORY) historyNow -= 1;
        return (overridden.get(type) ?? answer)(command);
      });
    }
    return scripted;
  }

  const tell = (events: readonly (object | null)[]): void => {
    const told = events.filter((event) => event !== null);
    if (told.length > 0) server.emitTogether(told);
  };

  async function up(): Promise<void> {
    server = await serve(port);
  }

  return {
    url,
    token: "the token of the source",
    nowMs: () => Math.floor(nowSeconds() * 1000),
    setOffset(ms) {
      offset = ms;
      lastSeconds = 0;
    },
    say: (entityId, state, attributes = {}) => tell([home.set(entityId, { state, attributes }, instant())]),
    tell: (...events) => server.emitTogether(events as object[]),
    sendFrame: (frame) => server.sendFrame(frame),
    waitingBytes: () => server.waitingBytes(),
    instantText: () => pythonIso(instant()),
    burst(changes, { entities = 40, perFrame = 200 } = {}) {
      bursts += 1;
      let frame: (object | null)[] = [];
      for (let n = 0; n < changes; n += 1) {
        frame.push(home.set(`sensor.busy_${n % entities}`, { state: `${bursts}.${n}` }, instant()));
        if (frame.length === perFrame) {
          tell(frame);
          frame = [];
        }
      }
      tell(frame);
    },
    record: (entityId, state, atMs) => void home.set(entityId, { state }, atMs / 1000 + Math.random() * 1e-3),
    said() {
      for (const row of home.rows().slice(seen)) {
        if (row.changed === row.updated) keys.push(`${row.entityId}@${pythonUs(row.updated)}=${row.state}`);
      }
      seen = home.rows().length;
      return keys;
    },
    sendText: (text) => server.sendText(text),
    holdRecorder(isHeld) {
      heldSeconds = isHeld ? nowSeconds() : null;
    },
    historyAsked: () => historyAsked,
    mostHistoryAtOnce: () => historyMost,
    isHeard: () => server.subscriptions() > 0,
    delayAnswers(byMs) {
      delayMs = byMs;
    },
    answerWith: (type, answer) => void (answer === null ? overridden.delete(type) : overridden.set(type, answer)),
    greetWith: (greeting) => server.greetWith(greeting),
    close: (code) => server.closeAll(code),
    down: () => server.stop(),
    up,
    async restart(downMs) {
      await server.stop();
      await pause(downMs);
      home.restart(instant);
      await up();
    },
    stop: () => server.stop(),
  };
}
