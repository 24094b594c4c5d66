/** What a `state_changed` says by the letter of Home Assistant's protocol, read without a line of the code under test. */
export interface ValidRow {
  readonly entityId: string;
  readonly state: string;
  readonly us: bigint;
}

const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
/** Ids that Home Assistant itself would accept. */
const ENTITY_ID = /^[a-z0-9_]+\.[a-z0-9_]+$/;

export const isUsualId = (entityId: string): boolean => ENTITY_ID.test(entityId);

/** The row that this event must or may leave; null when it may leave none. */
export function validRow(event: unknown): ValidRow | null {
  const data = isObject(event) ? event["data"] : null;
  if (!isObject(event) || !isObject(data)) return null;
  const now = data["new_state"];
  if (now === null) {
    const us = microsOf(event["time_fired"]);
    return typeof data["entity_id"] === "string" && us !== null ? { entityId: data["entity_id"], state: "", us } : null;
  }
  if (!isObject(now)) return null;
  const [changed, updated] = [microsOf(now["last_changed"]), microsOf(now["last_updated"])];
  const { entity_id: entityId, state } = now;
  if (typeof entityId !== "string" || typeof state !== "string" || changed === null || changed !== updated) return null;
  return { entityId, state, us: changed };
}

/** Every event in a text that a client may read as messages. */
export function eventsIn(text: string): unknown[] {
  try {
    const parsed: unknown = JSON.parse(text);
    return (Array.isArray(parsed) ? parsed : [parsed]).map((message) => (isObject(message) ? message["event"] : null));
  } catch {
    return [];
  }
}

/** As SQLite keeps it: text is Unicode there. */
export const keyOf = ({ entityId, us, state }: ValidRow): string => `${entityId}@${us}=${state}`.toWellFormed();

function microsOf(value: unknown): bigint | null {
  if (typeof value !== "string" || !INSTANT.test(value)) return null;
  // More digits than Temporal takes are cut off, as everything below a microsecond is.
  const text = value.replace(/(\.\d{6})\d+/, "$1");
  try {
    return Temporal.Instant.from(text).epochNanoseconds / 1000n;
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
