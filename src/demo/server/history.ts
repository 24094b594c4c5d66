import type { Attributes } from "../home/entities.ts";
import { type Recorder, recordedSeconds, type Series } from "./recorder.ts";

export interface HistoryQuery {
  readonly startSeconds: number;
  /** Null: up to now. */
  readonly endSeconds: number | null;
  readonly entityIds: readonly string[];
  readonly includeStartTimeState: boolean;
  readonly significantChangesOnly: boolean;
  readonly minimalResponse: boolean;
  readonly noAttributes: boolean;
  /** Rows of this instant and later are not committed yet and cannot be found. */
  readonly committedUs: number;
}

/** One state in Home Assistant's compressed form: state, attributes, last_updated and, where it differs, last_changed, in seconds. */
export interface CompressedState {
  /** Null: the entity was removed at that instant. */
  readonly s: string | null;
  readonly a?: Attributes;
  readonly lu: number;
  readonly lc?: number;
}

/** Domains whose changes of attributes alone count as significant, and those that answer in full even when little is asked for. */
const SIGNIFICANT_DOMAINS = new Set(["climate", "device_tracker", "humidifier", "thermostat", "water_heater"]);
const FULL_ANSWER_DOMAINS = new Set(["climate", "humidifier", "input_datetime", "thermostat", "water_heater"]);

/** `history/history_during_period`: rows with start < last_updated < end by entity; entities without rows are left out. */
export function readHistory(
  recorder: Recorder,
  query: HistoryQuery,
  unrecorded: (entityId: string) => readonly string[],
): Record<string, CompressedState[]> {
  const answer: Record<string, CompressedState[]> = {};
  const oldest = recorder.oldestSeconds();
  if (oldest === null || (query.endSeconds !== null && query.endSeconds < oldest)) return answer;
  for (const entityId of query.entityIds) {
    const series = recorder.series(entityId);
    if (!series) continue;
    const rows = readSeries(series, query, oldest, unrecorded(entityId));
    if (rows.length > 0) answer[entityId] = rows;
  }
  return answer;
}

function readSeries(series: Series, query: HistoryQuery, oldest: number, hidden: readonly string[]): CompressedState[] {
  const domain = series.entityId.slice(0, series.entityId.indexOf("."));
  const full = !query.minimalResponse || FULL_ANSWER_DOMAINS.has(domain);
  const everyRow = !query.significantChangesOnly || SIGNIFICANT_DOMAINS.has(domain);
  const recorded = recordedAttributes(hidden);
  const rows: CompressedState[] = [];
  const add = (i: number, lu: number, isStart: boolean): void => {
    const state = series.states[i] ?? null;
    if (!full && rows.length > 0) {
      if (state !== rows.at(-1)!.s) rows.push({ s: state, lu });
      return;
    }
    const changedUs = series.changedUs[i]!;
    const withAttributes = full || !query.noAttributes;
    rows.push({
      s: state,
      ...(withAttributes && { a: query.noAttributes ? {} : recorded(series.attributes[i]!) }),
      lu,
      // A significant answer does not read last_changed at all.
      ...(!isStart && !query.significantChangesOnly && changedUs !== series.updatedUs[i] && { lc: changedUs / 1e6 }),
    });
  };

  const first = firstAfter(series.updatedUs, query.startSeconds);
  if (query.includeStartTimeState && oldest < query.startSeconds) {
    const before = lastBefore(series, first, query);
    if (before >= 0) add(before, query.startSeconds, true);
  }
  for (let i = first; i < series.updatedUs.length; i += 1) {
    const updatedUs = series.updatedUs[i]!;
    const lu = recordedSeconds(updatedUs);
    if ((query.endSeconds !== null && lu >= query.endSeconds) || updatedUs >= query.committedUs) break;
    if (everyRow || series.changedUs[i] === updatedUs) add(i, lu, false);
  }
  return rows;
}

/** The row that held at the start: the newest strictly before it. */
function lastBefore(series: Series, firstAfterStart: number, query: HistoryQuery): number {
  let i = firstAfterStart - 1;
  while (i >= 0 && (series.updatedUs[i]! >= query.committedUs || recordedSeconds(series.updatedUs[i]!) >= query.startSeconds)) i -= 1;
  return i;
}

/** Index of the first row strictly after that instant. */
function firstAfter(updatedUs: readonly number[], seconds: number): number {
  let low = 0;
  let high = updatedUs.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (recordedSeconds(updatedUs[middle]!) > seconds) high = middle;
    else low = middle + 1;
  }
  return low;
}

const stripped = new WeakMap<Attributes, Attributes>();

function recordedAttributes(hidden: readonly string[]): (attributes: Attributes) => Attributes {
  if (hidden.length === 0) return (attributes) => attributes;
  return (attributes) => {
    let kept = stripped.get(attributes);
    if (!kept) {
      kept = Object.fromEntries(Object.entries(attributes).filter(([name]) => !hidden.includes(name)));
      stripped.set(attributes, kept);
    }
    return kept;
  };
}
