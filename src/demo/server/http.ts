import type { IncomingMessage, ServerResponse } from "node:http";
import type { RunningHome } from "./running-home.ts";

const MANIFEST = {
  display: "standalone",
  id: "/?homescreen=1",
  lang: "en-US",
  name: "Home Assistant",
  short_name: "Home Assistant",
  start_url: "/",
};
const PLAIN = "text/plain; charset=utf-8";

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** The few HTTP addresses that clients ask: `/manifest.json` needs no token, everything under `/api/` does. */
export function answerHttp(
  home: RunningHome,
  accepts: (token: string) => boolean,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { status, type, body } = answer(home, accepts, request);
  response.writeHead(status, { "content-type": type }).end(body);
}

function answer(home: RunningHome, accepts: (token: string) => boolean, request: IncomingMessage): Answer {
  const path = (request.url ?? "/").split("?")[0];
  const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
  if (path === "/api/websocket") return { status: 400, type: PLAIN, body: 'Can "Upgrade" only to "WebSocket".' };
  const page = pageAt(path, home);
  if (!page) return { status: 404, type: PLAIN, body: "404: Not Found" };
  if (path !== "/manifest.json" && !accepts(token)) return { status: 401, type: PLAIN, body: "401: Unauthorized" };
  if (request.method !== "GET") return { status: 405, type: PLAIN, body: "405: Method Not Allowed" };
  const type = path === "/manifest.json" ? "application/manifest+json; charset=utf-8" : "application/json";
  return { status: 200, type, body: JSON.stringify(page()) };
}

function pageAt(path: string | undefined, home: RunningHome): (() => unknown) | null {
  if (path === "/manifest.json") return () => MANIFEST;
  if (path === "/api/") return () => ({ message: "API running." });
  if (path === "/api/config") return home.config;
  return path === "/api/states" ? home.states : null;
}
