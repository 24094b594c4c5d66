/** How an app reaches the runtime: over a thread's port, or directly where both share one thread. */
export interface Link {
  /** Asks the runtime; rejects with its words when it refuses. The stack of `asked` says which line of the app asks. */
  call(name: string, input: unknown, asked?: Error): Promise<unknown>;
}

/** What an app is made with. The runtime fills it in; a class of yours never writes a constructor. */
export interface AppContext {
  readonly name: string;
  readonly args: unknown;
  readonly link: Link;
  readonly nowMs: () => number;
  /** A callback failed: told with its error, once for each. */
  readonly onError: (error: unknown) => void;
  /** What was thrown, in words; it need not be an error. */
  readonly reasonOf: (thrown: unknown) => string;
  /** Whatever the work asks of the runtime, however late, is asked for that run of a schedule. */
  readonly withinRun: <T>(runId: string, work: () => T) => T;
}

/**
 * At most so many requests under way: an app that asks in a storm fills its own memory, never the runtime's. What is more waits here, in order.
 */
const MOST_UNDER_WAY = 64;

export function limited(link: Link): Link {
  const waiting: (() => void)[] = [];
  let underWay = 0;
  return {
    async call(name, input, asked) {
      if (underWay >= MOST_UNDER_WAY) await new Promise<void>((resolve) => waiting.push(resolve));
      else underWay += 1;
      try {
        return await link.call(name, input, asked);
      } finally {
        // The turn is handed on, so nobody comes between.
        const next = waiting.shift();
        if (next === undefined) underWay -= 1;
        else next();
      }
    },
  };
}
