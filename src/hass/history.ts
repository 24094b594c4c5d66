import type { MessageBase } from "home-assistant-js-websocket";
import { type Attributes, attributeText } from "../core/events/attribute.ts";
import { attributeId } from "../core/events/entity.ts";
import type { StateEvent } from "../core/events/event.ts";
import { secondsToUs, usToIso } from "./instants.ts";

/** A part of the recorder's past: [fromMs, toMs) of some entities. */
export interface HistoryRequest {
  readonly entityIds: readonly string[];
  readonly fromMs: number;
  readonly toMs: number;
  /** Also the state that held at `fromMs`, as a row of source `anchor` with `updatedUs` = `fromMs`. */
  readonly withStartState: boolean;
  /** Attributes wanted as entities of their own, by entity. */
  readonly attributes?: ReadonlyMap<string, readonly string[]>;
}

export interface HistoryPage {
  /**
   * In time order within an entity; rows whose attributes alone changed are left out. Of a wanted attribute there is an event (entity
   * `climate.x#temperature`) where its value differs from the row before, or where no row is before.
   */
  readonly events: readonly StateEvent[];
  /** Rows that Home Assistant sent, the ones left out included: what the request cost. */
  readonly rows: number;
  readonly malformed: number;
  /** Wanted attributes that any row had a value of: others are left out by the recorder, or were not there. */
  readonly valued: readonly string[];
}

/** Both bounds of Home Assistant's history are exclusive; one µs before `fromMs` keeps an event at exactly `fromMs`. */
const EXCLUSIVE_US = 1;

export function historyMessage(request: HistoryRequest): MessageBase {
  return {
    type: "history/history_during_period",
    start_time: usToIso(request.fromMs * 1000 - EXCLUSIVE_US),
    end_time: usToIso(request.toMs * 1000),
    entity_ids: [...request.entityIds],
    include_start_time_state: asksForStart(request),
    significant_changes_only: false,
    minimal_response: false,
    no_attributes: request.attributes === undefined,
  };
}

/** Whether an attribute changed with the first row only the row before can say. */
function asksForStart(request: HistoryRequest): boolean {
  return request.withStartState || request.attributes !== undefined;
}

/** Reads the answer: rows `{s, lu, lc?}` by entity. `lc` is there only where the state did not change with the row. */
export function parseHistory(answer: unknown, request: HistoryRequest): HistoryPage {
  const events: StateEvent[] = [];
  const counts = { rows: 0, malformed: 0 };
  const valued: string[] = [];
  if (typeof answer !== "object" || answer === null) return { events, rows: 0, malformed: 1, valued };
  // The start state carries the instant asked for, as a float of the very same value; a row is always later.
  const startSeconds = asksForStart(request) ? (request.fromMs * 1000 - EXCLUSIVE_US) / 1e6 : Number.NaN;
  const fromUs = request.fromMs * 1000;
  for (const [entityId, rows] of Object.entries(answer)) {
    if (!Array.isArray(rows)) {
      counts.malformed += 1;
      continue;
    }
    counts.rows += rows.length;
    let anchor: string | null = null;
    let hasRowAtStart = false;
    const attributes = (request.attributes?.get(entityId) ?? []).map((name) => attributeReader(entityId, name, request));
    for (const row of rows as readonly unknown[]) {
      const read = readRow(row);
      if (!read) {
        counts.malformed += 1;
        continue;
      }
      if (read.seconds === startSeconds) {
        anchor = request.withStartState ? read.state : null;
        for (const attribute of attributes) attribute.start(read.attributes);
        continue;
      }
      const updatedUs = secondsToUs(read.seconds);
      for (const attribute of attributes) attribute.row(read.attributes, updatedUs);
      if (read.isChange) {
        hasRowAtStart ||= updatedUs === fromUs;
        events.push({ entityId, state: read.state, updatedUs, knownAtMs: null, source: "history" });
      }
    }
    if (anchor !== null && !hasRowAtStart) events.push({ entityId, state: anchor, updatedUs: fromUs, knownAtMs: null, source: "anchor" });
    for (const attribute of attributes) {
      if (!attribute.hasValue()) continue;
      valued.push(attribute.entityId);
      events.push(...attribute.events());
    }
  }
  return { events, ...counts, valued };
}

/** Follows one attribute through the rows of its entity. */
function attributeReader(of: string, name: string, request: HistoryRequest) {
  const events: StateEvent[] = [];
  const entityId = attributeId(of, name);
  const fromUs = request.fromMs * 1000;
  let anchor: string | null = null;
  let before: string | null = null;
  let hasValue = false;
  return {
    entityId,
    /** Without any, nothing can be told: not even that it had none, because the recorder may leave the attribute out. */
    hasValue: () => hasValue,
    start(attributes: Attributes): void {
      before = attributeText(attributes, name);
      hasValue ||= before !== "";
      if (request.withStartState) anchor = before;
    },
    row(attributes: Attributes, updatedUs: number): void {
      const state = attributeText(attributes, name);
      hasValue ||= state !== "";
      if (state !== before) events.push({ entityId, state, updatedUs, knownAtMs: null, source: "history" });
      before = state;
    },
    events(): readonly StateEvent[] {
      if (anchor === null || events[0]?.updatedUs === fromUs) return events;
      return [...events, { entityId, state: anchor, updatedUs: fromUs, knownAtMs: null, source: "anchor" }];
    },
  };
}

interface HistoryRow {
  readonly state: string;
  readonly seconds: number;
  readonly isChange: boolean;
  readonly attributes: Attributes;
}

function readRow(row: unknown): HistoryRow | null {
  if (typeof row !== "object" || row === null || !("s" in row) || !("lu" in row)) return null;
  const seconds = row.lu;
  // The recorder keeps a removed entity's last row without a state.
  const state = row.s === null ? "" : row.s;
  if (typeof state !== "string" || typeof seconds !== "number" || !Number.isFinite(seconds)) return null;
  const changed = "lc" in row ? row.lc : undefined;
  const attributes = "a" in row && typeof row.a === "object" && row.a !== null ? (row.a as Attributes) : {};
  return { state, seconds, isChange: typeof changed !== "number" || secondsToUs(changed) === secondsToUs(seconds), attributes };
}
