import { setTimeout as pause } from "node:timers/promises";
import type { Clock } from "../core/clock.ts";
import { growingPauseMs } from "../core/pauses.ts";
import { reasonOf } from "../core/reason.ts";
import type { Broker } from "./broker.ts";
import type { BrokerConnection, Greeting, Message } from "./client.ts";

export interface LinkOptions extends Greeting {
  readonly clock: Clock;
  /** Asked anew before each try: a broker that was installed again has another password. @throws BrokerFault */
  readonly find: () => Promise<Broker>;
  /** At each connection. One that fails ends it, and all is tried again. */
  readonly onUp: () => Promise<void>;
  readonly onDown: (words: string) => void;
  readonly random?: () => number;
}

/** The way to a broker, kept open for as long as it is wanted. */
export interface Link {
  start(): void;
  /** False = there is no connection at the moment, or it broke; all is published anew at the next one. */
  publish(message: Message): Promise<boolean>;
  /** Publishes these last and ends. Takes a second at most, whatever the broker does. */
  stop(last: readonly Message[]): Promise<void>;
}

const PAUSES = { firstMs: 1000, longestMs: 60_000 };
/** A connection that lasted this long was a good one. */
const STEADY_MS = 60_000;
const FAREWELL_MS = 1000;

export function createLink(options: LinkOptions): Link {
  const { clock, find, onUp, onDown, random = Math.random } = options;
  const stopping = new AbortController();
  let connection: BrokerConnection | null = null;
  let running: Promise<void> | null = null;

  async function run(): Promise<void> {
    for (let attempt = 1; !stopping.signal.aborted; attempt += 1) {
      const beganMs = clock.nowMs();
      const words = await live();
      connection = null;
      if (stopping.signal.aborted) return;
      onDown(words);
      if (clock.nowMs() - beganMs >= STEADY_MS) attempt = 1;
      const nextMs = clock.nowMs() + growingPauseMs(attempt, PAUSES, random());
      await clock.sleepUntil(nextMs, stopping.signal).catch(() => undefined); // rejects only when we stop
    }
  }

  /** One connection from the search for the broker to its end. */
  async function live(): Promise<string> {
    let opened: BrokerConnection | null = null;
    try {
      const broker = await find();
      // The package is loaded only where it is used: it costs some megabytes.
      const { openBroker } = await import("./client.ts");
      stopping.signal.throwIfAborted();
      opened = await openBroker(broker, options);
      stopping.signal.throwIfAborted();
      connection = opened;
      await Promise.race([onUp(), opened.ended]);
      return await opened.ended;
    } catch (error) {
      await opened?.end(true).catch(() => undefined);
      return reasonOf(error);
    }
  }

  return {
    start() {
      running ??= run();
    },
    async publish(message) {
      if (connection === null) return false;
      try {
        await connection.publish(message);
        return true;
      } catch {
        // The connection has ended, which the link says and mends.
        return false;
      }
    },
    async stop(last) {
      const open = connection;
      stopping.abort();
      if (open !== null) {
        // A goodbye in good order: the broker says no will behind it.
        const farewell = Promise.all(last.map((message) => open.publish(message))).then(() => open.end(false));
        await Promise.race([farewell.catch(() => undefined), pause(FAREWELL_MS, undefined, { ref: false })]);
        await open.end(true);
      }
      // A broker that answers nothing would hold up the stop.
      await Promise.race([running, pause(FAREWELL_MS, undefined, { ref: false })]);
    },
  };
}
