import type { Options } from "../config/options.ts";

/**
 * The options for a file that is handed to strangers: numbers and switches; lists, which name entities, by their length, however deep they stand; of
 * the broker, which has a password, whether it is used.
 */
export function plainSettings({ mqtt, ...options }: Options): Readonly<Record<string, unknown>> {
  return { ...(counted(options) as object), usesMqtt: mqtt.enabled };
}

function counted(value: unknown): unknown {
  if (Array.isArray(value)) return value.length;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, counted(part)]));
}
