import type { Clock } from "../core/clock.ts";
import type { HomeEvent } from "../hass/event.ts";
import type { Listening } from "./listening.ts";
import { retry } from "./retry.ts";

export interface AppEventsParts {
  readonly clock: Clock;
  readonly home: Pick<Listening["home"], "subscribeEvents">;
  readonly tell: (event: HomeEvent) => void;
  readonly onTrouble: (error: unknown) => void;
  /** Ends all asking. */
  readonly signal: AbortSignal;
}

/** The events that apps listen to: each type is subscribed to on each connection, and each event told once. */
export interface AppEvents {
  /** Apps listen to events of this type; said again it changes nothing. */
  want(type: string): void;
  /** Live changes flow, on a new connection. */
  listening(): void;
}

export function createAppEvents({ clock, home, tell, onTrouble, signal }: AppEventsParts): AppEvents {
  /** How often each wanted type was subscribed to. */
  const tries = new Map<string, number>();
  /** Null until changes flow for the first time: a connection may stand before, and its subscriptions are made then. */
  let connection: AbortController | null = null;

  function subscribe(type: string, ends: AbortSignal): void {
    void retry(clock, ends, () => subscribeOnce(type), onTrouble);
  }

  async function subscribeOnce(type: string): Promise<void> {
    const mine = tries.get(type)! + 1;
    tries.set(type, mine);
    await home.subscribeEvents(type, (event) => {
      // One before may stand as well: answered too late, or made on this very connection before changes flowed.
      if (tries.get(type) === mine) tell(event);
    });
  }

  return {
    want(type) {
      if (tries.has(type)) return;
      tries.set(type, 0);
      if (connection !== null) subscribe(type, AbortSignal.any([signal, connection.signal]));
    },
    listening() {
      connection?.abort();
      connection = new AbortController();
      const ends = AbortSignal.any([signal, connection.signal]);
      for (const type of tries.keys()) subscribe(type, ends);
    },
  };
}
