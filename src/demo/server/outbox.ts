import type { WebSocket } from "ws";

/** Home Assistant ends the connection of a client with that many messages waiting. */
const MAX_PENDING = 4096;
/** Beyond this many unsent bytes the socket takes no more for now. */
const HIGH_WATER_BYTES = 1 << 20;
const RETRY_MS = 10;

/** Messages to one client: what is said within one turn goes out together, as one array when the client understands that. */
export interface Outbox {
  send(json: string): void;
  coalesce(): void;
  /** Ends the connection with code 1000; what waits is lost. */
  discard(): void;
  /** Sends nothing more, without ending anything. */
  mute(): void;
}

export function createOutbox(socket: WebSocket): Outbox {
  let waiting: string[] = [];
  let coalescing = false;
  let scheduled = false;
  let closed = false;

  function flush(): void {
    scheduled = false;
    if (closed || waiting.length === 0) return;
    if (socket.bufferedAmount > HIGH_WATER_BYTES) {
      scheduled = true;
      setTimeout(flush, RETRY_MS);
      return;
    }
    const messages = waiting;
    waiting = [];
    if (coalescing && messages.length > 1) socket.send(`[${messages.join(",")}]`);
    else for (const message of messages) socket.send(message);
  }
  function discard(): void {
    closed = true;
    waiting = [];
    socket.close(1000);
  }
  return {
    send(json) {
      if (closed) return;
      waiting.push(json);
      if (waiting.length >= MAX_PENDING) return discard();
      if (scheduled) return;
      scheduled = true;
      setImmediate(flush);
    },
    coalesce() {
      coalescing = true;
    },
    discard,
    mute() {
      closed = true;
    },
  };
}
