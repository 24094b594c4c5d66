import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { attributeId, domainOf, type EntityFacts } from "../../src/core/events/entity.ts";
import type { StateEvent } from "../../src/core/events/event.ts";
import type { Db } from "../../src/store/db.ts";
import { execute } from "../../src/store/inline-writer.ts";
import { currentNames, readEntities } from "../../src/store/tables/entities.ts";
import { entityIndex, forgetEntityIndex } from "../../src/store/tables/entity-index.ts";
import { newestStored, readHelperChanges } from "../../src/store/tables/events.ts";
import { temporaryDatabase } from "../helpers/database.ts";

const NOW = Date.UTC(2026, 10, 21);

const event = (entityId: string, atUs: number, state = "on", source: StateEvent["source"] = "live"): StateEvent => ({
  entityId,
  state,
  updatedUs: NOW * 1000 + atUs,
  knownAtMs: source === "live" ? NOW : null,
  source,
});
const facts = (entityId: string, over: Partial<EntityFacts> = {}): EntityFacts => ({
  entityId,
  domain: domainOf(entityId),
  deviceClass: null,
  unit: null,
  area: null,
  name: null,
  platform: "test",
  kind: null,
  ...over,
});
const insert = (db: Db, ...events: StateEvent[]): unknown => execute(db, "insertEvents", { events, nowMs: NOW });
const put = (db: Db, ...given: EntityFacts[]) => execute(db, "putEntityFacts", { facts: given, nowMs: NOW + 5, isComplete: true });
const rowsOf = (db: Db, entityId: string): number[] =>
  db
    .all<{ us: number }>(
      "SELECT r.updated_us AS us FROM raw_events r JOIN entities e ON e.id = r.entity_id WHERE e.entity_id = ? ORDER BY 1",
      entityId,
    )
    .map(({ us }) => us - NOW * 1000);

/** Events after which the transaction fails. */
function thenBroken(events: readonly StateEvent[]): StateEvent[] {
  const broken = event("light.l0", 7);
  return [
    ...events,
    {
      ...broken,
      get state(): string {
        throw new Error("broken");
      },
    },
  ];
}

describe("counts of events", () => {
  const source = fc.constantFrom<StateEvent["source"]>("live", "history", "anchor");
  const drawn = fc.record({ entity: fc.integer({ min: 0, max: 3 }), atUs: fc.integer({ min: -400, max: 400 }), source });
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("batch" as const), events: fc.array(drawn, { maxLength: 12 }) }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("failed batch" as const), events: fc.array(drawn, { maxLength: 6 }) }) },
    { weight: 2, arbitrary: fc.constant({ kind: "save" as const }) },
    { weight: 3, arbitrary: fc.constant({ kind: "kill" as const }) },
  );

  test("whatever is killed, rolled back, replayed or comes late: they are what a fresh count of the rows gives", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        const db = temporaryDatabase();
        for (const one of steps) {
          if (one.kind === "save") execute(db, "saveEntityStates", null);
          else if (one.kind === "kill") forgetEntityIndex(db);
          else {
            const events = one.events.map((each) => event(`light.l${each.entity}`, each.atUs, "on", each.source));
            if (one.kind === "batch") insert(db, ...events);
            else expect(() => execute(db, "insertEvents", { events: thenBroken(events), nowMs: NOW })).toThrow("broken");
          }
        }
        const fresh = db.all<{ id: number; n: number; us: number }>(
          "SELECT entity_id AS id, count(*) FILTER (WHERE source <> 4) AS n, max(updated_us) AS us FROM raw_events GROUP BY entity_id ORDER BY 1",
        );
        forgetEntityIndex(db);
        const known = [...entityIndex(db).all()].filter(({ updatedUs }) => updatedUs > 0);
        expect(known.map(({ id, eventCount, updatedUs }) => ({ id, n: eventCount, us: updatedUs })).sort((a, b) => a.id - b.id)).toEqual(
          fresh,
        );
        execute(db, "saveEntityStates", null);
        const total = db.get<{ value: string }>("SELECT value FROM health WHERE key = 'events_total'")?.value ?? "0";
        expect(Number(total)).toBe(readEntities(db).reduce((sum, { eventCount }) => sum + eventCount, 0));
      }),
      { numRuns: 60 },
    );
  });

  test("an event from the future does not hide from a start what comes until its time", () => {
    const db = temporaryDatabase();
    insert(db, event("light.a", 3_600_000_000_000));
    execute(db, "saveEntityStates", null);
    insert(db, event("light.b", -1));
    const index = entityIndex(db);
    forgetEntityIndex(db);
    expect(entityIndex(db)).not.toBe(index);
    expect(newestStored(db, NOW + 3_600_000).get("light.b")).toBe(NOW * 1000 - 1);
    expect(db.get("SELECT value FROM metadata WHERE key = 'newest_saved_us'")).toBeUndefined();
  });
});

