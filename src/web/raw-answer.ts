import { randomUUID } from "node:crypto";
import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { reasonOf } from "../core/reason.ts";
import { Problem, problemBody, problemHeaders, problemOf } from "./problem.ts";
import { protection } from "./security-headers.ts";
import { STATUS_WORDS } from "./status-words.ts";

type Fields = Readonly<Record<string, unknown>>;

export interface RefusalLog {
  debug(message: string, fields?: Fields): void;
  error(message: string, fields?: Fields): void;
}

/** So long a client may go on sending what is no longer read: one that is cut off at once may never see its answer. */
const LINGER_MS = 1000;

/** What came over a connection and is no request, by Node's error. */
export function unreadable({ code, message }: Error & { readonly code?: string }): Problem {
  switch (code) {
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return new Problem(408, "too slow", "This request did not come whole in time. Send it again, all at once.");
    case "HPE_HEADER_OVERFLOW":
      return new Problem(
        431,
        "headers too large",
        "The address and headers of this request are too large. Send less than 16 kB of them, cookies included.",
      );
    case "HPE_CHUNK_EXTENSIONS_OVERFLOW":
      return new Problem(413, "too large", "The chunks of this body carry too many notes. Send it without.");
    default:
      return new Problem(400, "bad request", `This cannot be read as a request: ${message}. Send HTTP/1.1, unencrypted.`);
  }
}

/** Nothing is written into an answer that has begun, nor to a client that has gone. Where an answer is under way, Node keeps it under this name. */
function mayAnswer(socket: Duplex & { readonly _httpMessage?: ServerResponse | null }): boolean {
  return socket.writable && socket._httpMessage?.headersSent !== true;
}

/** Refuses what never becomes a request of the server's (a websocket, what cannot be read), with all that its answers have, and hangs up. */
export function createRefusals(log: RefusalLog): (socket: Duplex, error: unknown) => void {
  return (socket, error) => {
    // What still comes behind the refused is no news.
    if (socket.writableEnded) return;
    if (!mayAnswer(socket)) {
      socket.destroy();
      return;
    }
    const problem = problemOf(error);
    const requestId = randomUUID();
    if (problem.status === 500) log.error("a request failed", { requestId, error: reasonOf(error) });
    else log.debug("answered a request", { requestId, status: problem.status });
    const body = JSON.stringify(problemBody(problem, requestId));
    const headers = {
      ...protection(requestId),
      ...problemHeaders(problem),
      "content-length": Buffer.byteLength(body),
      connection: "close",
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(`HTTP/1.1 ${problem.status} ${STATUS_WORDS[problem.status]}\r\n${lines.join("")}\r\n${body}`);
    setTimeout(() => socket.destroy(), LINGER_MS).unref();
  };
}
