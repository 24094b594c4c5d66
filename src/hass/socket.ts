import type { HaWebSocket } from "home-assistant-js-websocket";
import type WebSocket from "ws";
import { causeOf, type HomeError, homeError, messageOf } from "./failure.ts";
import type { Authenticated } from "./handshake.ts";

/** An authenticated socket in the shape that the library uses, kept from taking the process down. */
export interface Socket {
  readonly library: HaWebSocket;
  /** Frames received so far: the sign of life. */
  frames(): number;
  /** Why it is ending, or null while it lives. */
  failure(): HomeError | null;
  /** Resolves with the reason when it is closed, after the library has been told. */
  readonly closed: Promise<HomeError>;
  /** Ends it at once for this reason (the first reason stays). */
  end(failure: HomeError): void;
}

type MessageListener = (event: { readonly data: string }) => void;

/**
 * The library parses each frame itself and would throw out of ws's receiver, which ends the process. Here a frame that cannot be handled
 * ends the connection instead: what it held is lost, so the reconnect has to fetch it.
 */
export function guardSocket({ raw, haVersion }: Authenticated, url: string): Socket {
  const messageListeners = new Set<MessageListener>();
  const closeListeners = new Set<() => void>();
  let frames = 0;
  let failure: HomeError | null = null;

  function end(reason: HomeError): void {
    failure ??= reason;
    raw.terminate();
  }
  raw.on("error", (error) => {
    failure ??= homeError(causeOf(error), url, messageOf(error), error);
  });
  raw.on("message", (data: WebSocket.RawData) => {
    if (failure) return;
    frames += 1;
    try {
      const event = { data: String(data) };
      for (const listener of messageListeners) listener(event);
    } catch (error) {
      end(homeError("bad frame", url, messageOf(error), error));
    }
  });
  const closed = new Promise<HomeError>((resolve) => {
    raw.on("close", (code) => {
      failure ??= homeError("closed", url, `code ${code}`);
      for (const listener of closeListeners) listener();
      resolve(failure);
    });
  });

  const members = {
    haVersion,
    OPEN: raw.OPEN,
    get readyState() {
      return raw.readyState;
    },
    send: (text: string) => raw.send(text),
    close: () => raw.close(1000),
    addEventListener(type: "message" | "close", listener: MessageListener & (() => void)) {
      if (type === "message") messageListeners.add(listener);
      else closeListeners.add(listener);
    },
    removeEventListener(type: "message" | "close", listener: MessageListener & (() => void)) {
      if (type === "message") messageListeners.delete(listener);
      else closeListeners.delete(listener);
    },
  };
  // The library's type is the whole browser interface; these are the members it uses.
  return { library: members as unknown as HaWebSocket, frames: () => frames, failure: () => failure, closed, end };
}
