import { isUnknownState } from "../events/event.ts";

export type ValueKind = "binary" | "numeric" | "categorical";

/** What a state says of its entity. `keep` = on the way from one state to another: the state before still holds. */
export const KEEP = Number.POSITIVE_INFINITY;

const ON = new Set(["on", "open", "home", "playing", "unlocked", "buffering", "detected", "true", "1", "cleaning"]);
const OFF = new Set(["off", "closed", "not_home", "paused", "idle", "standby", "locked", "clear", "false", "0", "docked"]);
const BETWEEN = new Set(["opening", "closing", "locking", "unlocking", "arming", "pending", "returning"]);

/**
 * 1 or 0 for a binary entity, the number for a numeric one, the state's code for a categorical one, NaN where nothing is known, `KEEP` for a state in between.
 * A person is at home or is not: any other zone counts as away.
 */
export function valueOfState(kind: ValueKind, domain: string, state: string): number {
  if (kind === "binary") {
    if (state === "on") return 1;
    if (state === "off") return 0;
    return binaryValue(domain, state);
  }
  if (kind === "categorical") return isUnknownState(state) ? Number.NaN : codeOfState(state);
  const value = Number(state);
  if (value === 0) return state.trim() === "" ? Number.NaN : 0; // Number("") is 0
  return Number.isFinite(value) ? value : Number.NaN;
}

/**
 * A number that stands for a state of a categorical entity: 53 bits of a hash (two 32-bit multiplicative lanes, finished as MurmurHash3,
 * Appleby 2011). Made from the text alone, so it needs no table that would depend on the order of arrival; that two states of one entity share a
 * code is as likely as 1 in 10^15.
 */
export function codeOfState(state: string): number {
  let [low, high] = [0x9e3779b1, 0x85ebca77];
  for (let i = 0; i < state.length; i++) {
    const unit = state.charCodeAt(i);
    low = Math.imul(low ^ unit, 0xcc9e2d51);
    high = Math.imul(high ^ unit, 0x1b873593);
  }
  low = mixed(low) ^ mixed(high ^ state.length);
  high = mixed(high);
  return (high & 0x1fffff) * 4_294_967_296 + (low >>> 0);
}

function mixed(bits: number): number {
  const once = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return twice ^ (twice >>> 16);
}

function binaryValue(domain: string, state: string): number {
  if (isUnknownState(state)) return Number.NaN;
  const word = state.toLowerCase();
  if (ON.has(word)) return 1;
  if (OFF.has(word)) return 0;
  if (BETWEEN.has(word)) return KEEP;
  return domain === "person" || domain === "device_tracker" ? 0 : Number.NaN;
}
