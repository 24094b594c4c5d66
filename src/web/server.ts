import { randomUUID } from "node:crypto";
import type { AddressInfo } from "node:net";
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from "fastify";
import { isoMs } from "../core/time.ts";
import type { HealthReport, Overview } from "../store/tables/overview.ts";
import { listenFault } from "./listen-fault.ts";
import { readPageFiles } from "./page-files.ts";
import { isAllowedPeer } from "./peers.ts";
import { readinessOf } from "./readiness.ts";
import { SECURITY_HEADERS } from "./security-headers.ts";

type Fields = Readonly<Record<string, unknown>>;

export interface ServerLog {
  debug(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

export interface NextRun {
  readonly job: string;
  readonly dueAtMs: number | null;
}

export interface ServerParts {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly log: ServerLog;
  /** Null while there is no open database: refused (then `refusal` says why) or starting. */
  readonly health: () => HealthReport | null | Promise<HealthReport | null>;
  readonly refusal: () => string | null;
  /** Asked only while `health` gives a report. */
  readonly overview: () => Overview | Promise<Overview>;
  readonly nextRuns: () => readonly NextRun[];
  readonly isInsideHomeAssistant: boolean;
}

export interface Server {
  /** @throws ListenFault when the address or port cannot be used. */
  start(): Promise<{ readonly url: string }>;
  stop(): Promise<void>;
}

/** The body of GET /api/v1/overview. */
export interface OverviewBody extends Overview {
  readonly health: HealthReport;
  readonly nextRuns: readonly { readonly job: string; readonly dueAtUtc: string | null }[];
}

/** The body of every response that is not the wanted one. */
export interface ErrorBody {
  readonly error: string;
  readonly message: string;
  readonly requestId: string;
}

export function createServer(parts: ServerParts): Server {
  const server = fastify({
    logger: false,
    genReqId: () => randomUUID(),
    forceCloseConnections: true,
    bodyLimit: 64 * 1024,
    frameworkErrors: (error, request, reply) => {
      protect(request, reply);
      refuse(reply, 400, "bad request", `This request cannot be read: ${error.message}.`);
    },
  });
  guard(server, parts);
  serveApi(server, parts);
  servePage(server);

  return {
    async start() {
      try {
        await server.listen({ host: parts.host, port: parts.port });
      } catch (cause) {
        throw listenFault(cause, parts.host, parts.port);
      }
      const { port } = server.server.address() as AddressInfo;
      const host = parts.host === "0.0.0.0" || parts.host === "::" ? "127.0.0.1" : parts.host;
      return { url: `http://${host.includes(":") ? `[${host}]` : host}:${port}/` };
    },
    stop: () => server.close(),
  };
}

function guard(server: FastifyInstance, { log, isInsideHomeAssistant }: ServerParts): void {
  server.addHook("onRequest", async (request, reply) => {
    protect(request, reply);
    if (isAllowedPeer(request.socket.remoteAddress, isInsideHomeAssistant)) return;
    return refuse(
      reply,
      403,
      "forbidden",
      "Only Home Assistant's ingress and this machine itself are answered. Open the app's page in Home Assistant.",
    );
  });
  server.addHook("onResponse", async (request, reply) => {
    log.debug("answered a request", { requestId: request.id, method: request.method, path: pathOf(request), status: reply.statusCode });
  });
  server.setNotFoundHandler((request, reply) =>
    refuse(
      reply,
      404,
      "not found",
      `There is nothing at ${request.method} ${pathOf(request)}. The status page is at /, its numbers at /api/v1/overview.`,
    ),
  );
  server.setErrorHandler((error, request, reply) => {
    const status = error instanceof Error && "statusCode" in error ? Number(error.statusCode) : 500;
    if (status < 500) return refuse(reply, status, "bad request", "This request cannot be read.");
    log.error("a request failed", {
      requestId: request.id,
      path: pathOf(request),
      error: error instanceof Error ? error.message : String(error),
    });
    return refuse(reply, 500, "failed", "The app failed to answer. Its log says why, under this request id; the next try may work.");
  });
}

function serveApi(server: FastifyInstance, { health, refusal, overview, nextRuns }: ServerParts): void {
  const unavailable = (reply: FastifyReply): FastifyReply => {
    const { status, reasons } = readinessOf(null, refusal());
    return refuse(reply, 503, status, reasons.join(" "));
  };
  server.get("/healthz", async () => ({ alive: true }));
  server.get("/readyz", async (_, reply) => {
    const readiness = readinessOf(refusal() === null ? await health() : null, refusal());
    return reply.code(readiness.ready ? 200 : 503).send(readiness);
  });
  server.get("/api/v1/health", async (_, reply) => (await health()) ?? unavailable(reply));
  server.get("/api/v1/overview", async (_, reply) => {
    const report = await health();
    if (report === null) return unavailable(reply);
    const runs = nextRuns().map(({ job, dueAtMs }) => ({ job, dueAtUtc: dueAtMs === null ? null : isoMs(dueAtMs) }));
    const body: OverviewBody = { ...(await overview()), health: report, nextRuns: runs };
    return body;
  });
}

function servePage(server: FastifyInstance): void {
  for (const file of readPageFiles()) {
    server.get(file.name === "index.html" ? "/" : `/${file.name}`, async (_, reply) =>
      // Asked again at each visit: after an update, new files must never meet old ones.
      reply.header("cache-control", "no-cache").type(file.contentType).send(file.body),
    );
  }
}

function protect(request: FastifyRequest, reply: FastifyReply): void {
  reply.headers(SECURITY_HEADERS).header("x-request-id", request.id).header("cache-control", "no-store");
}

function refuse(reply: FastifyReply, status: number, error: string, message: string): FastifyReply {
  const body: ErrorBody = { error, message, requestId: reply.request.id };
  return reply.code(status).send(body);
}

/** Without the query, which may carry what does not belong into a log. */
function pathOf(request: FastifyRequest): string {
  return request.url.split("?", 1)[0]!.slice(0, 200);
}