describe("renamed entities", () => {
  test("a renamed entity keeps its past under its new name, its attributes too, and events under it are the same entity's", () => {
    const db = temporaryDatabase();
    const attribute = attributeId("climate.old", "temperature");
    put(db, facts("climate.old", { registryId: "r1" }), facts(attribute, { derivedFrom: "climate.old", attribute: "temperature" }));
    insert(db, event("climate.old", 1), event(attribute, 2, "20"));
    const { renamed } = put(db, facts("climate.new", { registryId: "r1" }));
    insert(db, event("climate.old", 3, ""), event("climate.new", 4), event("climate.new", 1));
    expect(renamed).toEqual([{ from: "climate.old", to: "climate.new" }]);
    expect(rowsOf(db, "climate.new")).toEqual([1, 4]);
    expect(rowsOf(db, "climate.new#temperature")).toEqual([2]);
    expect(readEntities(db).map(({ entityId, formerIds }) => [entityId, formerIds])).toEqual([
      ["climate.new", ["climate.old"]],
      ["climate.new#temperature", []],
    ]);
  });

  test("one that was renamed before its id was known is found by what was told, through all its names", () => {
    const db = temporaryDatabase();
    insert(db, event("light.a", 1));
    const told = [
      { from: "light.a", to: "light.b" },
      { from: "light.b", to: "light.c" },
    ];
    execute(db, "putEntityFacts", { facts: [facts("light.c", { registryId: "ra" })], told, nowMs: NOW, isComplete: true });
    expect(readEntities(db).map(({ entityId, formerIds }) => [entityId, formerIds])).toEqual([["light.c", ["light.a"]]]);
    expect(rowsOf(db, "light.c")).toEqual([1]);
  });

  test("a renamed label helper goes on being heard under the name that the options have", () => {
    const db = temporaryDatabase();
    const [old, now] = ["input_datetime.bed", "input_datetime.bedtime"];
    const targets = [{ name: "sleep", startEntity: old, endEntity: "input_datetime.up" }];
    execute(db, "putTargets", { targets, nowMs: NOW });
    put(db, facts(old, { registryId: "r1" }));
    insert(db, event(old, 1, "first"));
    put(db, facts(now, { registryId: "r1" }));
    insert(db, event(now, 2, "second"));
    execute(db, "putTargets", { targets, nowMs: NOW }); // the next start
    insert(db, event(now, 3, "third"));
    expect(readHelperChanges(db, [old]).map(({ entityId, state }) => [entityId, state])).toEqual(
      ["first", "second", "third"].map((state) => [old, state]),
    );
    expect(currentNames(db, [old, "input_datetime.up"])).toEqual([now]);
    expect(readEntities(db).map(({ entityId }) => entityId)).toEqual([now, "input_datetime.up"]);
  });

  test("swapped names swap the rows", () => {
    const db = temporaryDatabase();
    put(db, facts("light.a", { registryId: "ra" }), facts("light.b", { registryId: "rb" }));
    insert(db, event("light.a", 1), event("light.b", 2));
    put(db, facts("light.a", { registryId: "rb" }), facts("light.b", { registryId: "ra" }));
    expect([rowsOf(db, "light.a"), rowsOf(db, "light.b")]).toEqual([[2], [1]]);
    // A name that somebody has now is nobody's former name.
    expect(readEntities(db).flatMap(({ formerIds }) => formerIds)).toEqual([]);
  });

  test("where the new name has a past of its own both stay apart, and the old one is over", () => {
    const db = temporaryDatabase();
    put(db, facts("light.a", { registryId: "ra" }));
    insert(db, event("light.a", 1), event("light.b", 2));
    const { renamed } = put(db, facts("light.b", { registryId: "ra" }));
    expect(renamed).toEqual([]);
    expect([rowsOf(db, "light.a"), rowsOf(db, "light.b")]).toEqual([[1], [2]]);
    expect(db.all("SELECT entity_id, registry_id, removed_at_ms FROM entities ORDER BY 1")).toEqual([
      { entity_id: "light.a", registry_id: null, removed_at_ms: NOW + 5 },
      { entity_id: "light.b", registry_id: "ra", removed_at_ms: null },
    ]);
  });

  test("a new name that never said anything makes room, with its gaps", () => {
    const db = temporaryDatabase();
    put(db, facts("light.a", { registryId: "ra" }));
    insert(db, event("light.a", 1));
    execute(db, "noteGap", { entityId: "light.b", fromMs: 0, toMs: 5, reason: "disconnected", nowMs: NOW });
    execute(db, "putPast", { events: [], entityIds: ["light.b"], fromMs: 0, isWhole: true, nowMs: NOW });
    put(db, facts("light.b", { registryId: "ra" }));
    expect(rowsOf(db, "light.b")).toEqual([1]);
    expect(db.all("SELECT e.entity_id FROM gaps g JOIN entities e ON e.id = g.entity_id")).toEqual([{ entity_id: "light.b" }]);
  });
});

