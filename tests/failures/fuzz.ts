import { setTimeout as pause, setImmediate } from "node:timers/promises";
import { randomFrom } from "./kills.ts";
import { createMutations } from "./mutations.ts";
import { type Payload, realPayloads } from "./payloads.ts";
import type { Source } from "./source.ts";
import { storedEvents } from "./stored.ts";
import { eventsIn, isUsualId, keyOf, type ValidRow, validRow } from "./valid-rows.ts";

/** Mutated messages from Home Assistant's side, good ones between them. */
export interface Fuzz {
  /** Changes of values: each frame is JSON still, so one connection hears them all. */
  values(messages: number): Promise<void>;
  /** Changes of the text: most of these end the connection. `isHeard` is waited for before each. */
  texts(messages: number): Promise<void>;
  readonly counts: { mutated: number; stillValid: number; good: number };
  /** What is wrong in the file: rows that nobody said, and rows that are missing. */
  compare(database: string): { readonly wrong: readonly string[]; readonly missing: readonly string[] };
}

const PER_FRAME = 50;
const MOST_WAITING_BYTES = 4 << 20;

const isExact = (us: bigint): boolean => us <= BigInt(Number.MAX_SAFE_INTEGER) && us >= -BigInt(Number.MAX_SAFE_INTEGER);

export function createFuzz(source: Source, seed: number): Fuzz {
  const random = randomFrom(seed);
  const mutations = createMutations(random);
  const payloads = realPayloads();
  const counts = { mutated: 0, stillValid: 0, good: 0 };
  /** By identity: what came first stays. */
  const must = new Map<string, string>();
  const may = new Set<string>();
  /** Identities that a removal may have taken before: whether it did depends on whether its entity was known. */
  const removed = new Set<string>();

  function event({ entity_id, state, attributes }: Payload): object {
    const at = source.instantText();
    const entityId = `${entity_id.split(".")[0]}.mutant_${entity_id.split(".")[1]}`;
    const times = { last_changed: at, last_updated: at, last_reported: at };
    const after = { entity_id: entityId, state, attributes, ...times, context: { id: "01", parent_id: null, user_id: null } };
    const data = { entity_id: entityId, old_state: random() < 0.5 ? after : null, new_state: random() < 0.05 ? null : after };
    return { event_type: "state_changed", data, origin: "LOCAL", time_fired: at, context: after.context };
  }

  function expectRow(row: ValidRow | null, isSurelyHeard: boolean): void {
    if (row === null) return;
    counts.stillValid += 1;
    may.add(keyOf(row));
    const identity = `${row.entityId}@${row.us}`;
    // Further than 2^53 µs away an instant has no exact number any more; such a row is left out.
    // The removal of an entity that was never stored says nothing.
    if (row.state === "") removed.add(identity);
    if (isSurelyHeard && !removed.has(identity) && isUsualId(row.entityId) && isExact(row.us) && !must.has(identity))
      must.set(identity, keyOf(row));
  }

  const next = (): object => event(payloads[Math.floor(random() * payloads.length)]!);

  return {
    counts,
    async values(messages) {
      for (let sent = 0; sent < messages; sent += PER_FRAME) {
        const mutants = Array.from({ length: Math.min(PER_FRAME, messages - sent) }, () => mutations.ofValue(next()));
        counts.mutated += mutants.length;
        // As it arrives: what JSON cannot say is gone.
        for (const mutant of JSON.parse(JSON.stringify(mutants)) as unknown[]) expectRow(validRow(mutant), true);
        source.tell(...mutants);
        source.burst(5, { entities: 30 });
        counts.good += 5;
        if (sent % (20 * PER_FRAME) === 0) await pause(5);
        while (source.waitingBytes() > MOST_WAITING_BYTES) await pause(5);
      }
    },
    async texts(messages) {
      for (let sent = 0; sent < messages; sent += 1) {
        for (let waited = 0; !source.isHeard() && waited < 20_000; waited += 1) await (waited < 50 ? setImmediate() : pause(2));
        const good = next();
        source.sendFrame((id) => {
          const text = mutations.ofText(
            JSON.stringify([
              { id, type: "event", event: next() },
              { id, type: "event", event: good },
            ]),
          );
          for (const each of eventsIn(text)) expectRow(validRow(each), false);
          return text;
        });
        counts.mutated += 1;
        if (sent % 3 === 0) {
          source.burst(3, { entities: 30 });
          counts.good += 3;
        }
        await setImmediate();
      }
    },
    compare(database) {
      const stored = storedEvents(database);
      const [inFile, said] = [new Set(stored), source.said()];
      const known = new Set(said);
      return {
        wrong: stored.filter((row) => !known.has(row) && !may.has(row)).slice(0, 10),
        missing: [...said, ...must.values()].filter((row) => !inFile.has(row)).slice(0, 10),
      };
    },
  };
}
