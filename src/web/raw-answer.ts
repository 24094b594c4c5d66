import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { problemBody, problemHeaders, problemOf } from "./problem.ts";
import { protection } from "./security-headers.ts";

type Fields = Readonly<Record<string, unknown>>;

export interface RefusalLog {
  debug(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

/** So long a client may go on sending what is no longer read: one that is cut off at once may never see its answer. */
const LINGER_MS = 1000;

/** Refuses what never becomes a request of the server's (a websocket, what cannot be read), with all that its answers have, and hangs up. */
export function createRefusals(log: RefusalLog): (socket: Duplex, error: unknown) => void {
  return (socket, error) => {
    const problem = problemOf(error);
    const requestId = randomUUID();
    if (problem.status === 500) log.error("a request failed", { requestId, error: error instanceof Error ? error.message : String(error) });
    else log.debug("answered a request", { requestId, status: problem.status });
    const body = JSON.stringify(problemBody(problem, requestId));
    const headers = {
      ...protection(requestId),
      ...problemHeaders(problem),
      "content-length": Buffer.byteLength(body),
      connection: "close",
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${lines.join("")}\r\n${body}`);
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  };
}
