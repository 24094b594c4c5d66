import type { EventMessage } from "./messages.ts";

/** Home Assistant's event bus, as far as websocket subscriptions need it. */
export interface Bus {
  /** Calls back with the event already as JSON: it is the same text for every subscriber. */
  subscribe(eventType: string | null, receive: (eventJson: string) => void): () => void;
  fire(event: EventMessage): void;
}

export function createBus(): Bus {
  const subscribers = new Set<{ readonly eventType: string | null; readonly receive: (eventJson: string) => void }>();
  return {
    subscribe(eventType, receive) {
      const subscriber = { eventType, receive };
      subscribers.add(subscriber);
      return () => subscribers.delete(subscriber);
    },
    fire(event) {
      let json: string | null = null;
      for (const { eventType, receive } of subscribers) {
        if (eventType !== null && eventType !== event.event_type) continue;
        json ??= JSON.stringify(event);
        receive(json);
      }
    },
  };
}
