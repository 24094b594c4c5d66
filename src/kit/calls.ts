/**
 * What the runtime tells an app: five values for each callback (its number, three values, the instant), flat, because that is what crosses a
 * thread fastest. A number below zero says that the callback of that number has ended by itself.
 */
export const STRIDE = 5;
export type Calls = readonly unknown[];

export type Receive = (a: unknown, b: unknown, c: unknown, atMs: number) => unknown;

/** The callbacks of one app, by the number under which the runtime knows them. */
export interface Callbacks {
  add(receive: Receive): number;
  remove(id: number): void;
  /** Calls back in order; what a callback returns is not waited for. */
  take(calls: Calls): void;
  isSettled(): boolean;
  /** Resolves when no callback is under way. */
  settled(): Promise<void>;
}

export function createCallbacks(onError: (error: unknown) => void): Callbacks {
  const receivers = new Map<number, Receive>();
  const underWay = new Set<Promise<unknown>>();
  let nextId = 1;

  function call(receive: Receive, calls: Calls, at: number): void {
    try {
      const result = receive(calls[at + 1], calls[at + 2], calls[at + 3], calls[at + 4] as number);
      if (result instanceof Promise) follow(result);
    } catch (error) {
      onError(error);
    }
  }

  function follow(result: Promise<unknown>): void {
    const followed = result.catch(onError).finally(() => underWay.delete(followed));
    underWay.add(followed);
  }

  return {
    add(receive) {
      const id = nextId++;
      receivers.set(id, receive);
      return id;
    },
    remove: (id) => void receivers.delete(id),
    take(calls) {
      for (let at = 0; at < calls.length; at += STRIDE) {
        const id = calls[at] as number;
        if (id < 0) receivers.delete(-id);
        const receive = receivers.get(id);
        if (receive !== undefined) call(receive, calls, at);
      }
    },
    isSettled: () => underWay.size === 0,
    async settled() {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
