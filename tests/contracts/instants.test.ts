import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { isoMs } from "../../src/core/time.ts";
import { type ContractDatabase, createContractDatabase } from "./contract-database.ts";
import { readByCommand, sqliteCommandLabel, sqliteCommandVersion } from "./sqlite-command.ts";

const LAST_MS = Date.UTC(2099, 0, 1);
// The ends of seconds, minutes and years are where a rounded fraction would spill over.
const anyMs = fc.oneof(
  fc.integer({ min: 0, max: LAST_MS }),
  fc.integer({ min: 1, max: 50_000 }).map((minute) => minute * 60_000 - 1),
);

let database: ContractDatabase;
beforeAll(() => {
  database = createContractDatabase("INSERT INTO entities (id, entity_id, domain, first_seen_ms) VALUES (1, 'light.a', 'light', 0);");
});
afterAll(() => database.remove());

function store(instants: readonly { readonly ms: number; readonly us: number }[]): void {
  const rows = instants.map(({ ms, us }) => `(${ms * 1000 + us}, 1, '', ${ms}, 0)`).join(", ");
  database.write(`DELETE FROM raw_events; INSERT INTO raw_events (updated_us, entity_id, state, known_at_ms, source) VALUES ${rows}`);
}

const texts = (instants: readonly { readonly ms: number; readonly us: number }[]) =>
  instants.map(({ ms, us }) => ({
    occurred_at_utc: isoMs(ms),
    updated_at_utc: isoMs(ms).replace("Z", `${String(us).padStart(3, "0")}Z`),
    known_at_utc: isoMs(ms),
  }));

const QUERY = "SELECT occurred_at_utc, updated_at_utc, known_at_utc FROM vw_raw_events";
const instantsInOrder = fc
  .uniqueArray(fc.record({ ms: anyMs, us: fc.integer({ min: 0, max: 999 }) }), { selector: ({ ms }) => ms, minLength: 50, maxLength: 200 })
  .map((instants) => instants.sort((a, b) => a.ms - b.ms));

test("every stored instant reads as the same instant in text, cut and never rounded up", () => {
  fc.assert(
    fc.property(instantsInOrder, (instants) => {
      store(instants);
      expect(database.read(QUERY)).toEqual(texts(instants));
    }),
    { numRuns: 20 },
  );
});

test.skipIf(sqliteCommandVersion === null)(`so it does by the ${sqliteCommandLabel}`, () => {
  fc.assert(
    fc.property(instantsInOrder, (instants) => {
      store(instants);
      expect(readByCommand(database.path, QUERY)).toEqual(texts(instants));
    }),
    { numRuns: 5 },
  );
});
