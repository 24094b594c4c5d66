import type { Json } from "../../../kit/contract.ts";

/** An event of Home Assistant's bus. */
export interface HeardEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, Json>>;
  readonly atMs: number;
}

export interface EventListeners {
  add(type: string, wanted: Readonly<Record<string, Json>>, tell: (event: HeardEvent) => void): () => void;
  heard(event: HeardEvent): void;
  types(): readonly string[];
}

/** `onType`: a type is listened to for the first time, so the home has to be asked for it. */
export function createEventListeners(onType: (type: string) => void): EventListeners {
  const byType = new Map<string, Set<(event: HeardEvent) => void>>();
  return {
    add(type, wanted, tell) {
      const isWanted = Object.entries(wanted);
      const hear = (event: HeardEvent): void => {
        if (isWanted.every(([key, value]) => JSON.stringify(event.data[key]) === JSON.stringify(value))) tell(event);
      };
      const known = byType.get(type);
      if (known === undefined) {
        byType.set(type, new Set([hear]));
        onType(type);
      } else known.add(hear);
      // The subscription stays: whoever listens again, after an app was loaded anew, misses nothing.
      return () => void byType.get(type)?.delete(hear);
    },
    heard(event) {
      for (const hear of [...(byType.get(event.type) ?? [])]) hear(event);
    },
    types: () => [...byType.keys()],
  };
}