describe("removed entities", () => {
  const removedAt = (db: Db, entityId: string): number | null => {
    execute(db, "saveEntityStates", null);
    return db.get<{ ms: number | null }>("SELECT removed_at_ms AS ms FROM entities WHERE entity_id = ?", entityId)?.ms ?? null;
  };

  test("an empty state removes an entity at its instant, a later state brings it back", () => {
    const db = temporaryDatabase();
    insert(db, event("light.a", 1000), event("light.a", 3_000_000, ""));
    expect(removedAt(db, "light.a")).toBe(NOW + 3000);
    insert(db, event("light.a", 2_000_000, "off", "history"));
    expect(removedAt(db, "light.a")).toBe(NOW + 3000);
    insert(db, event("light.a", 9_000_000, "off"));
    expect(removedAt(db, "light.a")).toBeNull();
  });

  test("an entity that the home no longer knows is over; known again, it is not", () => {
    const db = temporaryDatabase();
    put(db, facts("light.a"), facts("light.b"));
    insert(db, event("light.a", 1));
    put(db, facts("light.b"));
    expect(removedAt(db, "light.a")).toBe(NOW + 5);
    put(db, facts("light.a"), facts("light.b"));
    expect(removedAt(db, "light.a")).toBeNull();
  });

  test("the removal of what was never stored is not stored: a renamed entity leaves its old name so", () => {
    const db = temporaryDatabase();
    insert(db, event("light.gone", 1, ""));
    expect(readEntities(db)).toEqual([]);
    insert(db, event("light.gone", 1, "", "history"));
    expect(rowsOf(db, "light.gone")).toEqual([1]);
  });
});

test("any text that is an id or a state of Home Assistant is read from the views as it came", () => {
  const hostile = fc.oneof(
    fc.string({ unit: "binary", minLength: 1, maxLength: 255 }),
    fc.constantFrom(
      "'; DROP TABLE raw_events; --",
      '"',
      "`",
      "%_*?#",
      "😀👩‍👩‍👧",
      "\u202Eשלום‎",
      "a\u0000b",
      "\u0000",
      "\\",
      "é",
      "e\u0301",
      "x".repeat(255),
    ),
  );
  const well = hostile.filter((text) => text.isWellFormed() && text !== "");
  const db = temporaryDatabase();
  fc.assert(
    fc
      .property(fc.uniqueArray(well, { minLength: 1, maxLength: 8 }), fc.array(well, { minLength: 8, maxLength: 8 }), (ids, states) => {
        db.exec("BEGIN");
        const names = ids.map((id) => `sensor.${id}`);
        put(db, ...names.map((name, i) => facts(name, { area: states[i]!, name: states[i]!, unit: states[i]! })));
        insert(db, ...names.map((name, i) => event(name, i, states[i]!)));
        const read = db.all<{ entity_id: string; state: string }>("SELECT entity_id, state FROM vw_raw_events");
        expect(read.map((row) => [row.entity_id, row.state])).toEqual(names.map((name, i) => [name, states[i]!]));
        const known = new Map(readEntities(db).map((entity) => [entity.entityId, entity]));
        expect(names.map((name) => known.get(name)?.area)).toEqual(names.map((_, i) => states[i]));
        forgetEntityIndex(db);
        expect([...newestStored(db, NOW + 3_600_000).keys()].sort()).toEqual(names.toSorted());
      })
      .afterEach(() => {
        db.exec("ROLLBACK");
        forgetEntityIndex(db);
      }),
    { numRuns: 40 },
  );
});
