import type { IncomingMessage, ServerResponse } from "node:http";
import { z } from "zod";
import { contextId } from "./messages.ts";
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
  const send = ({ status, type, body }: Answer): void => void response.writeHead(status, { "content-type": type }).end(body);
  const entityId = /^\/api\/states\/([a-z0-9_]+\.[a-z0-9_]+)$/.exec(request.url ?? "")?.[1];
  if (entityId === undefined || request.method !== "POST") send(answer(home, accepts, request));
  else if (!accepts(tokenOf(request))) send({ status: 401, type: PLAIN, body: "401: Unauthorized" });
  else takeText(request, (text) => send(setState(home, entityId, text)));
}

function takeText(request: IncomingMessage, take: (text: string) => void): void {
  let text = "";
  request.setEncoding("utf8");
  request.on("data", (part: string) => {
    text += part;
  });
  request.on("end", () => take(text));
}

const stateSchema = z.object({ state: z.string(), attributes: z.record(z.string(), z.unknown()).default({}) });

/** A state that no integration stands behind, as Home Assistant takes it over HTTP. */
function setState(home: RunningHome, entityId: string, text: string): Answer {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return { status: 400, type: "application/json", body: JSON.stringify({ message: "Invalid JSON specified." }) };
  }
  const parsed = stateSchema.safeParse(body);
  if (!parsed.success) return { status: 400, type: "application/json", body: JSON.stringify({ message: "No state specified." }) };
  home.life.advance();
  const isNew = home.life.recorder.current(entityId) === undefined;
  const { state, attributes } = parsed.data;
  home.life.set(entityId, state, attributes, { userId: home.userId, contextId: contextId(home.clock.nowUs(), `state ${entityId}`) });
  return { status: isNew ? 201 : 200, type: "application/json", body: JSON.stringify({ entity_id: entityId, state, attributes }) };
}

function tokenOf(request: IncomingMessage): string {
  return /^Bearer (.+)$/.exec(request.headers.authorization ?? "")?.[1] ?? "";
}

function answer(home: RunningHome, accepts: (token: string) => boolean, request: IncomingMessage): Answer {
  const path = (request.url ?? "/").split("?")[0];
  const token = tokenOf(request);
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
