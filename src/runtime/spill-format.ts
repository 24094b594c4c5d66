import { EVENT_SOURCES, type EventSource, type StateEvent } from "../core/events/event.ts";
import type { SpillEntry } from "../flow/ingest/spill.ts";

/** First line of each file of the spill; a file that begins otherwise is not read. */
export const SPILL_HEADER = '{"spill":1}';

/** One line without its end: `{"e": [[entityId, state, updatedUs, knownAtMs, source]], "s": {position: userId}}` or `{"d": [fromUs, toUs, count]}`. */
export function encodeEntry(entry: SpillEntry): string {
  if (entry.kind === "dropped") return JSON.stringify({ d: [entry.span.fromUs, entry.span.toUs, entry.span.count] });
  const { events, saidBy } = entry.batch;
  const rows = events.map(({ entityId, state, updatedUs, knownAtMs, source }) => [
    entityId,
    state,
    updatedUs,
    knownAtMs,
    EVENT_SOURCES.indexOf(source),
  ]);
  return JSON.stringify(saidBy === undefined ? { e: rows } : { e: rows, s: saidBy });
}

/** The entry of a line, or null when the line is not one: cut off, or changed by somebody. */
export function decodeEntry(line: string): SpillEntry | null {
  let read: unknown;
  try {
    read = JSON.parse(line);
  } catch {
    return null;
  }
  if (typeof read !== "object" || read === null) return null;
  if ("d" in read && isNumbers(read.d)) {
    const [fromUs, toUs, count] = read.d;
    return { kind: "dropped", span: { fromUs, toUs, count } };
  }
  if (!("e" in read && Array.isArray(read.e))) return null;
  const events: StateEvent[] = [];
  for (const row of read.e as unknown[]) {
    const event = decodeRow(row);
    if (event === null) return null;
    events.push(event);
  }
  const saidBy = "s" in read && isTexts(read.s) ? read.s : undefined;
  return { kind: "events", batch: { events, saidBy } };
}

function decodeRow(row: unknown): StateEvent | null {
  if (!Array.isArray(row) || row.length !== 5) return null;
  const [entityId, state, updatedUs, knownAtMs, code] = row as unknown[];
  const source: EventSource | undefined = EVENT_SOURCES[code as number];
  if (typeof entityId !== "string" || typeof state !== "string" || typeof updatedUs !== "number" || source === undefined) return null;
  if (knownAtMs !== null && typeof knownAtMs !== "number") return null;
  return { entityId, state, updatedUs, knownAtMs, source };
}

function isNumbers(value: unknown): value is [number, number, number] {
  return Array.isArray(value) && value.length === 3 && value.every((each) => typeof each === "number");
}

function isTexts(value: unknown): value is Record<number, string> {
  return typeof value === "object" && value !== null && Object.values(value).every((each) => typeof each === "string");
}
