import type { FastifyInstance, FastifyReply } from "fastify";
import type { z } from "zod";
import { isAllowed, tokenNeeded, type Who } from "../access.ts";
import { Problem } from "../problem.ts";
import type { Api, FileAnswer, Route } from "./route.ts";

export interface ServingParts {
  /** @throws Problem while there is no open database. */
  readonly api: () => Api;
  readonly log: { info(message: string, fields?: Readonly<Record<string, unknown>>): void };
}

/** Answers every declared route: who asks is looked at first, then each part of the request, and only then the app. */
export function serveRoutes(server: FastifyInstance, routes: readonly Route[], { api, log }: ServingParts): void {
  for (const route of routes) {
    server.route({
      method: route.method,
      url: `/api/v1${route.path}`,
      ...(route.bodyLimit && { bodyLimit: route.bodyLimit }),
      async handler(request, reply) {
        const { who } = request;
        if (who === null) throw tokenNeeded();
        mayAsk(who, route);
        const params = checked(route.params, request.params, "address");
        const query = checked(route.query, request.query, "query");
        const body = route.body === null ? null : checked(route.body, request.body, "body");
        const app = api();
        const isAboutTime = route.method !== "GET" || "zone" in route.query.shape;
        const homeZone = isAboutTime ? await app.timeZone() : "UTC";
        const answer = await route.handle({ params, query, body, who, homeZone }, app);
        if (route.method !== "GET")
          log.info("the API changed something", { requestId: request.id, route: `${route.method} ${route.path}`, by: who.name });
        return route.answer === null ? sendFile(reply, answer as FileAnswer) : reply.code(route.status ?? 200).send(answer);
      },
    });
  }
}

function mayAsk(who: Who, { scope }: Route): void {
  if (isAllowed(who, scope)) return;
  if (who.isRankKnown === false) {
    throw new Problem(
      403,
      "administrators not known",
      "Only an administrator of Home Assistant may do this, and Home Assistant has not said yet who is one. See Health for whether the app is connected, then try again.",
    );
  }
  if (who.kind === "home assistant") {
    throw new Problem(
      403,
      "administrators alone",
      "Only an administrator of Home Assistant may do this. Ask one, or try again in a minute if you were made one just now.",
    );
  }
  throw new Problem(
    403,
    "scope too small",
    `This needs a token with the scope ${scope}; yours has ${who.scope}. "token add NAME --scope ${scope}" makes one.`,
  );
}

function checked(shape: z.ZodType, value: unknown, part: string): unknown {
  const parsed = shape.safeParse(value ?? {});
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map((issue) => ({ where: [part, ...issue.path.map(String)].join("."), message: issue.message }));
  const known = part === "query" && parsed.error.issues.some(({ code }) => code === "unrecognized_keys") ? knownKeys(shape) : "";
  throw new Problem(
    400,
    "bad request",
    `The ${part} of the request cannot be used: ${faults.map((fault) => `${fault.where}: ${fault.message}`).join("; ")}.${known}`,
    { faults },
  );
}

function knownKeys(shape: z.ZodType): string {
  const keys = Object.keys((shape as z.ZodObject).shape);
  return keys.length === 0 ? " It takes none." : ` It may hold ${keys.join(", ")}.`;
}

function sendFile(reply: FastifyReply, { fileName, contentType, body }: FileAnswer): FastifyReply {
  return reply.header("content-disposition", `attachment; filename="${fileName}"`).type(contentType).send(body);
}
