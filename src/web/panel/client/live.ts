import { type Signal, signal } from "@preact/signals";
import type { Pulse } from "../../../store/pages/pulse.ts";
import type { LiveMessage } from "../../live.ts";
import { get } from "./client.ts";
import { nowMs } from "./clock.ts";

export type Topic = keyof Pulse;
/** What is heard by websocket and by asking alike. */
type Told = Omit<Pulse, "health"> & { readonly health: Omit<Pulse["health"], "changesSaid"> };
type Heard = { readonly [T in Topic]: Signal<Told[T] | null> };

/** The newest that was heard of each topic. */
export const heard: Heard = { ingest: signal(null), predictions: signal(null), health: signal(null) };
/** How often something was heard of each topic: what watches it asks again. */
export const news: { readonly [T in Topic]: Signal<number> } = { ingest: signal(0), predictions: signal(0), health: signal(0) };
/** `asking` = no websocket can be had, so the page asks now and then; `away` = nobody answers. */
export const link = signal<"connecting" | "live" | "asking" | "away">("connecting");
/** When anything was last heard, in the app's time. */
export const lastHeardMs = signal<number | null>(null);

const TOPICS: readonly Topic[] = ["ingest", "predictions", "health"];
const LOOK_EVERY_MS = 5000;
/** The app says something at least every 20 s. */
const DEAD_AFTER_MS = 45_000;
const ASK_EVERY_MS = 10_000;
const FAILURES_BEFORE_ASKING = 3;
const LONGEST_PAUSE_MS = 30_000;

let socket: WebSocket | null = null;
let failures = 0;
let lastMs = 0;
let nextTryMs = 0;
let nextAskMs = 0;

/** Follows the app for as long as the page lives: by websocket, else by asking. */
export function startLive(): void {
  connect();
  setInterval(look, LOOK_EVERY_MS);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    // A phone may have put the socket to sleep without a word.
    if (isSilent() || socket?.readyState !== WebSocket.OPEN) reconnect();
    for (const topic of TOPICS) news[topic].value += 1;
  });
}

const isSilent = (): boolean => performance.now() - lastMs > DEAD_AFTER_MS;

function look(): void {
  if (document.hidden) return;
  if (socket?.readyState === WebSocket.OPEN && isSilent()) socket.close();
  if (socket === null && performance.now() >= nextTryMs) connect();
  if (failures >= FAILURES_BEFORE_ASKING && performance.now() >= nextAskMs) void ask();
}

function reconnect(): void {
  const old = socket;
  socket = null;
  old?.close();
  connect();
}

function connect(): void {
  if (socket !== null) return;
  const address = new URL("api/v1/live", document.baseURI);
  address.protocol = address.protocol.replace("http", "ws");
  const own = new WebSocket(address);
  socket = own;
  lastMs = performance.now();
  own.addEventListener("message", ({ data }) => {
    if (socket !== own) return;
    failures = 0;
    link.value = "live";
    hear(JSON.parse(String(data)) as LiveMessage);
  });
  own.addEventListener("close", () => {
    if (socket !== own) return;
    socket = null;
    failures += 1;
    nextTryMs = performance.now() + Math.min(LONGEST_PAUSE_MS, 1000 * 2 ** Math.min(failures - 1, 5)) * (0.75 + Math.random() / 2);
    if (failures < FAILURES_BEFORE_ASKING) link.value = "connecting";
    else if (link.value !== "asking") void ask();
    setTimeout(look, nextTryMs - performance.now());
  });
}

function hear(message: LiveMessage): void {
  lastMs = performance.now();
  lastHeardMs.value = nowMs();
  const { topic, content } = message;
  if (topic === "beat" || topic === "closed") return;
  (heard[topic] as Signal<unknown>).value = content;
  news[topic].value += 1;
}

async function ask(): Promise<void> {
  nextAskMs = performance.now() + ASK_EVERY_MS;
  try {
    const { eventsTotal, lastEventAtUtc, degradedReasons, ...health } = await get("/health");
    const { status, connection, labelsTotal, changesTotal, gapsOpen, lastTrainAtUtc } = health;
    heard.ingest.value = { eventsTotal, lastEventAtUtc };
    heard.health.value = {
      status,
      connection,
      degraded: degradedReasons.map(({ code }) => code),
      labelsTotal,
      changesTotal,
      gapsOpen,
      lastTrainAtUtc,
      runs: "",
      verdicts: 0,
    };
    if (socket?.readyState !== WebSocket.OPEN) link.value = "asking";
    lastHeardMs.value = nowMs();
    for (const topic of TOPICS) news[topic].value += 1;
  } catch {
    // The frame and each card say since when; the next look asks again.
    link.value = "away";
  }
}
