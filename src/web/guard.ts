import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { reasonOf } from "../core/reason.ts";
import { type Caller, refuseForeignPages, type Who } from "./access.ts";
import { noteMethods } from "./methods.ts";
import type { RequestCounts } from "./metrics.ts";
import { isSupervisor } from "./peers.ts";
import { Problem, problemOf, sendProblem } from "./problem.ts";
import { protection } from "./security-headers.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Who asks; null at a route that is anybody's. */
    who: Who | null;
  }
}

type Fields = Readonly<Record<string, unknown>>;

export interface GuardParts {
  readonly isInsideHomeAssistant: boolean;
  readonly access: (caller: Caller) => Who;
  /** Of a user of Home Assistant; null = Home Assistant has not said yet who is one. */
  readonly isAdministrator: (userId: string) => Promise<boolean | null>;
  readonly requests: RequestCounts;
  readonly log: { debug(message: string, fields?: Fields): void; error(message: string, fields?: Fields): void };
}

/** What every request passes before its route and after it. */
export function guard(server: FastifyInstance, parts: GuardParts): void {
  const { access, isAdministrator, isInsideHomeAssistant, log, requests } = parts;
  async function withRank(who: Who): Promise<Who> {
    if (who.kind !== "home assistant" || who.userId === null) return who;
    const isOne = await isAdministrator(who.userId);
    return isOne === null ? { ...who, isRankKnown: false } : isOne ? { ...who, scope: "admin" } : who;
  }
  const methodsAt = noteMethods(server);
  server.decorateRequest("who", null);
  takeJsonAlone(server);
  server.addHook("onRequest", async (request, reply) => {
    protect(request, reply);
    if (request.headers.host === undefined && request.raw.httpVersion === "1.1") {
      reply.header("connection", "close");
      throw new Problem(400, "no host", "This request does not say whom it asks. Send the header Host, as HTTP/1.1 wants it.");
    }
    const caller = callerOf(request.socket.remoteAddress, request.headers);
    const isOpen = isAnybodys(request.routeOptions.url);
    if (!isOpen || isInsideHomeAssistant) request.who = await withRank(access(caller));
    if (!isOpen) refuseForeignPages(caller, isInsideHomeAssistant && isSupervisor(caller.address));
    // Before a body is looked at, which might be refused for what it is.
    if (request.is404) throw nothingFor(request.method, pathOf(request), methodsAt(pathOf(request)));
    // A form of another page can send anything but this type.
    const { method } = request;
    if ((method === "POST" || method === "PUT") && !/^application\/json\b/i.test(request.headers["content-type"] ?? "")) {
      throw new Problem(415, "not json", "Writes are sent with the header Content-Type: application/json, also where they have no body.");
    }
  });
  server.addHook("onResponse", async (request, reply) => {
    const route = `${request.method} ${request.routeOptions.url ?? "(none)"}`;
    requests.count(route, reply.statusCode, reply.elapsedTime / 1000);
    log.debug("answered a request", { requestId: request.id, method: request.method, path: pathOf(request), status: reply.statusCode });
  });
  server.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error);
    if (problem.status === 500) {
      log.error("a request failed", {
        requestId: request.id,
        path: pathOf(request),
        error: reasonOf(error),
      });
    }
    return sendProblem(reply, problem);
  });
}

/**
 * What strangers may have outside Home Assistant: whether the app lives, and the page's files, which hold nothing of the home. Asked by the route
 * that answers, never by the address as it was written, which can be written in many ways. All else asks who is there, also where nothing is.
 */
function isAnybodys(route: string | undefined): boolean {
  return route === "/healthz" || route === "/" || route?.startsWith("/assets/") === true;
}

export function callerOf(address: string | undefined, headers: Caller["headers"]): Caller {
  return { address, headers };
}

export function protect(request: FastifyRequest, reply: FastifyReply): void {
  reply.headers(protection(request.id));
}

/** A body is JSON; none at all is an empty one. Keys that would reach into JavaScript's own objects are refused. */
function takeJsonAlone(server: FastifyInstance): void {
  const parse = server.getDefaultJsonParser("error", "error");
  server.removeAllContentTypeParsers();
  server.addContentTypeParser("application/json", { parseAs: "string" }, (request, body, done) => {
    if (body === "") done(null, {});
    else void parse(request, body as string, done);
  });
}

function nothingFor(method: string, path: string, methods: readonly string[]): Problem {
  if (methods.length === 0) {
    const detail = `There is nothing at ${method} ${path}. The page is at /, all that can be asked at /api/v1/openapi.json.`;
    return new Problem(404, "not found", detail);
  }
  const allow = methods.join(", ");
  const detail = `${path} does not take ${method}. Ask with ${allow}; /api/v1/openapi.json says what each does.`;
  return new Problem(405, "wrong method", detail, { headers: { allow } });
}

/** Without the query, which may carry what does not belong into a log, and without the host that a proxy's client writes before it. */
function pathOf(request: FastifyRequest): string {
  return request.url
    .replace(/^https?:\/\/[^/?]*/i, "")
    .split("?", 1)[0]!
    .slice(0, 200);
}
