import { colourOf } from "../../parts/chart-colours.ts";

export interface Palette {
  readonly text: string;
  readonly second: string;
  readonly line: string;
  readonly primary: string;
  readonly warning: string;
  readonly card: string;
  readonly error: string;
}

export function readPalette(): Palette {
  return {
    text: colourOf("--text"),
    second: colourOf("--second"),
    line: colourOf("--line"),
    primary: colourOf("--primary"),
    warning: colourOf("--warning"),
    card: colourOf("--card"),
    error: colourOf("--error"),
  };
}

/** States that people know by their colour in Home Assistant; others have one by their name, always the same. */
const KNOWN: Readonly<Record<string, string>> = {
  on: "#ffb74d",
  open: "#ffb74d",
  playing: "#4fc3f7",
  home: "#66bb6a",
  heat: "#ff8a65",
  cool: "#4fc3f7",
  unlocked: "#ff8a65",
};
/** Nothing goes on: faint. */
const QUIET = new Set(["off", "closed", "not_home", "idle", "standby", "locked", "paused"]);
const UNKNOWN = new Set(["unknown", "unavailable", ""]);
const OTHERS = ["#9575cd", "#4db6ac", "#f06292", "#aed581", "#64b5f6", "#dce775", "#a1887f", "#90a4ae"];

export type StateLook = { readonly kind: "quiet" } | { readonly kind: "unknown" } | { readonly kind: "colour"; readonly colour: string };

export function lookOf(state: string): StateLook {
  if (QUIET.has(state)) return { kind: "quiet" };
  if (UNKNOWN.has(state)) return { kind: "unknown" };
  let hash = 0;
  for (const char of state) hash = (hash * 31 + char.charCodeAt(0)) | 0;
  return { kind: "colour", colour: KNOWN[state] ?? OTHERS[Math.abs(hash) % OTHERS.length]! };
}
