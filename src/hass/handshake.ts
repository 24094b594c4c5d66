import WebSocket from "ws";
import { z } from "zod";
import { type Cause, causeOf, causeOfStatus, type HomeError, homeError, messageOf } from "./failure.ts";

export interface Address {
  /** As `websocketUrl` returns it. */
  readonly url: string;
  readonly token: string;
  /** Longest wait for the connection, and then again for the answer to the token. */
  readonly openTimeoutMs: number;
}

export interface Authenticated {
  readonly raw: WebSocket;
  readonly haVersion: string;
}

/** A home with 15,000 entities answers in frames of over 16 MiB; the Supervisor's proxy passes 64. */
const MAX_FRAME_BYTES = 64 * 1024 * 1024;

const authSchema = z.discriminatedUnion("type", [
  z.object({ type: z.literal("auth_required") }),
  z.object({ type: z.literal("auth_ok"), ha_version: z.string().default("unknown") }),
  z.object({ type: z.literal("auth_invalid"), message: z.string().default("") }),
]);

/** A server that does not end the connection after a goodbye, its own or ours, is left after this. */
const GOODBYE_MS = 1_000;

/**
 * Opens the websocket, gives the token and asks for coalesced messages (command id 1, which the library leaves free).
 * `auth_ok` is not yet "connected": the Supervisor's proxy says it before it has reached Home Assistant.
 * @throws HomeError (as rejection) with the cause
 */
export function authenticate(address: Address, signal: AbortSignal): Promise<Authenticated> {
  const { url, token, openTimeoutMs } = address;
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(homeError("stopped", url));
    // ws offers compression unless told otherwise: a third of the speed, for nothing in one's own network.
    // Its events come one a turn: a burst of large frames would otherwise hold the thread until all that was read is parsed.
    // closeTimeout is younger than ws's types, which is why the options have a name.
    const behaviour = { perMessageDeflate: false, maxPayload: MAX_FRAME_BYTES, allowSynchronousEvents: false, closeTimeout: GOODBYE_MS };
    const raw = new WebSocket(url, behaviour);
    let timer = setTimeout(() => fail("unreachable", `no answer within ${openTimeoutMs / 1000} s`), openTimeoutMs);
    // Stays for the socket's life: an error without a listener would end the process; `close` always follows it.
    raw.on("error", (error) => fail(causeOf(error), messageOf(error), error));
    raw.on("unexpected-response", (_request, response) => {
      const status = response.statusCode ?? 0;
      const location = response.headers.location;
      fail(causeOfStatus(status), location ? `it redirects to ${location}` : `HTTP status ${status}`);
    });
    raw.on("open", onOpen);
    raw.on("message", onMessage);
    raw.on("close", onClose);
    signal.addEventListener("abort", onAbort, { once: true });

    function onOpen(): void {
      clearTimeout(timer);
      timer = setTimeout(() => fail("no answer", "it never asked for the token or never judged it"), openTimeoutMs);
    }
    function onMessage(data: WebSocket.RawData): void {
      const message = authMessage(String(data));
      switch (message?.type) {
        case undefined:
          fail("not home assistant", "its first words are not Home Assistant's");
          break;
        case "auth_required":
          raw.send(JSON.stringify({ type: "auth", access_token: token }));
          break;
        case "auth_invalid":
          fail("token rejected", message.message);
          break;
        case "auth_ok":
          raw.send(JSON.stringify({ id: 1, type: "supported_features", features: { coalesce_messages: 1 } }));
          release();
          resolve({ raw, haVersion: message.ha_version });
      }
    }
    function onClose(code: number): void {
      fail("closed", `code ${code} before the token was accepted`);
    }
    function onAbort(): void {
      fail("stopped");
    }
    function fail(cause: Cause, detail = "", error?: unknown): void {
      release();
      const failure: HomeError = homeError(cause, url, detail, error);
      reject(failure);
      raw.terminate();
    }
    function release(): void {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      raw.off("open", onOpen);
      raw.off("message", onMessage);
      raw.off("close", onClose);
    }
  });
}

function authMessage(text: string): z.infer<typeof authSchema> | null {
  try {
    const parsed = authSchema.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}
