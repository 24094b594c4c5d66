import { randomUUID } from "node:crypto";
import type { AddressInfo } from "node:net";
import rateLimit from "@fastify/rate-limit";
import { type FastifyInstance, type FastifyRequest, fastify } from "fastify";
import { reasonOf } from "../core/reason.ts";
import type { HealthReport } from "../store/tables/overview.ts";
import { type AccessRules, createAccess, refuseForeignPages, tokenShown } from "./access.ts";
import { openApi } from "./api/openapi.ts";
import type { Api } from "./api/route.ts";
import { ROUTES } from "./api/routes.ts";
import { serveRoutes } from "./api/serve.ts";
import { limitConnections, MOST_OPEN } from "./connection-limit.ts";
import { type FirstAnswers, firstAnswers, withAnswers } from "./first-answers.ts";
import { createFirstPicture, likelyLanguage, withPicture } from "./first-picture.ts";
import { callerOf, guard, protect } from "./guard.ts";
import { listenFault } from "./listen-fault.ts";
import { LIVE_PATH, type Live, opensWebsocket, serveLive, websocketNeeded } from "./live.ts";
import { createRequestCounts, loadMetrics, type Metrics } from "./metrics.ts";
import { loadDrawing, readPanelFiles } from "./panel-files.ts";
import { isSupervisor } from "./peers.ts";
import { Problem, sendProblem, tooMany } from "./problem.ts";
import { createRefusals, unreadable } from "./raw-answer.ts";
import { readinessOf } from "./readiness.ts";
import { policy } from "./security-headers.ts";

type Fields = Readonly<Record<string, unknown>>;

