import type { StateEvent } from "../../core/events/event.ts";

/** Events that are written together. */
export interface EventBatch {
  readonly events: readonly StateEvent[];
  /** Home Assistant's user id by position in `events`, for label helpers that a person set. */
  readonly saidBy?: Readonly<Record<number, string>> | undefined;
}

/** Events that came while nothing had room for them: µs of the oldest and the newest. They have to be fetched. */
export interface DroppedSpan {
  readonly fromUs: number;
  readonly toUs: number;
  /** 0 where nobody knows how many. */
  readonly count: number;
}

export type SpillEntry = { readonly kind: "events"; readonly batch: EventBatch } | { readonly kind: "dropped"; readonly span: DroppedSpan };

export interface TakenEntry {
  /** `damaged`: entries stood here that cannot be read any more. */
  readonly entry: SpillEntry | { readonly kind: "damaged" };
  /** Left by the run before this one. */
  readonly isOld: boolean;
  /** To be called when it is stored: only then does the disk forget it. */
  readonly settled: () => void;
}

/** A queue on disk, first in first out. What was put survives the process and is handed out again until it is settled. */
export interface SpillPort {
  /** Never waits. False when there is no room: then nothing was taken. */
  put(entry: SpillEntry): boolean;
  /** Whether anything waits to be taken. */
  hasWaiting(): boolean;
  /** The oldest entry that was not taken yet, or null when there is none. One call at a time. */
  take(): Promise<TakenEntry | null>;
  /** Resolves when what was put is on the disk, or could not be brought there. */
  close(): Promise<void>;
}
