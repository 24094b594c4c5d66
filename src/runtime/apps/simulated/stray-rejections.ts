import { AsyncLocalStorage } from "node:async_hooks";

type OnStray = (error: unknown) => void;

const owners = new AsyncLocalStorage<OnStray>();
let isListening = false;

/**
 * Of the promises that the work makes, however late: those that are refused without anybody looking are told to `onStray` and to nobody else. A
 * test runner would take them for a failure of its own, and Node ends the process.
 */
export function withStrayRejections<T>(onStray: OnStray, work: () => T): T {
  if (!isListening) listen();
  isListening = true;
  return owners.run(onStray, work);
}

/** Node tells of such a promise in the context in which it was refused. A listener would be one beside others, which hear of it, too. */
function listen(): void {
  const emit = process.emit as (event: string | symbol, ...told: unknown[]) => boolean;
  const emitToOwner = (event: string | symbol, ...told: unknown[]): boolean => {
    const onStray = event === "unhandledRejection" ? owners.getStore() : undefined;
    if (onStray === undefined) return emit.call(process, event, ...told);
    onStray(told[0]);
    return true;
  };
  process.emit = emitToOwner as typeof process.emit;
}
