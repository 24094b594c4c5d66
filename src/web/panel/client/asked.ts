import { useEffect, useRef, useState } from "preact/hooks";
import { nowMs } from "./clock.ts";
import { type Fault, faultOf } from "./fault.ts";
import { link, news, type Topic } from "./live.ts";

/** What a card asks for and how that stands. */
export interface Asked<T> {
  readonly data: T | null;
  readonly fault: Fault | null;
  /** When the data came, in the app's time. */
  readonly asOfMs: number | null;
  readonly isAsking: boolean;
  /** Asks again now. */
  retry(): void;
  /** Puts other data in place until the next answer: what a person has just done is seen at once. */
  set(data: T): void;
}

interface State<T> {
  readonly key: string;
  readonly data: T | null;
  readonly fault: Fault | null;
  readonly asOfMs: number | null;
  readonly isAsking: boolean;
}

/** Answers of before, so that a screen that is opened again shows them at once. */
const kept = new Map<string, { readonly data: unknown; readonly asOfMs: number }>();
const MOST_KEPT = 24;
const LEAST_PAUSE_MS = 1000;

/** Asks before anybody shows it, so that the first picture is whole; what fails is asked again by who shows it, and told there. */
export async function askAhead<T>(key: string, ask: () => Promise<T>): Promise<void> {
  const data = await ask().catch(() => null);
  if (data !== null) keepAnswer(key, data);
}

/** What whoever asks this is shown at once. */
export function keepAnswer(key: string, data: unknown, asOfMs = nowMs()): void {
  kept.delete(key);
  kept.set(key, { data, asOfMs });
  if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value!);
}

export function forgetAnswers(): void {
  kept.clear();
}

/**
 * Asks once for each key, again whenever there is news of a topic (at most once a second), and when the connection is back. A null key asks nothing.
 */
export function useAsked<T>(key: string | null, ask: (signal: AbortSignal) => Promise<T>, topics: readonly Topic[] = []): Asked<T> {
  const [state, setState] = useState<State<T>>(() => begun<T>(key ?? ""));
  const asking = useRef(ask);
  asking.current = ask;
  const again = useRef<() => void>(() => undefined);

  useEffect(() => {
    if (key === null) return undefined;
    setState((before) => (before.key === key ? before : begun<T>(key)));
    const ended = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    let lastMs = Number.NEGATIVE_INFINITY;
    let isUnderWay = false;
    let isWanted = false;

    async function run(): Promise<void> {
      if (isUnderWay) {
        isWanted = true;
        return;
      }
      isUnderWay = true;
      isWanted = false;
      lastMs = performance.now();
      setState((before) => ({ ...before, isAsking: true }));
      try {
        const data = await asking.current(ended.signal);
        if (ended.signal.aborted) return;
        const asOfMs = nowMs();
        keepAnswer(key!, data, asOfMs);
        setState({ key: key!, data, fault: null, asOfMs, isAsking: false });
      } catch (error) {
        if (ended.signal.aborted) return;
        setState((before) => ({ ...before, fault: faultOf(error), isAsking: false }));
      } finally {
        isUnderWay = false;
        if (isWanted && !ended.signal.aborted) later();
      }
    }
    function later(): void {
      if (timer !== undefined || document.hidden) return;
      const pauseMs = Math.max(0, lastMs + LEAST_PAUSE_MS - performance.now());
      timer = setTimeout(() => {
        timer = undefined;
        void run();
      }, pauseMs);
    }

    again.current = () => void run();
    // What has come just now is not asked for twice.
    if (nowMs() - (kept.get(key)?.asOfMs ?? 0) < LEAST_PAUSE_MS) lastMs = performance.now();
    else void run();
    const stops = [
      ...topics.map((topic) => skippingFirst(news[topic], later)),
      skippingFirst(link, () => {
        if (link.value === "live") later();
      }),
    ];
    return () => {
      ended.abort();
      clearTimeout(timer);
      for (const stop of stops) stop();
    };
  }, [key, topics.join()]);

  // Until the effect has run, what is shown must not be another question's answer.
  const shown = state.key === (key ?? "") ? state : begun<T>(key ?? "");
  return {
    ...shown,
    retry: () => again.current(),
    set: (data) => setState((before) => ({ ...before, data })),
  };
}

function begun<T>(key: string): State<T> {
  const before = kept.get(key) as { readonly data: T; readonly asOfMs: number } | undefined;
  return { key, data: before?.data ?? null, fault: null, asOfMs: before?.asOfMs ?? null, isAsking: key !== "" && before === undefined };
}

function skippingFirst<T>(of: { subscribe(heard: (value: T) => void): () => void }, then: () => void): () => void {
  let isFirst = true;
  return of.subscribe(() => {
    if (isFirst) isFirst = false;
    else then();
  });
}
