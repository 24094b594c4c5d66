import type { Server as HttpServer, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Pulse } from "../store/pages/pulse.ts";
import { Problem } from "./problem.ts";

export const LIVE_PATH = "/api/v1/live";

export interface LiveParts {
  /** Answers what tells later whether this caller still may. @throws Problem when they may not listen. */
  readonly admit: (request: IncomingMessage) => () => boolean;
  readonly refuse: (socket: Duplex, error: unknown) => void;
  /** Null while there is no open database. */
  readonly pulse: () => Promise<Pulse | null>;
  readonly onError: (error: unknown) => void;
}

/** What a listener hears: one message a topic and second at most, and only when it says something new. */
export interface LiveMessage {
  /** `beat` says nothing but that the app is there: at least one each 20 s, because a browser does not tell its page of pings. */
  readonly topic: keyof Pulse | "closed" | "beat";
  readonly content: unknown;
}

const PERIOD_MS = 1000;
const PERIODS_BETWEEN_PINGS = 20;
const MOST_LISTENERS = 32;
/** A listener that takes nothing while so much waits for it is let go. */
const MOST_WAITING_BYTES = 256 * 1024;
/** "Policy violation" (RFC 6455): trying again with the same token is of no use. */
const NO_LONGER_ALLOWED = 1008;
const BEAT = JSON.stringify({ topic: "beat", content: {} } satisfies LiveMessage);
const TOPICS = ["ingest", "predictions", "health"] as const;

/** Every other request that offers another protocol is answered in this one: clients may offer what they like. */
export function opensWebsocket({ method, url, headers }: IncomingMessage): boolean {
  return method === "GET" && url?.split("?", 1)[0] === LIVE_PATH && headers.upgrade?.toLowerCase() === "websocket";
}

export function websocketNeeded(): Problem {
  const detail = `${LIVE_PATH} is a websocket of version 13 and nothing else. Open it with a websocket client.`;
  return new Problem(426, "websocket needed", detail, { headers: { upgrade: "websocket", "sec-websocket-version": "13" } });
}

export interface Live {
  stop(): void;
}

/**
 * Tells listeners on a websocket what is new. The server hands over what `opensWebsocket` alone. The database is asked once a second while
 * anybody listens, and not at all else.
 */
export function serveLive(server: HttpServer, { admit, refuse, pulse, onError }: LiveParts, periodMs = PERIOD_MS): Live {
  const sockets = new WebSocketServer({ noServer: true, clientTracking: true, maxPayload: 1024, perMessageDeflate: false });
  const said = new Map<string, string>();
  const answered = new WeakSet<WebSocket>();
  const stillAllowed = new WeakMap<WebSocket, () => boolean>();
  let timer: ReturnType<typeof setInterval> | null = null;
  let isAsking = false;
  let ticks = 0;

  async function tick(): Promise<void> {
    ticks += 1;
    if (ticks % PERIODS_BETWEEN_PINGS === 0) drop();
    if (isAsking) return;
    isAsking = true;
    try {
      const now = await pulse();
      if (now === null) return tell("closed", {});
      said.delete("closed");
      for (const topic of TOPICS) tell(topic, now[topic]);
    } catch (error) {
      onError(error);
    } finally {
      isAsking = false;
    }
  }

  function tell(topic: LiveMessage["topic"], content: unknown): void {
    const message = JSON.stringify({ topic, content } satisfies LiveMessage);
    if (said.get(topic) === message) return;
    said.set(topic, message);
    for (const socket of sockets.clients) send(socket, message);
  }

  /** Listeners that did not answer the last ping are gone, whatever the network says; who may not ask any more may not listen either. */
  function drop(): void {
    for (const socket of sockets.clients) {
      if (!answered.delete(socket)) socket.terminate();
      else if (!stillAllowed.get(socket)!()) socket.close(NO_LONGER_ALLOWED, "this token is not known, or was revoked");
      else {
        socket.ping();
        send(socket, BEAT);
      }
    }
  }

  function listen(socket: WebSocket, isStillAllowed: () => boolean): void {
    answered.add(socket);
    stillAllowed.set(socket, isStillAllowed);
    socket.on("pong", () => answered.add(socket));
    socket.on("error", () => socket.terminate());
    socket.on("close", () => {
      if (sockets.clients.size > 0 || timer === null) return;
      clearInterval(timer);
      timer = null;
      said.clear();
    });
    for (const message of said.values()) send(socket, message);
    if (timer !== null) return;
    timer = setInterval(() => void tick(), periodMs);
    void tick();
  }

  function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on("error", () => socket.destroy());
    let isStillAllowed: () => boolean;
    try {
      isStillAllowed = admit(request);
      if (sockets.clients.size >= MOST_LISTENERS) {
        throw new Problem(503, "busy", `${MOST_LISTENERS} listen already. Close some of the pages, then try again.`);
      }
    } catch (error) {
      refuse(socket, error);
      return;
    }
    sockets.handleUpgrade(request, socket, head, (listener) => listen(listener, isStillAllowed));
  }

  sockets.on("wsClientError", (_, socket) => refuse(socket, websocketNeeded()));
  server.on("upgrade", upgrade);
  return {
    stop() {
      server.off("upgrade", upgrade);
      if (timer !== null) clearInterval(timer);
      timer = null;
      for (const socket of sockets.clients) socket.terminate();
      sockets.close();
    },
  };
}

function send(socket: WebSocket, message: string): void {
  if (socket.bufferedAmount > MOST_WAITING_BYTES) socket.terminate();
  else socket.send(message);
}
