import type { Clock } from "../../core/clock.ts";

export interface Patience {
  /** Asks in turn, and again when it failed; `onFailure` may make the next try smaller. @throws the last failure, or the signal's reason */
  ask<T>(question: () => Promise<T>, onFailure: () => void, signal: AbortSignal): Promise<T>;
}

const MAX_TRIES = 6;
/** An answer as quick as this costs Home Assistant nothing that anybody would notice. */
const UNNOTICED_MS = 50;
const SLOW_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** What an answer usually takes is forgotten within about so many answers. */
const MEMORY = 30;
/** Answers that take so many times as long as usual mean that Home Assistant is busy with something else. */
const GROWN = 3;

/**
 * Home Assistant's own work comes first: one question at a time for all purposes, a pause after each in proportion to the time its answer
 * took, and much longer ones when answers get slow, or slower than they were.
 */
export function createPatience(clock: Clock): Patience {
  let turn: Promise<unknown> = Promise.resolve();
  let usualMs = 0;
  let answers = 0;

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = turn.then(work, work);
    turn = mine.catch(() => undefined); // the caller gets the error; the next in line only waits
    return mine;
  }

  function pauseMs(tookMs: number): number {
    const growth = answers > MEMORY / 2 && usualMs > 0 ? tookMs / usualMs : 1;
    answers += 1;
    usualMs += (Math.min(tookMs, usualMs === 0 ? tookMs : usualMs * GROWN) - usualMs) / Math.min(answers, MEMORY);
    if (tookMs < UNNOTICED_MS) return 0;
    if (tookMs < SLOW_MS) return Math.min(LONGEST_PAUSE_MS, (tookMs / 2) * (growth > GROWN ? growth : 1));
    return Math.min(LONGEST_PAUSE_MS, tookMs * Math.max(2, growth));
  }

  async function once<T>(question: () => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const startedMs = clock.nowMs();
    const answer = await question();
    await clock.sleepUntil(clock.nowMs() + pauseMs(clock.nowMs() - startedMs), signal);
    return answer;
  }

  return {
    async ask(question, onFailure, signal) {
      for (let tries = 1; ; tries += 1) {
        try {
          return await inTurn(() => once(question, signal));
        } catch (error) {
          signal.throwIfAborted();
          if (tries >= MAX_TRIES) throw error;
          onFailure();
          await clock.sleepUntil(clock.nowMs() + 1_000 * 2 ** tries, signal);
        }
      }
    },
  };
}
