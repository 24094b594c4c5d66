import type { HelperRole } from "./helper-change.ts";
import { AHEAD_MS, type HelperMoment } from "./helper-value.ts";
import type { RejectedReason } from "./label.ts";

/** One side of the pair as it stands. */
export interface HelperBound {
  readonly moment: HelperMoment;
  readonly raw: string;
  /** Whether a label was already made with it (or it was never said): then a change of the other side begins a new entry. */
  readonly isUsed: boolean;
}

export type Verdict =
  | { readonly kind: "label"; readonly startMs: number; readonly endMs: number }
  | { readonly kind: "open"; readonly waitingFor: HelperRole }
  | { readonly kind: "rejected"; readonly reason: RejectedReason; readonly startMs: number; readonly endMs: number };

/** Judges a pair of which `changed` was just set; the table stands at `pairHelpers`. */
export function judgePair(
  start: HelperBound | null,
  end: HelperBound | null,
  changed: HelperRole | "both",
  saidAtMs: number,
  longestMs: number,
): Verdict {
  if (start === null) return { kind: "open", waitingFor: "start" };
  if (end === null) return { kind: "open", waitingFor: "end" };
  const startMs = start.moment.atMs;
  const endMs = endAfter(startMs, end.moment);
  const reject = (reason: RejectedReason): Verdict => ({ kind: "rejected", reason, startMs, endMs });
  if (endMs <= startMs) {
    if (changed === "start") return { kind: "open", waitingFor: "end" };
    if (changed === "end" && start.isUsed) return { kind: "open", waitingFor: "start" };
    return reject(endMs === startMs ? "equal bounds" : "end before start");
  }
  if (endMs - startMs > longestMs) {
    if (changed === "start" && end.isUsed) return { kind: "open", waitingFor: "end" };
    if (changed === "end" && start.isUsed) return { kind: "open", waitingFor: "start" };
    return reject("too long");
  }
  if (endMs > saidAtMs + AHEAD_MS) return reject("ends in the future");
  return { kind: "label", startMs, endMs };
}

/** An end in the hour that is told twice means the second telling when the first lies before the start. */
function endAfter(startMs: number, end: HelperMoment): number {
  return end.atMs <= startMs && end.laterMs !== null ? end.laterMs : end.atMs;
}
