import type { Attributes } from "../home/entities.ts";
import type { Doors } from "./doors.ts";
import { eventMessage } from "./messages.ts";
import { NOBODY } from "./recorder.ts";
import type { RunningHome } from "./running-home.ts";

/** Troubles of a real home, for tests. */
export interface DemoFaults {
  /** Cuts every connection without a closing handshake. */
  drop(): void;
  /** Ends every connection with code 1000, and what waited to be sent is lost. */
  discard(): void;
  /** Connections stay open and silent, in both directions, until they are dropped. */
  freeze(): void;
  /** Every answer comes that much later. */
  delayAnswers(byMs: number): void;
  /** Tokens are refused from now on, or accepted again. */
  refuseTokens(refused: boolean): void;
  /** Any entity, also one that is not known, takes this state now. */
  say(entityId: string, state: string, attributes?: Attributes): void;
  /**
   * Home Assistant goes down and comes up on the same port. For half of its time of starting it has no states, then all come back with `old_state` null,
   * and for the other half it is not RUNNING yet.
   */
  restart(times: { readonly downMs: number; readonly startingMs: number }): Promise<void>;
}

/** The faults with what the server reads of them. */
export interface FaultSwitches extends DemoFaults {
  isRunning(): boolean;
  delayMs(): number;
  refusesTokens(): boolean;
}

export function createFaults(target: () => { readonly home: RunningHome; readonly doors: Doors }): FaultSwitches {
  let running = true;
  let delayMs = 0;
  let refusesTokens = false;
  return {
    isRunning: () => running,
    delayMs: () => delayMs,
    refusesTokens: () => refusesTokens,
    drop() {
      for (const client of target().doors.clients.keys()) client.terminate();
    },
    discard() {
      for (const session of target().doors.clients.values()) session.outbox.discard();
    },
    freeze() {
      for (const [client, session] of target().doors.clients) {
        client.pause();
        session.outbox.mute();
      }
    },
    delayAnswers(byMs) {
      delayMs = byMs;
    },
    refuseTokens(refused) {
      refusesTokens = refused;
    },
    say(entityId, state, attributes = {}) {
      target().home.life.set(entityId, state, attributes, NOBODY);
    },
    async restart({ downMs, startingMs }) {
      const { home, doors } = target();
      home.life.goDown();
      await doors.close("stopping");
      await pause(downMs);
      running = false;
      await doors.open();
      await pause(startingMs / 2);
      home.life.comeUp();
      home.save();
      await pause(startingMs / 2);
      running = true;
      home.bus.fire(eventMessage("homeassistant_started", {}, home.clock.nowUs(), NOBODY));
    },
  };
}

function pause(durationMs: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, durationMs);
  });
}
