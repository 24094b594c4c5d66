import fc from "fast-check";
import { expect, test } from "vitest";
import { openForWriting } from "../../src/store/db.ts";
import { migrate } from "../../src/store/migrate.ts";
import { pageOfEvents } from "../../src/store/pages/events.ts";
import { insertEvents } from "../../src/store/tables/events.ts";
import { temporaryFolder } from "../helpers/database.ts";

const ENTITIES = ["light.a", "light.b", "light.c", "light.d"];
const BASE_US = 1_790_000_000_000_000;

/** Many share an instant, so that pages end between rows of the same one. */
const events = fc
  .uniqueArray(fc.record({ entity: fc.nat(ENTITIES.length - 1), at: fc.nat(12), isOn: fc.boolean() }), {
    selector: ({ entity, at }) => `${entity} ${at}`,
    maxLength: 40,
  })
  .map((all) => all.toSorted((a, b) => a.at - b.at || a.entity - b.entity));

test("pages of whatever size, of some entities or all, hold each event once, the newest first, and count them", () => {
  const db = openForWriting(`${temporaryFolder()}/events.db`);
  migrate(db, 0);
  fc.assert(
    fc.property(events, fc.subarray(ENTITIES), fc.integer({ min: 1, max: 7 }), fc.boolean(), (all, entities, limit, isOnAlone) => {
      db.exec("DELETE FROM raw_events");
      insertEvents(db, {
        events: all.map(({ entity, at, isOn }) => ({
          entityId: ENTITIES[entity]!,
          state: isOn ? "on" : "off",
          updatedUs: BASE_US + at,
          knownAtMs: null,
          source: "history" as const,
        })),
        nowMs: BASE_US / 1000,
      });
      const idOf = new Map(
        db.all<{ id: number; name: string }>("SELECT id, entity_id AS name FROM entities").map(({ id, name }) => [name, id]),
      );
      const wanted = all
        .filter(({ entity, isOn }) => (entities.length === 0 || entities.includes(ENTITIES[entity]!)) && (isOn || !isOnAlone))
        .toSorted((a, b) => b.at - a.at || idOf.get(ENTITIES[b.entity]!)! - idOf.get(ENTITIES[a.entity]!)!)
        .map(({ entity, at }) => `${ENTITIES[entity]} ${at}`);
      const query = { entities, areas: [], state: isOnAlone ? "on" : undefined, fromUs: BASE_US, toUs: BASE_US + 100, limit };
      const found: string[] = [];
      for (let offset = 0; offset <= wanted.length; offset += limit) {
        const { items, total } = pageOfEvents(db, { ...query, offset });
        expect(total).toBe(wanted.length);
        expect(items.length).toBe(Math.min(limit, wanted.length - offset));
        found.push(...items.map(({ entityId, atUs }) => `${entityId} ${atUs - BASE_US}`));
      }
      // Broken once: the part that holds a page began with all rows of its first instant, also those of the page before.
      expect(found).toEqual(wanted);
    }),
    { numRuns: 150 },
  );
  db.close();
});
