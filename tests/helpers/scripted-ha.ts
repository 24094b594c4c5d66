import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";

export interface Command {
  readonly id: number;
  readonly type: string;
  readonly [key: string]: unknown;
}

/** What the server does with the next client; after the last one it answers as Home Assistant does. */
export type Greeting =
  | "welcome"
  | "reject token"
  | "say nothing"
  | "not home assistant"
  | "drop after auth_ok"
  | { readonly status: number };

export interface ScriptedHome {
  readonly url: string;
  readonly port: number;
  /** Every command of every client, in order. */
  readonly received: Command[];
  /** Tokens that were shown. */
  readonly tokens: string[];
  clients(): number;
  /** Subscriptions of all clients. */
  subscriptions(): number;
  /** Answers of a command: a value, a promise, or a thrown `{code, message}`. */
  on(type: string, answer: (command: Command) => unknown): void;
  /** Sends an event to every subscriber of it. */
  emit(event: object): void;
  /** Sends several in one frame, as Home Assistant does for clients that asked for coalesced messages. */
  emitTogether(events: readonly object[]): void;
  /** Sends this very text. */
  sendText(text: string): void;
  /** Sends what is made of the subscription's id. */
  sendFrame(frame: (id: number) => string): void;
  /** Bytes that wait to be sent. */
  waitingBytes(): number;
  closeAll(code?: number): void;
  /** Nothing is read or answered any more, the sockets stay open: a cut cable. */
  freeze(): void;
  /** What every client after those of `greetings` meets. */
  greetWith(greeting: Greeting): void;
  stop(): Promise<void>;
}

export interface ScriptedOptions {
  readonly greetings?: readonly Greeting[];
  readonly port?: number;
}

/** A websocket server that speaks Home Assistant's protocol and misbehaves on demand. Real sockets, nothing of the project in it. */
export async function startScriptedHome({ greetings = [], port = 0 }: ScriptedOptions = {}): Promise<ScriptedHome> {
  const answers = new Map<string, (command: Command) => unknown>([
    ["supported_features", () => null],
    [
      "get_config",
      () => ({ version: "2026.11.0", time_zone: "Europe/Amsterdam", location_name: "Test", state: "RUNNING", latitude: 52, longitude: 5 }),
    ],
    ["get_states", () => []],
    ["subscribe_events", () => null],
  ]);
  const queue = [...greetings];
  const received: Command[] = [];
  const tokens: string[] = [];
  const subscribers = new Map<WebSocket, { readonly id: number; readonly eventType: string }[]>();
  const sockets = new Set<Socket>();
  let isFrozen = false;
  let usual: Greeting = "welcome";
  const http: Server = createServer((_request, response) => response.writeHead(200).end("a web page"));
  const server = new WebSocketServer({ noServer: true });

  http.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  http.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const greeting = queue.shift() ?? usual;
    if (typeof greeting === "object") {
      socket.end(`HTTP/1.1 ${greeting.status} Scripted\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
      return;
    }
    server.handleUpgrade(request, socket, head, (client) => greet(client, greeting));
  });

  function greet(client: WebSocket, greeting: Exclude<Greeting, object>): void {
    const send = (message: object): void => client.send(JSON.stringify(message));
    subscribers.set(client, []);
    client.on("close", () => subscribers.delete(client));
    client.on("message", (data) => {
      if (isFrozen) return;
      const message = JSON.parse(String(data)) as Command & { readonly access_token?: string };
      if (message.type === "auth") {
        tokens.push(message.access_token ?? "");
        if (greeting === "reject token") {
          send({ type: "auth_invalid", message: "Invalid access token or password" });
          client.close();
          return;
        }
        send({ type: "auth_ok", ha_version: "2026.11.0" });
        if (greeting === "drop after auth_ok") client.close(1000);
        return;
      }
      void answer(client, message);
    });
    if (greeting === "not home assistant") client.send("hello, this is a chat");
    else if (greeting !== "say nothing") send({ type: "auth_required", ha_version: "2026.11.0" });
  }

  async function answer(client: WebSocket, command: Command): Promise<void> {
    received.push(command);
    const send = (message: object): void => client.send(JSON.stringify({ id: command.id, ...message }));
    if (command.type === "ping" && !answers.has("ping")) return send({ type: "pong" });
    if (command.type === "subscribe_events") subscribers.get(client)?.push({ id: command.id, eventType: String(command["event_type"]) });
    const script = answers.get(command.type);
    if (!script) return send({ type: "result", success: false, error: { code: "unknown_command", message: "Unknown command." } });
    try {
      const result = await script(command);
      send({ type: "result", success: true, result: result ?? null });
    } catch (error) {
      send({ type: "result", success: false, error });
    }
  }

  function toSubscribers(frame: (id: number) => string, eventType = "state_changed"): void {
    if (isFrozen) return;
    for (const [client, subscriptions] of subscribers) {
      for (const { id, eventType: wanted } of subscriptions) if (wanted === eventType) client.send(frame(id));
    }
  }
  const typeOf = (event: object): string | undefined => ("event_type" in event ? String(event.event_type) : undefined);

  await new Promise<void>((resolve) => http.listen(port, "127.0.0.1", resolve));
  const bound = (http.address() as AddressInfo).port;
  return {
    url: `http://127.0.0.1:${bound}`,
    port: bound,
    received,
    tokens,
    clients: () => subscribers.size,
    subscriptions: () => [...subscribers.values()].reduce((sum, ids) => sum + ids.length, 0),
    on: (type, script) => void answers.set(type, script),
    emit: (event) => toSubscribers((id) => JSON.stringify({ id, type: "event", event }), typeOf(event)),
    emitTogether: (events) => toSubscribers((id) => JSON.stringify(events.map((event) => ({ id, type: "event", event })))),
    sendText: (text) => toSubscribers(() => text),
    sendFrame: (frame) => toSubscribers(frame),
    waitingBytes: () => [...subscribers.keys()].reduce((sum, client) => sum + client.bufferedAmount, 0),
    closeAll(code = 1000) {
      for (const client of subscribers.keys()) client.close(code);
    },
    freeze() {
      isFrozen = true;
      for (const socket of sockets) socket.pause();
    },
    greetWith(greeting) {
      usual = greeting;
    },
    async stop() {
      for (const client of subscribers.keys()) client.terminate();
      for (const socket of sockets) socket.destroy();
      server.close();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
