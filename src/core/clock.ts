/** The one source of time. Made once in main.ts and rebuilt from its parameters in every thread; nothing else asks for the time. */
export interface Clock {
  /** Milliseconds since the epoch, in the home's time (a simulated home's differs from the system's). */
  nowMs(): number;
  /** Milliseconds since some instant, whatever the clock is set to meanwhile: only the difference of two says something. */
  steadyMs(): number;
  /** Resolves at that instant, or at once when it has passed; rejects with the signal's reason when aborted. */
  sleepUntil(atMs: number, signal?: AbortSignal): Promise<void>;
  /** Calls back every `periodMs` until the returned function is called. */
  timer(periodMs: number, callback: () => void): () => void;
}

/** What a thread needs to build the same clock. `offsetMs` = this clock minus the system's. */
export interface ClockParameters {
  readonly kind: "system" | "jumping";
  readonly offsetMs: number;
  /** Time that passes `speed` times as fast from the system's `sinceMs` on: an hour of a home in a minute. */
  readonly pace?: { readonly speed: number; readonly sinceMs: number };
}
