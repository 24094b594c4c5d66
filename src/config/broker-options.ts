import { z } from "zod";

/** The form's empty fields are not set. A password of digits alone is one, too. */
function field(shape: z.ZodType<string>) {
  return z.preprocess(
    (value) => (value === "" || value === null ? undefined : typeof value === "number" ? String(value) : value),
    shape.optional(),
  );
}

const TOPIC = "must be one short word of lower-case letters, digits and _";

/** What is found, as entities of Home Assistant over an MQTT broker: the one that Home Assistant offers to its apps, or the one named here. */
export const mqttSchema = z.strictObject({
  enabled: z.boolean().default(false),
  host: field(
    z.string().regex(/^[A-Za-z0-9_.:-]+$/, "must be a host name or address like core-mosquitto, with nothing before or behind it"),
  ),
  port: z.number().int().min(1).max(65_535).optional(),
  username: field(z.string()),
  password: field(z.string()),
  tls: z.boolean().default(false),
  discovery_prefix: z
    .string()
    .regex(/^[a-z0-9_]{1,40}$/, TOPIC)
    .default("homeassistant"),
  topic: z
    .string()
    .regex(/^[a-z0-9_]{1,40}$/, TOPIC)
    .default("ml_data_layer"),
});

/** Where the MQTT broker is found. */
export type BrokerSource =
  | {
      readonly kind: "named";
      readonly broker: {
        readonly host: string;
        readonly port: number;
        readonly isEncrypted: boolean;
        readonly username: string | null;
        readonly password: string | null;
      };
    }
  | { readonly kind: "supervisor"; readonly address: string; readonly token: string };

/** Null = none is known. */
export function brokerFrom(
  { host, port, username, password, tls }: z.infer<typeof mqttSchema>,
  token: string | undefined,
): BrokerSource | null {
  if (host === undefined) return token ? { kind: "supervisor", address: "http://supervisor", token } : null;
  return {
    kind: "named",
    broker: {
      host,
      port: port ?? (tls ? 8883 : 1883),
      isEncrypted: tls,
      username: username ?? null,
      password: password ?? null,
    },
  };
}
