import { z } from "zod";
import { reasonOf } from "../core/reason.ts";

/** Where an MQTT broker listens, and as whom it is greeted. */
export interface Broker {
  readonly host: string;
  readonly port: number;
  readonly isEncrypted: boolean;
  readonly username: string | null;
  readonly password: string | null;
}

/** No broker can be used; the message says why and what to do, and holds no password. */
export class BrokerFault extends Error {
  readonly code = "no_broker";
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "BrokerFault";
  }
}

const TIMEOUT_MS = 10_000;

const text = z.string().min(1).nullable().catch(null);
const answerSchema = z.object({
  data: z.object({
    host: z.string().min(1),
    port: z.coerce.number().int().min(1).max(65_535),
    ssl: z.boolean().catch(false),
    username: text,
    password: text,
  }),
});

/** The broker that an app of Home Assistant's offers to the others. @throws BrokerFault */
export async function brokerOfSupervisor(address: string, token: string): Promise<Broker> {
  const url = new URL("/services/mqtt", address);
  let response: Response;
  try {
    response = await fetch(url, { headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(TIMEOUT_MS) });
  } catch (error) {
    throw new BrokerFault(`The Supervisor does not say where the MQTT broker is: ${reasonOf(error)}.`, {
      cause: error,
    });
  }
  const found = answerSchema.safeParse(await response.json().catch(() => null));
  if (response.ok && found.success) {
    const { host, port, ssl, username, password } = found.data.data;
    return { host, port, isEncrypted: ssl, username, password };
  }
  throw new BrokerFault(
    "Home Assistant offers no MQTT broker to its apps. Install and start the app Mosquitto broker, or name a broker of your own in the option mqtt.host.",
  );
}
