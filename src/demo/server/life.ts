import type { HomeClock } from "../clock.ts";
import type { HomeEvent } from "../home/day-log.ts";
import type { Attributes } from "../home/entities.ts";
import type { SimulatedHome } from "../home/home.ts";
import { type Cause, createRecorder, NOBODY, type Recorder, type StateChange, type StateRow } from "./recorder.ts";
import type { Deed } from "./saved-life.ts";

/** The home as Home Assistant sees it: what happened up to now, with what clients did put between it. */
export interface Life {
  readonly recorder: Recorder;
  /** Lets everything happen that is due; each change is told to the listener, oldest first. */
  advance(): void;
  /** The instant of the next thing to happen, ms. */
  nextMs(): number;
  /** A client or a test sets a state now. */
  set(entityId: string, state: string, attributes: Attributes, cause: Cause): void;
  /** A client removes an entity. */
  remove(entityId: string): void;
  /** Home Assistant is down: what happens meanwhile is seen by nobody. */
  goDown(): void;
  /** It is up again: every entity shows its state as if for the first time. */
  comeUp(): void;
  /** What clients did, for the file. */
  deeds(): readonly Deed[];
}

const LOOK_AHEAD_US = 3_600_000_000;

export function createLife(home: SimulatedHome, clock: HomeClock, past: readonly Deed[], tell: (change: StateChange) => void): Life {
  const recorder = createRecorder();
  const deeds: Deed[] = [...past].sort((a, b) => a.atUs - b.atUs);
  const missed = new Map<string, HomeEvent>();
  let downSinceUs: number | null = null;
  let asleep: readonly StateRow[] = [];
  let coming: readonly HomeEvent[] = [];
  let next = 0;
  let lookedUntilUs = home.bornMs * 1000;
  let listener: (change: StateChange) => void = () => undefined;

  relive(clock.nowUs());
  listener = tell;

  function peek(): HomeEvent {
    while (next >= coming.length) {
      coming = home.eventsBetween(lookedUntilUs, lookedUntilUs + LOOK_AHEAD_US);
      home.forgetBefore(lookedUntilUs);
      lookedUntilUs += LOOK_AHEAD_US;
      next = 0;
    }
    return coming[next]!;
  }

  function liveUntil(untilUs: number): void {
    for (let event = peek(); event.atUs <= untilUs; event = peek()) {
      next += 1;
      if (downSinceUs !== null) missed.set(event.entityId, event);
      else
        write(
          event.entityId,
          event.state,
          event.attributes,
          event.atUs,
          event.userId === null ? NOBODY : { userId: event.userId, contextId: null },
        );
    }
  }

  function write(entityId: string, state: string, attributes: Attributes, atUs: number, cause: Cause): void {
    const change = recorder.write(entityId, state, attributes, atUs, cause);
    if (change) listener(change);
  }

  /** At each start: the past again, with what clients did at its time. */
  function relive(untilUs: number): void {
    for (const deed of deeds) {
      if (deed.kind === "restart") {
        liveUntil(deed.fromUs);
        fallSilent(deed.fromUs);
        liveUntil(deed.atUs);
        showAllAnew(deed.atUs);
      } else if (deed.kind === "removal") {
        liveUntil(deed.atUs);
        recorder.remove(deed.entityId, deed.atUs);
      } else {
        liveUntil(deed.atUs);
        write(deed.entityId, deed.state, deed.attributes, deed.atUs, deed);
      }
    }
    liveUntil(untilUs);
  }

  function fallSilent(atUs: number): void {
    downSinceUs = atUs;
    asleep = recorder.forgetCurrent();
  }

  function showAllAnew(atUs: number): void {
    downSinceUs = null;
    for (const [i, row] of asleep.entries()) {
      if (!home.has(row.entityId)) continue;
      const now = missed.get(row.entityId) ?? row;
      write(row.entityId, now.state, now.attributes, atUs + 137 * i, NOBODY);
    }
    missed.clear();
  }

  return {
    recorder,
    advance: () => liveUntil(clock.nowUs()),
    nextMs: () => peek().atUs / 1000,
    set(entityId, state, attributes, cause) {
      const nowUs = clock.nowUs();
      liveUntil(nowUs);
      const change = recorder.write(entityId, state, attributes, nowUs, cause);
      if (!change?.after) return;
      deeds.push({ kind: "state", atUs: change.after.updatedUs, entityId, state, attributes: { ...attributes }, ...cause });
      listener(change);
    },
    remove(entityId) {
      const nowUs = clock.nowUs();
      liveUntil(nowUs);
      const change = recorder.remove(entityId, nowUs);
      if (!change || change.after !== null) return;
      deeds.push({ kind: "removal", atUs: change.removedUs, entityId });
      listener(change);
    },
    goDown() {
      const nowUs = clock.nowUs();
      liveUntil(nowUs);
      fallSilent(nowUs);
    },
    comeUp() {
      if (downSinceUs === null) return;
      const nowUs = clock.nowUs();
      liveUntil(nowUs);
      deeds.push({ kind: "restart", fromUs: downSinceUs, atUs: nowUs });
      showAllAnew(nowUs);
    },
    deeds: () => deeds,
  };
}
