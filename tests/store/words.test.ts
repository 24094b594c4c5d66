import fc from "fast-check";
import { expect, test } from "vitest";
import { pageOfEntities } from "../../src/store/pages/entities.ts";
import { temporaryDatabase } from "../helpers/database.ts";

function homeOf(names: readonly string[]) {
  const db = temporaryDatabase();
  names.forEach(
    (name, n) =>
      void db.run("INSERT INTO entities (entity_id, domain, name, first_seen_ms) VALUES (?, 'light', ?, 0)", `light.l${n}`, name),
  );
  return (words: string): (string | null)[] => pageOfEntities(db, { words, limit: 50, offset: 0 }).items.map(({ name }) => name);
}

// Broken once: LIKE alone found only those that are written as they stand.
test.each([
  ["Küche", ["KÜCHE", "küche", "kÜche", "ku\u0308che", "üch"], ["kuche", "KUCHE"]],
  ["ÄUSSERE TÜR", ["äußere tür", "Äussere", "ẞERE"], ["aussere"]],
  ["Straßenlampe", ["STRASSENLAMPE", "strassen", "STRAẞE", "straße"], ["strase"]],
  ["Entrée", ["ENTRÉE", "entrée", "e\u0301e", "É"], ["entree"]],
  ["Éclairage 100 %", ["éclair", "100 %", "E\u0301C"], ["1%0", "100_%", "100_"]],
  ["ΟΔΟΣ", ["οδος", "οδοσ", "ΟΔΟ"], ["οδοι"]],
  ["Ванная", ["ванная", "ВАННАЯ"], ["банная"]],
  ["Kitchen\\Hall", ["kitchen\\hall", "KITCHEN\\"], ["kitchen/"]],
])("%s is found whatever the case of its words", (name, found, missed) => {
  const find = homeOf([name, "something else"]);
  for (const words of found) expect([words, find(words)]).toEqual([words, [name]]);
  for (const words of missed) expect([words, find(words)]).toEqual([words, []]);
});

test("law: a part of a name is found in upper and lower case", () => {
  const letter = fc.constantFrom(..."aäAÄßẞéÉøØσςΣжЖ%_\\'1 ");
  const name = fc.array(letter, { minLength: 1, maxLength: 8 }).map((letters) => letters.join(""));
  fc.assert(
    fc.property(name, fc.nat(7), fc.nat(7), (text, from, length) => {
      const part = text.slice(from % text.length, (from % text.length) + 1 + length);
      const find = homeOf([text]);
      for (const words of [part, part.toUpperCase(), part.toLowerCase()]) expect([words, find(words)]).toEqual([words, [text]]);
    }),
    { numRuns: 100 },
  );
});
