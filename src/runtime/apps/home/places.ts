import type { Place } from "../../schedule/place.ts";

/** Where the home is, and who has to know when it moves. */
export interface Places {
  now(): Place;
  /** Called with the place before. */
  onMove(callback: (from: Place) => void): () => void;
  /** Home Assistant says where the home is; the same again changes nothing. */
  told(place: Place): void;
}

export function createPlaces(first: Place): Places {
  const callbacks = new Set<(from: Place) => void>();
  let place = first;
  return {
    now: () => place,
    onMove(callback) {
      callbacks.add(callback);
      return () => void callbacks.delete(callback);
    },
    told(now) {
      const from = place;
      if (JSON.stringify(now) === JSON.stringify(from)) return;
      place = now;
      for (const callback of [...callbacks]) callback(from);
    },
  };
}