export interface ServerLog {
  debug(message: string, fields?: Fields): void;
  info(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

export interface ServerParts extends AccessRules {
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
  readonly version: string;
  readonly log: ServerLog;
  /** Null while there is no open database: refused (then `refusal` says why) or starting. */
  readonly api: () => Api | null;
  readonly refusal: () => string | null;
  /** Of a user of Home Assistant; null = Home Assistant has not said yet who is one. */
  readonly isAdministrator: (userId: string) => Promise<boolean | null>;
  /** A time that only grows, ms. */
  readonly uptimeMs: () => number;
}

export interface Server {
  /** @throws ListenFault when the address or port cannot be used. */
  start(): Promise<{ readonly url: string }>;
  stop(): Promise<void>;
}

/** Requests a minute: of the page and of programs on this machine, and of each token. */
const REQUESTS_PER_MINUTE = { local: 12_000, token: 1_200 };
const BODY_LIMIT = 64 * 1024;
/** A client that sends or takes nothing for so long is let go. */
const SILENT_LIMIT_MS = 60_000;
const REQUEST_LIMIT_MS = 10_000;

export function createServer(parts: ServerParts): Server {
  const access = createAccess(parts, parts.uptimeMs);
  const requests = createRequestCounts();
  const refuse = createRefusals(parts.log);
  const server = fastify({
    logger: false,
    genReqId: () => randomUUID(),
    forceCloseConnections: true,
    bodyLimit: BODY_LIMIT,
    connectionTimeout: SILENT_LIMIT_MS,
    requestTimeout: REQUEST_LIMIT_MS,
    http: {
      connectionsCheckingInterval: 1000,
      // While Node gives headers more time than the whole, it forgets the whole once they are there.
      headersTimeout: REQUEST_LIMIT_MS,
      shouldUpgradeCallback: opensWebsocket,
      // The guard refuses a request without a host: Node's own refusal is empty.
      requireHostHeader: false,
    },
    clientErrorHandler: (error, socket) => refuse(socket, unreadable(error)),
    routerOptions: { maxParamLength: 300 },
    frameworkErrors: (error, request, reply) => {
      protect(request, reply);
      sendProblem(reply, new Problem(400, "bad request", `This request cannot be read: ${error.message}.`));
    },
  });
  limitConnections(server.server, (address) => {
    if (address !== null) parts.log.info("an address has too many connections open; further ones are hung up on", { address });
    else
      parts.log.info("the network has too many connections open; further ones are hung up on, whoever asks", { most: MOST_OPEN.strangers });
  });
  // What is expected but "100-continue" may be left unmet; Node's own refusal is empty.
  server.server.on("checkExpectation", (request, response) => void server.server.emit("request", request, response));
  let live: Live | null = null;
  const health = async (): Promise<HealthReport | null> => (await parts.api()?.read("healthReport", null)) ?? null;

  /** @throws Problem while there is no open database. */
  function opened(): Api {
    const api = parts.api();
    if (api !== null) return api;
    const { status, reasons } = readinessOf(null, parts.refusal());
    throw new Problem(503, status, reasons.join(" "));
  }

  async function build(): Promise<void> {
    guard(server, { ...parts, access, requests });
    await server.register(rateLimit, {
      global: true,
      timeWindow: "1 minute",
      keyGenerator: keyOf,
      max: (request: FastifyRequest) => (request.who?.kind === "token" ? REQUESTS_PER_MINUTE.token : REQUESTS_PER_MINUTE.local),
      errorResponseBuilder: (_: FastifyRequest, { ttl }: { readonly ttl: number }) =>
        tooMany("Too many requests came from you.", ttl, "ask again, and less often"),
    });
    serveState(server, parts, health);
    serveRoutes(server, ROUTES, { api: opened, log: parts.log });
    server.get(LIVE_PATH, async () => {
      throw websocketNeeded();
    });
    let described: object | null = null;
    server.get("/api/v1/openapi.json", async () => {
      described ??= openApi(ROUTES, parts.version);
      return described;
    });
    let metrics: Promise<Metrics> | null = null;
    server.get("/metrics", async (_, reply) => {
      metrics ??= loadMetrics();
      const { contentType, render } = await metrics;
      const predictions = (await parts.api()?.read("pulse", null))?.predictions ?? [];
      return reply.type(contentType).send(await render({ health: await health(), refusal: parts.refusal(), predictions, requests }));
    });
    servePage(server, parts);
  }

  return {
    async start() {
      await build();
      live = serveLive(server.server, {
        admit(request) {
          const caller = callerOf(request.socket.remoteAddress, request.headers);
          const { kind } = access(caller);
          refuseForeignPages(caller, parts.isInsideHomeAssistant && isSupervisor(caller.address));
          // Asked as each request asks, but never counted as a wrong one: nobody tries tokens here.
          return () => kind !== "token" || parts.tokenOf(tokenShown(caller.headers)!) !== null;
        },
        refuse,
        pulse: async () => (await parts.api()?.read("pulse", null)) ?? null,
        onError: (error) => parts.log.error("live updates failed", { reason: reasonOf(error) }),
      });
      try {
        await server.listen({ host: parts.host, port: parts.port });
      } catch (cause) {
        throw listenFault(cause, parts.host, parts.port);
      }
      const { port } = server.server.address() as AddressInfo;
      const host = parts.host === "0.0.0.0" || parts.host === "::" ? "127.0.0.1" : parts.host;
      return { url: `http://${host.includes(":") ? `[${host}]` : host}:${port}/` };
    },
    async stop() {
      live?.stop();
      await server.close();
    },
  };
}

const keyOf = (request: FastifyRequest): string => request.who?.userId ?? request.who?.name ?? request.ip;

function serveState(server: FastifyInstance, { refusal }: ServerParts, health: () => Promise<HealthReport | null>): void {
  server.get("/healthz", { config: { rateLimit: false } }, async () => ({ alive: true }));
  server.get("/readyz", async (_, reply) => {
    const readiness = readinessOf(refusal() === null ? await health() : null, refusal());
    return reply.code(readiness.ready ? 200 : 503).send(readiness);
  });
}

function servePage(server: FastifyInstance, { api, log }: ServerParts): void {
  const { page, hashes, assets } = readPanelFiles();
  const picture = createFirstPicture(loadDrawing, (error) =>
    log.error("the first picture of the page cannot be drawn", { reason: reasonOf(error) }),
  );

  function pageFor(answers: FirstAnswers, accepted: string | undefined): string {
    const language = likelyLanguage(accepted);
    const drawn = picture.draw(answers, language);
    return withAnswers(drawn === null ? page : withPicture(page, drawn, language), answers);
  }

  server.get("/", async ({ who, headers }, reply) => {
    const app = api();
    const [answers] = who === null || app === null ? [null] : await Promise.all([firstAnswers(who, app), picture.ready()]);
    // Asked again at each visit: after an update, a new page must never be led to old files. What holds the home's numbers is kept nowhere.
    return reply
      .header("cache-control", answers === null ? "no-cache" : "no-store")
      .header("content-security-policy", policy(hashes))
      .type("text/html; charset=utf-8")
      .send(answers === null ? page : pageFor(answers, headers["accept-language"]));
  });
  for (const { path, contentType, body } of assets) {
    server.get(`/${path}`, async (_, reply) =>
      // Kept by browsers for good: that spares Home Assistant from compressing it anew at each visit.
      reply.header("cache-control", "public, max-age=31536000, immutable").type(contentType).send(body),
    );
  }
}
