import { connect } from "mqtt";
import { type Broker, BrokerFault } from "./broker.ts";

/** A message for the broker; one that is retained it gives to everybody who asks later. */
export interface Message {
  readonly topic: string;
  readonly payload: string;
  readonly isRetained: boolean;
}

/** One connection to a broker, from its greeting to its end. */
export interface BrokerConnection {
  /** Resolves when the broker has taken it. */
  publish(message: Message): Promise<void>;
  /** Why it ended. */
  readonly ended: Promise<string>;
  /** Ends it; by `isSudden`, as a cut cable would. */
  end(isSudden: boolean): Promise<void>;
}

export interface Greeting {
  /** The same at each connection: the broker then ends one that is left over, with its will, before it greets the next. */
  readonly clientId: string;
  /** What the broker says for us when we are gone. */
  readonly will: Message;
  readonly topics: readonly string[];
  readonly onMessage: (topic: string, payload: string) => void;
}

const CONNECT_LIMIT_MS = 10_000;
/** One and a half of it is how long a broker waits before it says the will. */
const KEEPALIVE_SECONDS = 30;

/** @throws BrokerFault */
export async function openBroker(broker: Broker, { clientId, will, topics, onMessage }: Greeting): Promise<BrokerConnection> {
  const { host, port, isEncrypted, username, password } = broker;
  const place = `${host}:${port}`;
  const client = connect({
    protocol: isEncrypted ? "mqtts" : "mqtt",
    host,
    port,
    clientId,
    protocolVersion: 4,
    clean: true,
    keepalive: KEEPALIVE_SECONDS,
    connectTimeout: CONNECT_LIMIT_MS,
    // Tried again by whoever asked, with the broker looked up anew.
    reconnectPeriod: 0,
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    will: { topic: will.topic, payload: Buffer.from(will.payload), qos: 1, retain: will.isRetained },
  });
  let last: Error | null = null;
  client.on("error", (error) => {
    last = error;
  });
  client.on("message", (topic, payload) => onMessage(topic, payload.toString()));
  const ended = new Promise<string>((resolve) => {
    client.once("close", () => {
      // Lets go of what waits for an answer that will not come.
      client.end(true);
      resolve(`The connection to the MQTT broker at ${place} ended${last === null ? "" : `: ${reasonOf(last)}`}.`);
    });
  });
  try {
    await new Promise<void>((resolve, reject) => {
      client.once("connect", () => resolve());
      client.once("error", reject);
      client.once("close", () => reject(last ?? new Error("it closes the connection")));
    });
    if (topics.length > 0) await client.subscribeAsync([...topics], { qos: 1 });
  } catch (error) {
    client.end(true);
    throw new BrokerFault(`The MQTT broker at ${place} cannot be used: ${reasonOf(error)}.`, { cause: error });
  }
  return {
    async publish({ topic, payload, isRetained }) {
      await client.publishAsync(topic, payload, { qos: 1, retain: isRetained });
    },
    ended,
    async end(isSudden) {
      await client.endAsync(isSudden);
    },
  };
}

const REFUSALS: Readonly<Record<number, string>> = {
  2: "it refuses the client's name",
  3: "it is not available at the moment",
  4: "it refuses the user name or password",
  5: "it does not let this user in",
};

/** Node's own words for a connection that nobody takes are empty; those of several addresses stand in a list. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error ? error.code : undefined;
  if (typeof code === "number" && REFUSALS[code] !== undefined) return REFUSALS[code];
  const first: unknown = error instanceof AggregateError ? error.errors[0] : null;
  const words = error.message || (first instanceof Error ? first.message : "") || String(code ?? "unknown reason");
  return words.replace(/[.\s]+$/, "");
}
