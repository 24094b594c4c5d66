import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { identityOf, readDefinition } from "../../src/core/features/definition.ts";
import { openForWriting } from "../../src/store/db.ts";
import { migrate } from "../../src/store/migrate.ts";
import { temporaryFolder } from "../helpers/database.ts";

const NOW = Date.UTC(2026, 10, 21);
const BASE = readFileSync(new URL("../../src/store/migrations/0001_base.sql", import.meta.url), "utf8");

/** One of each kind, as version 1 of the file wrote them. */
const BEFORE = {
  "area.bathroom:activity:120m": `{"cap":10000,"entities":["binary_sensor.door","light.bath"],"group":"area","horizonMs":7200000,"kind":"activity_count","repeating":["binary_sensor.door"],"rules":1}`,
  "home:everybody_away": `{"entities":["person.anna"],"group":"home","kind":"away","measure":"all","rules":1}`,
  "clock:hour_cos": `{"entities":[],"group":"clock","harmonic":1,"kind":"clock_wave","timeZone":"Europe/Amsterdam","wave":"cos"}`,
  "clock:weekend": `{"days":[6,7],"entities":[],"group":"clock","kind":"clock_weekend","leadHours":12,"timeZone":"Europe/Amsterdam"}`,
  "sensor.humidity:mean:30m": `{"entities":["sensor.humidity"],"group":"entity","high":20000,"horizonMs":1800000,"kind":"level","low":-1000,"rules":1,"scale":"linear","statistic":"mean"}`,
  "area.bathroom:minutes_since_activity": `{"capMs":43200000,"entities":["binary_sensor.door"],"event":"activity","group":"area","kind":"minutes_since","repeating":["binary_sensor.door"],"rules":1}`,
  "light.bath:on_fraction:120m": `{"entities":["light.bath"],"group":"entity","horizonMs":7200000,"kind":"on_fraction","rules":1}`,
  "binary_sensor.door": `{"entities":["binary_sensor.door"],"group":"entity","high":1,"kind":"state_now","low":0,"rules":1}`,
};

test("definitions of a file of version 1 are read as if they had been written today, under their own ids", () => {
  const db = openForWriting(join(temporaryFolder(), "before.db"));
  db.exec(BASE);
  db.pragma("user_version = 1");
  const names = Object.keys(BEFORE);
  for (const [index, [name, text]] of Object.entries(BEFORE).entries()) {
    db.run("INSERT INTO feature_definitions (feature_id, name, definition, created_at_ms) VALUES (?, ?, ?, ?)", index + 1, name, text, NOW);
  }
  migrate(db, NOW);
  const stored = db.all<{ id: number; name: string; definition: string }>(
    "SELECT feature_id AS id, name, definition FROM feature_definitions ORDER BY feature_id",
  );
  db.close();
  expect(stored.map(({ id, name }) => [id, name])).toEqual(names.map((name, index) => [index + 1, name]));
  for (const { name, definition } of stored) expect(identityOf(readDefinition(name, definition))).toBe(definition);
});
