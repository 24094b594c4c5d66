import { createConnection, type MessageBase } from "home-assistant-js-websocket";
import type { Clock } from "../core/clock.ts";
import { HomeError, homeError, messageOf } from "./failure.ts";
import { type Address, authenticate } from "./handshake.ts";
import { guardSocket, type Socket } from "./socket.ts";

export interface SessionOptions extends Address {
  readonly clock: Clock;
  readonly pingEveryMs: number;
  readonly pongTimeoutMs: number;
  readonly commandTimeoutMs: number;
}

/** One connection from its first answer to its end. Nothing of it survives: subscriptions are made again by the next one. */
export interface Session {
  readonly haVersion: string;
  /** Frames received so far. */
  frames(): number;
  /** @throws HomeError "command refused", "no answer", or why the connection ended */
  command(message: MessageBase, timeoutMs?: number): Promise<unknown>;
  subscribe(message: MessageBase, onEvent: (event: unknown) => void): Promise<void>;
  /** Subscribes, and ends the subscription with its first event. */
  first(message: MessageBase): Promise<unknown>;
  /** Resolves with the reason when the connection is gone. */
  readonly ended: Promise<HomeError>;
}

/** Opens a connection; resolves when Home Assistant has answered a first command. The signal ends it at any time, with a goodbye. */
export async function openSession(options: SessionOptions, signal: AbortSignal): Promise<Session> {
  const { url, clock, commandTimeoutMs } = options;
  const held: { socket?: Socket } = {};
  const connection = await createConnection({
    setupRetry: 0,
    async createSocket() {
      held.socket = guardSocket(await authenticate(options, signal), url);
      return held.socket.library;
    },
  });
  const socket = held.socket!;
  const goodbye = (): void => connection.close();
  signal.addEventListener("abort", goodbye, { once: true });
  const waiting = new Set<(failure: HomeError) => void>();
  const ended = socket.closed.then((failure) => {
    signal.removeEventListener("abort", goodbye);
    connection.close(); // keeps the library from reconnecting by itself: one place decides when to try again
    stopPing();
    for (const fail of waiting) fail(failure);
    return failure;
  });
  const stopPing = clock.timer(options.pingEveryMs, () => void ping());
  const session: Session = {
    haVersion: connection.haVersion,
    frames: socket.frames,
    command: (message, timeoutMs = commandTimeoutMs) => answer(connection.sendMessagePromise(message), message.type, timeoutMs),
    // resubscribe off: the library leaves a refused resubscription unhandled, which ends the process.
    subscribe: async (message, onEvent) => {
      await answer(connection.subscribeMessage(onEvent, message, { resubscribe: false }), message.type, commandTimeoutMs);
    },
    first(message) {
      const told = Promise.withResolvers<unknown>();
      const subscribed = connection.subscribeMessage(told.resolve, message, { resubscribe: false });
      subscribed.catch(told.reject);
      const end = (): Promise<unknown> => subscribed.then((unsubscribe) => unsubscribe()).catch(() => undefined);
      return answer(told.promise, message.type, commandTimeoutMs).finally(() => void end());
    },
    ended,
  };

  /** The library neither times out nor settles a subscription that was under way when the connection ended. */
  function answer(answered: Promise<unknown>, type: string, timeoutMs: number): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const fail = (failure: HomeError): void => {
        waiting.delete(fail);
        clearTimeout(timer);
        reject(failure);
      };
      const timer = setTimeout(() => fail(homeError("no answer", url, `${type} took over ${timeoutMs / 1000} s`)), timeoutMs);
      waiting.add(fail);
      answered.then(
        (result) => {
          waiting.delete(fail);
          clearTimeout(timer);
          resolve(result);
        },
        (error: unknown) => fail(socket.failure() ?? refusal(error, type)),
      );
    });
  }
  /** Home Assistant refuses with `{code, message}`; anything else is the library's way to say that the socket is gone. */
  function refusal(error: unknown, type: string): HomeError {
    const isRefusal = typeof error === "object" && error !== null && "code" in error && typeof error.code === "string";
    if (!isRefusal) return homeError("closed", url, `while it was asked for ${type}`, error);
    const reason = "message" in error ? String(error.message).replace(/\.$/, "") : error.code;
    return homeError("command refused", url, `${type}: ${reason}`, error);
  }
  async function ping(): Promise<void> {
    const before = socket.frames();
    try {
      await session.command({ type: "ping" }, options.pongTimeoutMs);
    } catch (error) {
      // A closing socket refuses at once and says itself why it closes. Behind a flood of events the answer may be late; frames that keep coming are life enough.
      const isUnanswered = error instanceof HomeError && error.reason === "no answer";
      if (isUnanswered && socket.frames() === before) socket.end(homeError("silent", url));
    }
  }

  try {
    if (signal.aborted) throw homeError("stopped", url);
    await session.command({ type: "get_config" });
    return session;
  } catch (error) {
    socket.end(error instanceof HomeError ? error : homeError("closed", url, messageOf(error)));
    throw error;
  }
}
