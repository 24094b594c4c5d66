import type { StateChange } from "./ports.ts";

export interface GateOptions {
  readonly pass: (change: StateChange) => void;
  /** Whether it can not be said yet if the entity is chosen. */
  readonly isUndecided: (entityId: string) => boolean;
  /** Somebody waits for what is not known. */
  readonly onUndecided: () => void;
  readonly maxHeld?: number;
}

/** Holds live changes back, in their order, until it is known whose they are and whether they are chosen. */
export interface Gate {
  /** Never throws, never waits. */
  accept(change: StateChange): void;
  /** From now on everything waits. */
  close(): void;
  /** Lets through what waits; entities that are still undecided are decided by what is known. */
  open(): void;
  /** What waits under a name that Home Assistant has just changed is the same entity's. */
  rename(from: string, to: string): void;
  /** The entities whose changes wait. */
  waitingFor(): string[];
}

/** Registries that do not come must not fill the memory: beyond this, what is known decides. */
const MAX_HELD = 100_000;

export function createGate({ pass, isUndecided, onUndecided, maxHeld = MAX_HELD }: GateOptions): Gate {
  let isClosed = false;
  let held: StateChange[] = [];
  /** Later changes of an entity must not overtake the ones that wait. */
  let waiting = new Set<string>();

  function open(): void {
    isClosed = false;
    const changes = held;
    held = [];
    waiting = new Set();
    for (const change of changes) pass(change);
  }
  return {
    accept(change) {
      if (!isClosed && !waiting.has(change.entityId)) {
        if (!isUndecided(change.entityId)) {
          pass(change);
          return;
        }
        waiting.add(change.entityId);
        onUndecided();
      }
      held.push(change);
      if (held.length >= maxHeld) open();
    },
    close() {
      isClosed = true;
    },
    open,
    rename(from, to) {
      held = held.map((change) => (change.entityId === from ? { ...change, entityId: to } : change));
      if (waiting.delete(from)) waiting.add(to);
    },
    waitingFor: () => [...new Set(held.map((change) => change.entityId))],
  };
}
