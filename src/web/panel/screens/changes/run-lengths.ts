import type { Answer } from "../../client/client.ts";
import type { Zone } from "../../words/zone.ts";

type Told = Answer<"GET", "/streams/run-lengths">;
/** What a stream thought after each step of how long it had been as it was (`RunLengthMap`), its cells unpacked. */
export type RunLengths = Omit<Told, "cells"> & { readonly cells: Uint8Array };

export interface Reading {
  readonly atMs: number;
  /** Null while the stream still learns. */
  readonly lengthMs: number | null;
  /** P(about that length). */
  readonly probability: number;
  /** The likeliest length is shorter than the step before: something new began. */
  readonly isAnew: boolean;
}

/** Powers of ten that the cells span. */
const DECADES = 4;

export function decoded(answer: Told): RunLengths {
  return { ...answer, cells: Uint8Array.from(atob(answer.cells), (char) => char.charCodeAt(0)) };
}

export function readingAt(map: RunLengths, column: number): Reading {
  const length = map.likeliest[column] ?? null;
  const before = map.likeliest[column - 1] ?? null;
  const cell = length === null ? 0 : (map.cells[column * map.rows + Math.floor(length / map.stepsPerRow)] ?? 0);
  return {
    atMs: map.firstEndMs + column * map.stepMs,
    lengthMs: length === null ? null : length * map.stepMs,
    probability: cell === 0 ? 0 : 10 ** (DECADES * (cell / 255 - 1)),
    isAnew: length !== null && before !== null && length < before,
  };
}

/** Every step at which something new began. */
export function beginnings(map: RunLengths): Reading[] {
  return Array.from({ length: map.columns }, (_, column) => readingAt(map, column)).filter(({ isAnew }) => isAnew);
}

/** The last reading of each day that the stream had learned by, and whether something new began in it. */
export function byDay(map: RunLengths, zone: Zone): Reading[] {
  const days = new Map<number, Reading>();
  for (let column = 0; column < map.columns; column++) {
    const reading = readingAt(map, column);
    // A step that ends at midnight is of the day before.
    const day = zone.dayAt(reading.atMs - 1);
    if (reading.lengthMs !== null) days.set(day, { ...reading, isAnew: reading.isAnew || (days.get(day)?.isAnew ?? false) });
  }
  return [...days.values()];
}
