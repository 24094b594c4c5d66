import { randomBytes } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createDeflate } from "node:zlib";
import WebSocket, { WebSocketServer } from "ws";
import { AROUND, type Around, parentPage } from "./parent-page.ts";

/**
 * A hop with the rules of Home Assistant's ingress: a prefix with a token that is taken away, a session that lasts 15 minutes unless renewed,
 * headers that are removed and added (the app meets the Supervisor's address and trusted names of the user), answers compressed anew by
 * Home Assistant itself, websockets passed on in frames of at most 4 MiB, and a page around the app.
 */
export interface Ingress {
  readonly url: string;
  /** How often each path of the app was asked for, and what was asked outside of the prefix. */
  readonly asked: Map<string, number>;
  readonly outside: string[];
  /** Ends every session; a page that is loaded anew begins one. */
  endSessions(): void;
  /** Websockets end, and no new ones are had until it is called with false; requests are cut off too when asked so. */
  cut(isCut: boolean, options?: { readonly requests?: boolean }): void;
  setAround(around: Partial<Around>): void;
  stop(): Promise<void>;
}

const HERE = "127.0.0.1";
const SUPERVISOR = "172.30.32.2";
const SESSION_MS = 15 * 60_000;
const MOST_FRAME_BYTES = 4 * 2 ** 20;
/** Who looks: by what Home Assistant knows of them. */
export interface User {
  readonly id: string;
  readonly name: string;
  readonly displayName: string;
}
/** Lives in the home, and is no administrator. */
export const MEMBER: User = { id: "0123456789abcdef0123456789abcdef", name: "ben", displayName: "Ben Ōta" };
/** Removed on the way to the app, as by Home Assistant Core. */
const NOT_PASSED = [
  "accept-encoding",
  "connection",
  "content-length",
  "host",
  "upgrade",
  "transfer-encoding",
  "keep-alive",
  "te",
  "trailer",
];
const NOT_BACK = ["content-encoding", "content-length", "transfer-encoding", "connection", "keep-alive"];
const COMPRESSED = /^(?:text\/|application\/(?:json|javascript|problem\+json|xml|x-ndjson)|image\/svg)/;

