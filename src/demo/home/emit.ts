import type { Attributes } from "./entities.ts";

/** One thing that an entity says: its state, and those of its attributes that are not the same all its life. */
export type Emit = (entityId: string, atMs: number, state: string, changing?: Attributes) => void;

/** A new value on the wall of a day: the part of a generated span that falls into [startMs, endMs). */
export function within(atMs: number, day: { readonly startMs: number; readonly endMs: number }): boolean {
  return atMs >= day.startMs && atMs < day.endMs;
}
