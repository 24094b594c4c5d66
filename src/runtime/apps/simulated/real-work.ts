import { AsyncLocalStorage, createHook } from "node:async_hooks";

/** What an app in a simulated home waits for from outside of it: timers, files, connections, threads. */
export interface RealWork {
  /** Whatever the work begins, however late, is the app's. */
  of<T>(work: () => T): T;
  /** What is open now was there before whatever comes next. */
  mark(): void;
  /** Something is open that was not at the mark. */
  isUnderWay(): boolean;
  /** A connection or a thread is open that was not when this was made: an answer may come by it. An interval that goes on brings none. */
  isHeld(): boolean;
}

interface Begun {
  /** A timer that is not to keep a process alive is not waited for. */
  hasRef?(): boolean;
  /** Whom a computation tells; one that was made at once has nobody. */
  readonly ondone?: unknown;
}
/** Whether each goes on still. */
type ByNumber = Map<number, () => boolean>;

const owners = new AsyncLocalStorage<ByNumber>();
/** Timers, files and names of machines that are looked up, computations: each ends, and is gone then. */
const ENDS = /^(Timeout|Immediate|FSREQ\w+|\w+REQWRAP|QUERYWRAP|\w+REQUEST)$/;
/** Where each one is noted: that it has ended is told in nobody's context. */
const notedIn = new Map<number, ByNumber>();
let isListening = false;

export function createRealWork(): RealWork {
  if (!isListening) listen();
  isListening = true;
  /** By identity, so that a timer of a test runner's is none of the app's. */
  const begun: ByNumber = new Map();
  let before = new Set<number>();
  const openNow = (): number[] => [...begun].filter(([, goesOn]) => goesOn()).map(([number]) => number);
  /** Connections and threads by Node's list of them, which knows kinds and no names: one that is used again is on it again. */
  const first = kept();
  let marked = first;
  return {
    of: (work) => owners.run(begun, work),
    mark() {
      before = new Set(openNow());
      marked = kept();
    },
    isUnderWay: () => openNow().some((number) => !before.has(number)) || isMore(kept(), marked),
    isHeld: () => isMore(kept(), first),
  };
}

/** Promises are left out: to follow each of them would make all of them slow. */
function listen(): void {
  createHook({
    init(number, kind, _cause, each: Begun) {
      const owner = ENDS.test(kind) ? owners.getStore() : undefined;
      if (owner === undefined) return;
      owner.set(number, kind.endsWith("REQUEST") ? () => each.ondone !== undefined : () => each.hasRef?.() ?? true);
      notedIn.set(number, owner);
    },
    destroy(number) {
      notedIn.get(number)?.delete(number);
      notedIn.delete(number);
    },
    trackPromises: false,
  }).enable();
}

/** What ends by itself is known by identity. */
function kept(): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const kind of process.getActiveResourcesInfo()) {
    if (!/^(Timeout|Immediate)$|Req/.test(kind)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return counts;
}

function isMore(now: ReadonlyMap<string, number>, before: ReadonlyMap<string, number>): boolean {
  for (const [kind, count] of now) if (count > (before.get(kind) ?? 0)) return true;
  return false;
}
