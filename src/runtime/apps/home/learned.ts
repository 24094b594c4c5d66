import type { HabitChange, Probability, ProbabilityWish } from "../../../kit/contract.ts";

const MINUTE_MS = 60_000;

/** Who wants to know what the models find. */
export interface Learned {
  onProbability(target: string, wish: ProbabilityWish, tell: (probability: Probability) => void): () => void;
  onChange(stream: string | null, tell: (change: HabitChange) => void): () => void;
  /** Targets that somebody wants to know of. */
  targets(): readonly string[];
  /** The newest prediction of a target; an older one changes nothing, and the same one again neither. */
  predicted(probability: Probability): void;
  reported(change: HabitChange): void;
}

export function createLearned(): Learned {
  const watchers = new Set<{ readonly target: string; readonly predicted: (probability: Probability) => void }>();
  const listeners = new Set<{ readonly stream: string | null; readonly tell: (change: HabitChange) => void }>();
  return {
    onProbability(target, wish, tell) {
      const watcher = { target, predicted: followWish(wish, tell) };
      watchers.add(watcher);
      return () => void watchers.delete(watcher);
    },
    onChange(stream, tell) {
      const listener = { stream, tell };
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    targets: () => [...new Set([...watchers].map((watcher) => watcher.target))],
    predicted(probability) {
      for (const watcher of [...watchers]) if (watcher.target === probability.target) watcher.predicted(probability);
    },
    reported(change) {
      for (const listener of [...listeners]) if (listener.stream === null || listener.stream === change.stream) listener.tell(change);
    },
  };
}

/**
 * Tells once each time it has become so. A window without an answer says nothing either way: the time that it takes does not count, and what was
 * told stays told.
 */
function followWish({ above, below, forMinutes = 0 }: ProbabilityWish, tell: (probability: Probability) => void) {
  let sinceMs: number | null = null;
  let isTold = false;
  let seenMs = Number.NEGATIVE_INFINITY;
  return (now: Probability): void => {
    if (now.windowEndMs < seenMs) return;
    seenMs = now.windowEndMs;
    if (now.probability === null) {
      sinceMs = null;
      return;
    }
    const isSo = (above === undefined || now.probability >= above) && (below === undefined || now.probability <= below);
    if (!isSo) {
      sinceMs = null;
      isTold = false;
      return;
    }
    sinceMs ??= now.windowEndMs;
    if (isTold || now.windowEndMs - sinceMs < forMinutes * MINUTE_MS) return;
    isTold = true;
    tell(now);
  };
}
