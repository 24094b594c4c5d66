import { isUnknownState } from "../events/event.ts";

export type ValueKind = "binary" | "numeric";

/** What a state says of its entity. `keep` = on the way from one state to another: the state before still holds. */
export const KEEP = Number.POSITIVE_INFINITY;

const ON = new Set(["on", "open", "home", "playing", "unlocked", "buffering", "detected", "true", "1", "cleaning"]);
const OFF = new Set(["off", "closed", "not_home", "paused", "idle", "standby", "locked", "clear", "false", "0", "docked"]);
const BETWEEN = new Set(["opening", "closing", "locking", "unlocking", "arming", "pending", "returning"]);

/**
 * 1 or 0 for a binary entity, the number for a numeric one, NaN where nothing is known, `KEEP` for a state in between.
 * A person is at home or is not: any other zone counts as away.
 */
export function valueOfState(kind: ValueKind, domain: string, state: string): number {
  if (kind === "binary") {
    if (state === "on") return 1;
    if (state === "off") return 0;
    return binaryValue(domain, state);
  }
  const value = Number(state);
  if (value === 0) return state.trim() === "" ? Number.NaN : 0; // Number("") is 0
  return Number.isFinite(value) ? value : Number.NaN;
}

function binaryValue(domain: string, state: string): number {
  if (isUnknownState(state)) return Number.NaN;
  const word = state.toLowerCase();
  if (ON.has(word)) return 1;
  if (OFF.has(word)) return 0;
  if (BETWEEN.has(word)) return KEEP;
  return domain === "person" || domain === "device_tracker" ? 0 : Number.NaN;
}
