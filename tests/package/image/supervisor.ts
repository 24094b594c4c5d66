import { createServer, type IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import WebSocket, { WebSocketServer } from "ws";

export const TOKEN = "the-supervisor's-token";

/** What the next clients meet. */
export type CoreIs = "down" | "lost after auth_ok" | "up";

/** What `/services/mqtt` gives to apps that want a broker. */
export interface MqttService {
  readonly host: string;
  readonly port: number;
  readonly username: string;
  readonly password: string;
}

export interface Supervisor {
  /** How often a client was answered with each of these. */
  readonly met: Record<CoreIs, number>;
  set(core: CoreIs): void;
  stop(): Promise<void>;
}

/**
 * The Supervisor's websocket proxy as an app meets it at ws://supervisor/core/websocket: 502 while Core is down; else it judges the app's token
 * and says `auth_ok` by itself, and only then looks for Core, with a token of its own; where it finds none, it closes.
 * Its services have a broker where one is given.
 */
export async function startSupervisor(host: string, coreUrl: string, coreToken: string, mqtt: MqttService | null): Promise<Supervisor> {
  const met: Record<CoreIs, number> = { down: 0, "lost after auth_ok": 0, up: 0 };
  let core: CoreIs = "down";
  const sockets = new Set<Socket>();
  const http = createServer((request, response) => {
    const isAsked = request.url === "/services/mqtt" && request.headers.authorization === `Bearer ${TOKEN}`;
    if (!isAsked || mqtt === null) return response.writeHead(isAsked ? 400 : 404).end('{"result":"error","message":"Service not enabled"}');
    return response.end(JSON.stringify({ result: "ok", data: { addon: "core_mosquitto", ssl: false, protocol: "3.1.1", ...mqtt } }));
  });
  const server = new WebSocketServer({ noServer: true });
  http.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  http.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    met[core] += 1;
    if (core === "down" || request.url !== "/core/websocket") {
      const status = core === "down" ? "502 Bad Gateway" : "404 Not Found";
      socket.end(`HTTP/1.1 ${status}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n`);
      return;
    }
    server.handleUpgrade(request, socket, head, greet);
  });

  function greet(client: WebSocket): void {
    client.send(JSON.stringify({ type: "auth_required", ha_version: "2026.11.0" }));
    client.once("message", (data) => {
      const { access_token } = JSON.parse(String(data)) as { access_token?: string };
      if (access_token !== TOKEN) {
        client.send(JSON.stringify({ type: "auth_invalid", message: "Invalid access" }));
        client.close();
        return;
      }
      client.send(JSON.stringify({ type: "auth_ok", ha_version: "2026.11.0" }));
      if (core === "up") relay(client);
      else client.close();
    });
  }

  function relay(client: WebSocket): void {
    const waiting: string[] = [];
    let isOpen = false;
    const target = new WebSocket(coreUrl, { perMessageDeflate: false, maxPayload: 64 * 1024 * 1024 });
    client.on("message", (data) => {
      if (isOpen) target.send(String(data));
      else waiting.push(String(data));
    });
    target.on("message", (data) => {
      const text = String(data);
      if (isOpen) {
        client.send(text);
        return;
      }
      const { type } = JSON.parse(text) as { type: string };
      if (type === "auth_required") target.send(JSON.stringify({ type: "auth", access_token: coreToken }));
      if (type !== "auth_ok") return;
      isOpen = true;
      for (const each of waiting.splice(0)) target.send(each);
    });
    target.on("error", () => client.close());
    target.on("close", () => client.close());
    client.on("close", () => target.close());
  }

  await new Promise<void>((listening, failed) => {
    http.once("error", failed);
    http.listen(80, host, listening);
  });
  return {
    met,
    set(next) {
      core = next;
      for (const client of server.clients) client.close();
    },
    stop: () =>
      new Promise((stopped) => {
        for (const client of server.clients) client.terminate();
        for (const socket of sockets) socket.destroy();
        http.close(() => stopped());
      }),
  };
}