export async function startIngress(app: { readonly host: string; readonly port: number }, user: User = MEMBER): Promise<Ingress> {
  const token = randomBytes(32).toString("base64url");
  const prefix = `/api/hassio_ingress/${token}`;
  const sessions = new Map<string, number>();
  const asked = new Map<string, number>();
  const outside: string[] = [];
  const sockets = new Set<Socket>();
  let around = AROUND;
  let isCut = false;
  let isAllCut = false;

  const hasSession = ({ headers }: IncomingMessage): boolean => {
    const id = /(?:^|; )ingress_session=([\w-]+)/.exec(headers.cookie ?? "")?.[1] ?? "";
    return (sessions.get(id) ?? 0) > performance.now();
  };

  function passedHeaders(incoming: IncomingMessage): Record<string, string | string[]> {
    const kept = Object.entries(incoming.headers).filter(
      ([name, value]) =>
        value !== undefined && !NOT_PASSED.includes(name) && !name.startsWith("sec-websocket") && !name.startsWith("x-remote"),
    ) as [string, string | string[]][];
    return {
      ...Object.fromEntries(kept),
      host: `${app.host}:${app.port}`,
      "x-ingress-path": prefix,
      "x-hass-source": "core.ingress",
      "x-forwarded-for": incoming.socket.remoteAddress ?? "",
      "x-forwarded-host": incoming.headers.host ?? "",
      "x-forwarded-proto": "http",
      "x-remote-user-id": user.id,
      "x-remote-user-name": user.name,
      "x-remote-user-display-name": Buffer.from(user.displayName, "utf8").toString("latin1"),
    };
  }

  function page(incoming: IncomingMessage, response: ServerResponse): void {
    const tail = new URL(incoming.url!, "http://home").pathname.replace(/^\/app\/slug/, "");
    const id = randomBytes(16).toString("hex");
    sessions.set(id, performance.now() + SESSION_MS);
    response
      .writeHead(200, {
        "content-type": "text/html; charset=utf-8",
        "set-cookie": `ingress_session=${id}; Path=/api/hassio_ingress/; SameSite=Strict`,
      })
      .end(parentPage(`${prefix}/`, tail, around));
  }

  function forward(incoming: IncomingMessage, response: ServerResponse): void {
    const path = incoming.url!.slice(prefix.length);
    asked.set(path.split("?", 1)[0]!, (asked.get(path.split("?", 1)[0]!) ?? 0) + 1);
    const parts: Buffer[] = [];
    incoming.on("data", (part: Buffer) => void parts.push(part));
    incoming.on("end", () => {
      const body = Buffer.concat(parts);
      const length: Record<string, number> = body.length === 0 ? {} : { "content-length": body.length };
      const onward = request(
        { ...app, path, method: incoming.method!, headers: { ...passedHeaders(incoming), ...length }, localAddress: SUPERVISOR },
        (answer) => back(incoming.headers, answer, response),
      );
      onward.once("error", () => response.writeHead(502).end());
      onward.end(body);
    });
  }

  function back(asking: IncomingHttpHeaders, answer: IncomingMessage, response: ServerResponse): void {
    const headers = Object.fromEntries(Object.entries(answer.headers).filter(([name]) => !NOT_BACK.includes(name)));
    const isCompressed = /\bdeflate\b/.test(String(asking["accept-encoding"])) && COMPRESSED.test(answer.headers["content-type"] ?? "");
    response.writeHead(answer.statusCode!, {
      ...headers,
      "x-frame-options": "SAMEORIGIN",
      ...(isCompressed && { "content-encoding": "deflate" }),
    });
    if (isCompressed) answer.pipe(createDeflate({ level: 6 })).pipe(response);
    else answer.pipe(response);
  }

  const http = createServer((incoming, response) => {
    const path = incoming.url!;
    if (isAllCut && path.startsWith(prefix)) incoming.socket.destroy();
    else if (path.startsWith("/app/slug")) page(incoming, response);
    else if (!path.startsWith(`${prefix}/`)) {
      if (path !== "/favicon.ico") outside.push(path);
      response.writeHead(404).end();
    } else if (!hasSession(incoming)) response.writeHead(401, { "content-type": "text/plain" }).end("401: Unauthorized");
    else forward(incoming, response);
  });
  http.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  const server = new WebSocketServer({ noServer: true, maxPayload: MOST_FRAME_BYTES });
  http.on("upgrade", (incoming: IncomingMessage, socket: Socket, head: Buffer) => {
    if (isCut || !incoming.url!.startsWith(`${prefix}/`) || !hasSession(incoming)) {
      socket.end("HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
      return;
    }
    server.handleUpgrade(incoming, socket, head, (client) => {
      const onward = new WebSocket(`ws://${app.host}:${app.port}${incoming.url!.slice(prefix.length)}`, {
        headers: passedHeaders(incoming) as Record<string, string>,
        localAddress: SUPERVISOR,
        maxPayload: MOST_FRAME_BYTES,
      });
      onward.on("message", (data, isBinary) => client.send(data, { binary: isBinary }));
      client.on("message", (data, isBinary) => onward.send(data, { binary: isBinary }));
      for (const [one, other] of [
        [onward, client],
        [client, onward],
      ] as const) {
        one.on("close", () => other.terminate());
        one.on("error", () => other.terminate());
      }
    });
  });
  await new Promise<void>((resolve) => http.listen(0, HERE, resolve));
  return {
    url: `http://${HERE}:${(http.address() as AddressInfo).port}`,
    asked,
    outside,
    endSessions: () => sessions.clear(),
    cut(now, { requests = false } = {}) {
      isCut = now;
      isAllCut = now && requests;
      if (now) for (const client of server.clients) client.terminate();
    },
    setAround(changes) {
      around = { ...AROUND, ...changes };
    },
    async stop() {
      for (const client of server.clients) client.terminate();
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => http.close(resolve));
    },
  };
}
