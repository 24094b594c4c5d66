import { afterAll, beforeAll } from "vitest";
import { openAuthenticated, type RawClient } from "./raw-client.ts";
import type { Target } from "./suite.ts";

export interface Connected {
  readonly target: () => Target;
  readonly client: () => RawClient;
}

/** One target and one authenticated client for all tests of a block. */
export function withClient(connect: () => Promise<Target>, coalesce = false): Connected {
  let target: Target;
  let client: RawClient;
  beforeAll(async () => {
    target = await connect();
    client = await openAuthenticated(target.url, target.token, coalesce);
  });
  afterAll(async () => {
    client?.end();
    await target?.stop();
  });
  return { target: () => target, client: () => client };
}

export const SLEEP_START = "input_datetime.sleep_start";
export const SLEEP_END = "input_datetime.sleep_end";
export const ASLEEP = "input_boolean.asleep";

/** Sets one or more date-time helpers; the action's data as the documentation has it. */
export function setDatetime(
  client: RawClient,
  entityId: string | readonly string[],
  data: Readonly<Record<string, unknown>>,
): Promise<unknown> {
  return client.result({
    type: "call_service",
    domain: "input_datetime",
    service: "set_datetime",
    target: { entity_id: entityId },
    service_data: data,
  });
}

/** Microseconds of an instant as Home Assistant writes it. */
export function microsOf(instant: string): number {
  const [seconds = "", fraction = ""] = instant.replace("+00:00", "").split(".");
  return Date.parse(`${seconds}Z`) * 1000 + Number(fraction.padEnd(6, "0") || 0);
}

/**
 * Microseconds of a float of seconds as Python's `datetime.fromtimestamp` has them: the fraction is rounded alone, ties to the even one. Times a million
 * as a whole the float would be another microsecond for every eighth row.
 */
export function microsOfSeconds(seconds: number): number {
  const whole = Math.floor(seconds);
  const fraction = (seconds - whole) * 1e6;
  const micros = Math.round(fraction);
  return whole * 1e6 + (micros - fraction === 0.5 && micros % 2 === 1 ? micros - 1 : micros);
}

export function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });
}
