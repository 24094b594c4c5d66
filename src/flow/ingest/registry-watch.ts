import type { Clock } from "../../core/clock.ts";
import { type AttributesOf, factsWithAttributes } from "./attributes.ts";
import type { Chooser } from "./choice.ts";
import type { Gate } from "./gate.ts";
import type { HomeState, RegistryPort, Renamed } from "./ports.ts";
import { eachSlice } from "./slices.ts";

export interface RegistryWatchOptions {
  readonly registry: RegistryPort;
  readonly states: () => Promise<readonly HomeState[]>;
  readonly chooser: Chooser;
  readonly gate: Gate;
  readonly clock: Clock;
  /** Stores everything that was let through. */
  readonly flush: () => Promise<void>;
  readonly onNewlyChosen: (entityIds: readonly string[]) => void;
  /** Entities are left out from now on. */
  readonly onLeft: (entityIds: readonly string[]) => void;
  readonly onFindings: (findings: readonly string[]) => void;
  readonly onTrouble: (error: unknown) => void;
}

export interface RegistryWatch {
  /**
   * Listens to the registries, reads them once, and follows them until the signal. Resolves when they are known, or cannot be known now, with
   * what Home Assistant renamed meanwhile.
   */
  begin(states: readonly HomeState[], signal: AbortSignal): Promise<readonly Renamed[]>;
  /** Opens the gate, unless an entity is being renamed: it is opened then when that is done. */
  admit(): void;
  /** Somebody waits for entities that are not known: they are looked up soon. */
  lookSoon(): void;
}

/** Updates come in crowds (an integration is set up): the lists are read when none came for so long. */
const QUIET_MS = 500;
/** Reading 15,000 entities costs Home Assistant half a second; it shall not do that more than so often. */
const REST_FACTOR = 10;
const RETRY_MS = 10_000;

/** Keeps areas, classes and names as the registries have them, and the choice and the stored names with them. */
export function createRegistryWatch(options: RegistryWatchOptions): RegistryWatch {
  const { registry, chooser, gate, clock } = options;
  const attributesOf: AttributesOf = chooser.attributesOf;
  let signal: AbortSignal = AbortSignal.abort();
  let isWanted = false;
  /** Renames that were told and are not stored yet, in their order. */
  let renames: readonly Renamed[] = [];
  let turn: Promise<unknown> = Promise.resolve();
  let restUntilMs = 0;
  let isFollowing = false;
  /** To all registries, in the connection that stands. */
  let isSubscribed = false;

  /** One reading at a time: an older list must not be stored over a newer one. */
  function read(known?: readonly HomeState[]): Promise<readonly Renamed[]> {
    const mine = turn.then(() => readNow(known));
    turn = mine.catch(() => undefined); // the caller gets the error; the next in line only waits
    return mine;
  }

  async function readNow(known?: readonly HomeState[]): Promise<readonly Renamed[]> {
    signal.throwIfAborted();
    const beganMs = clock.nowMs();
    const told = renames;
    const states = known ?? (await options.states());
    const facts = await registry.facts(states);
    signal.throwIfAborted();
    const [newly, left]: [string[], string[]] = [[], []];
    await eachSlice(facts, (slice) => {
      const learned = chooser.learn(slice);
      newly.push(...learned.newly);
      left.push(...learned.left);
    });
    if (left.length > 0) options.onLeft(left);
    // What waits for an entity that no list knows is decided by its id.
    const listed = new Set(facts.map(({ entityId }) => entityId));
    chooser.learn(
      gate
        .waitingFor()
        .filter((entityId) => !listed.has(entityId))
        .map((entityId) => ({ entityId, area: null, deviceClass: null })),
    );
    // Events under former names are stored before the names change.
    await options.flush();
    const { renamed } = await registry.put(factsWithAttributes(facts, states, attributesOf), told);
    for (const { from, to } of renamed) chooser.rename(from, to);
    renames = renames.slice(told.length);
    restUntilMs = clock.nowMs() + REST_FACTOR * (clock.nowMs() - beganMs);
    const attributes = new Map(states.map((state) => [state.entityId, state.attributes]));
    options.onFindings(chooser.findings(facts, (entityId, name) => Object.hasOwn(attributes.get(entityId) ?? {}, name)));
    if (newly.length > 0) options.onNewlyChosen(newly);
    return renamed;
  }

  /** Where it fails, some registries may be heard already: an update that is told twice changes nothing more. */
  async function subscribe(until: AbortSignal): Promise<void> {
    await registry.subscribe(({ entityId, formerId }) => {
      if (until.aborted) return;
      // Under its new name it would be another entity until the row has it.
      if (entityId !== null && formerId !== null) {
        renames = [...renames, { from: formerId, to: entityId }];
        gate.close();
        gate.rename(formerId, entityId);
      }
      lookSoon();
    });
    isSubscribed = true;
  }

  async function follow(until: AbortSignal): Promise<void> {
    while (isWanted && !until.aborted) {
      isWanted = false;
      try {
        await clock.sleepUntil(renames.length > 0 ? 0 : Math.max(clock.nowMs() + QUIET_MS, restUntilMs), until);
        if (!isSubscribed) await subscribe(until);
        await read();
        admit();
      } catch (error) {
        if (until.aborted) return;
        options.onTrouble(error);
        isWanted = true;
        // What is heard must not wait for registries that do not come.
        gate.open();
        await clock.sleepUntil(clock.nowMs() + RETRY_MS, until).catch(() => undefined);
      }
    }
  }

  function lookSoon(): void {
    isWanted = true;
    if (isFollowing) return;
    isFollowing = true;
    void follow(signal).finally(() => {
      isFollowing = false;
      if (isWanted && !signal.aborted) lookSoon();
    });
  }

  function admit(): void {
    if (renames.length === 0) gate.open();
  }

  return {
    async begin(states, until) {
      signal = until;
      isWanted = false;
      isSubscribed = false;
      try {
        await subscribe(until);
        return await read(states);
      } catch (error) {
        if (until.aborted) throw error;
        options.onTrouble(error);
        lookSoon();
        return [];
      }
    },
    admit,
    lookSoon,
  };
}
