import { createHash } from "node:crypto";
import type { Cadence } from "./due.ts";

const FIRST_LOOK_MS = 1000;

/**
 * Moves each due time later by chance, by less than `spreadMs` and never up to the next one, so that their order stays. The chance is a
 * function of seed and due time alone: a restart, another thread or another question finds the same instants.
 */
export function spreadOut(even: Cadence, spreadMs: number, seed: string): Cadence {
  function moved(dueAtMs: number): number {
    const followingMs = even.next(dueAtMs) ?? Number.POSITIVE_INFINITY;
    return dueAtMs + Math.floor(chance(seed, dueAtMs) * Math.min(spreadMs, followingMs - dueAtMs));
  }

  /** The newest even due time that may have been moved beyond an instant. Looks back in growing steps, since many may lie within the spread. */
  function newestUpTo(atMs: number): number | null {
    for (let lookMs = Math.min(FIRST_LOOK_MS, spreadMs); ; lookMs = Math.min(lookMs * 2, spreadMs)) {
      let newest: number | null = null;
      for (let due = even.next(atMs - lookMs); due !== null && due <= atMs; due = even.next(due)) newest = due;
      if (newest !== null || lookMs === spreadMs) return newest;
    }
  }

  return {
    followsWallClock: even.followsWallClock,
    next(afterMs) {
      const begun = newestUpTo(afterMs);
      if (begun !== null && moved(begun) > afterMs) return moved(begun);
      const following = even.next(afterMs);
      return following === null ? null : moved(following);
    },
  };
}

/** From 0 up to, not including, 1. */
function chance(seed: string, dueAtMs: number): number {
  return createHash("sha256").update(`${seed}\n${dueAtMs}`).digest().readUInt32BE() / 2 ** 32;
}
