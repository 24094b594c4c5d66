import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { type WebSocket, WebSocketServer } from "ws";
import { createCommands } from "./commands.ts";
import { type Session, serveConnection } from "./connection.ts";
import { answerHttp } from "./http.ts";
import { type RunningHome, SIMULATED_VERSION } from "./running-home.ts";

/** As Home Assistant: what a client may send at once. */
const MAX_PAYLOAD_BYTES = 4 << 20;
/** Time for a closing handshake. */
const FAREWELL_MS = 50;

/** The home's port on 127.0.0.1: HTTP, and the websocket at /api/websocket. */
export interface Doors {
  /** Opens the port (the same again after `close`) and returns it. */
  open(): Promise<number>;
  /** Closes the port and ends every connection: cut, or with code 1000 as Home Assistant does when it stops. */
  close(how: "cut" | "stopping"): Promise<void>;
  readonly clients: ReadonlyMap<WebSocket, Session>;
}

export interface DoorOptions {
  /** 0 = any free one. */
  readonly port: number;
  accepts(token: string): boolean;
  /** How late each answer is. */
  delayMs(): number;
}

export function createDoors(home: RunningHome, options: DoorOptions): Doors {
  const clients = new Map<WebSocket, Session>();
  const commands = createCommands(home);
  let server: Server | null = null;
  let port = options.port;

  function serve(): Server {
    const http = createServer((request, response) => answerHttp(home, options.accepts, request, response));
    const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_PAYLOAD_BYTES, perMessageDeflate: false });
    http.on("upgrade", (request, socket, head) => {
      if (request.url !== "/api/websocket") {
        socket.end("HTTP/1.1 404 Not Found\r\n\r\n");
        return;
      }
      sockets.handleUpgrade(request, socket, head, (client) => {
        const { accepts, delayMs } = options;
        clients.set(client, serveConnection(client, { version: SIMULATED_VERSION, commands, accepts, delayMs }));
        client.on("close", () => clients.delete(client));
      });
    });
    return http;
  }
  return {
    clients,
    async open() {
      const http = serve();
      await new Promise<void>((resolve, reject) => {
        http.once("error", reject).listen(port, "127.0.0.1", resolve);
      });
      server = http;
      port = (http.address() as AddressInfo).port;
      return port;
    },
    async close(how) {
      const http = server;
      server = null;
      const closed = new Promise<void>((resolve) => (http ? http.close(() => resolve()) : resolve()));
      if (how === "stopping") {
        for (const session of clients.values()) session.outbox.discard();
        await pause(FAREWELL_MS);
      }
      for (const client of clients.keys()) client.terminate();
      http?.closeAllConnections();
      await closed;
    },
  };
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });
}
