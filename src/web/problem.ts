import type { FastifyReply } from "fastify";
import { writeTroubleOf } from "../store/write-trouble.ts";
import { STATUS_WORDS } from "./status-words.ts";

/** What is wrong with one part of a request. */
export interface Fault {
  readonly where: string;
  readonly message: string;
}

/** A request that is not answered as wanted: the detail is one paragraph that says what to do. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly faults: readonly Fault[];
  /** What tells a program the same as the detail tells a person. */
  readonly headers: Readonly<Record<string, string>>;
  constructor(
    status: number,
    code: string,
    detail: string,
    { faults = [], headers = {} }: { readonly faults?: readonly Fault[]; readonly headers?: Readonly<Record<string, string>> } = {},
  ) {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.faults = faults;
    this.headers = headers;
  }
}

/** Somebody asks too much, and is told in words and header how long to wait. */
export function tooMany(why: string, waitMs: number, andThen: string): Problem {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  const detail = `${why} Wait ${seconds} ${seconds === 1 ? "second" : "seconds"}, then ${andThen}.`;
  return new Problem(429, "too many requests", detail, { headers: { "retry-after": String(seconds) } });
}

/** The body of every answer that is not the wanted one (RFC 9457). */
export interface ProblemBody {
  readonly type: "about:blank";
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** Short and stable, for programs. */
  readonly code: string;
  readonly requestId: string;
  readonly faults?: readonly Fault[];
}

export function problemBody({ status, code, message, faults }: Problem, requestId: string): ProblemBody {
  const title = STATUS_WORDS[status] ?? "Error";
  return { type: "about:blank", title, status, detail: message, code, requestId, ...(faults.length > 0 && { faults }) };
}

export function problemHeaders({ status, code, headers }: Problem): Readonly<Record<string, string>> {
  return {
    "content-type": "application/problem+json; charset=utf-8",
    ...(status === 401 && { "www-authenticate": "Bearer" }),
    ...(code === "busy" && { "retry-after": "30" }),
    ...headers,
  };
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  // Serialised here: fastify would take this content type for text of any kind.
  return reply
    .code(problem.status)
    .headers(problemHeaders(problem))
    .send(JSON.stringify(problemBody(problem, reply.request.id)));
}

/** An error of any kind as a problem; one that is nobody's fault outside is 500 and tells nothing of its inside. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const { name, message, code, statusCode } = error as { name?: string; message?: string; code?: string; statusCode?: number };
  if (code === "not_ready") return new Problem(503, "not ready", message ?? "");
  if (code === "busy") return new Problem(503, "busy", message ?? "");
  if (code === "SQLITE_CANTOPEN") return new Problem(503, "not ready", FILE_GONE);
  const trouble = writeTroubleOf(error);
  if (trouble !== null) return new Problem(trouble.kind === "disk full" ? 507 : 503, trouble.kind, `${trouble.words} ${trouble.remedy}`);
  // Words of a wish that cannot be met, also from another thread; those of JavaScript itself begin with "Invalid".
  if (name === "RangeError" && code === undefined && message !== undefined && !/^Invalid|^Maximum/.test(message)) {
    return new Problem(422, "cannot be done", sentence(message));
  }
  if (statusCode !== undefined && statusCode < 500)
    return new Problem(statusCode, REFUSALS[statusCode] ?? "bad request", wordsOf(statusCode, message));
  return new Problem(500, "failed", "The app failed to answer. Its log says why, under this request id; the next try may work.");
}

/** Until the app has seen to it, which takes about a second. */
const FILE_GONE =
  "The database's file cannot be opened: it was removed, or this app may not read it. The app writes it anew, or restores it. Try again in a minute; if it goes on, the app's log says why.";

const REFUSALS: Readonly<Record<number, string>> = { 413: "too large", 415: "not json", 429: "too many requests", 408: "too slow" };

function wordsOf(statusCode: number, message: string | undefined): string {
  if (statusCode === 413) return "The body is too large. Send less at once.";
  if (statusCode === 415) return "The body must be JSON. Send it with the header Content-Type: application/json.";
  if (statusCode === 429) return message ?? "Too many requests. Wait a little and ask less often.";
  return `This request cannot be read${message === undefined ? "" : `: ${message.replace(/\.$/, "")}`}.`;
}

function sentence(words: string): string {
  const text = words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
