import fc from "fast-check";
import { expect, test } from "vitest";
import type { StateEvent } from "../../src/core/events/event.ts";
import { DAY_MS, HOUR_MS, MINUTE_MS } from "../../src/core/time.ts";
import { createFeatureStage } from "../../src/flow/features.ts";
import { Cancelled, DEFAULT_FEATURE_OPTIONS, type FeatureOptions } from "../../src/flow/stage.ts";
import { createRowReader } from "../../src/flow/stored-rows.ts";
import type { Db } from "../../src/store/db.ts";
import { activeFeatureSet, type FeatureMember, readFeatureRows, readFeatureSet } from "../../src/store/tables/features.ts";
import { trimAll } from "../helpers/trim-all.ts";
import { eventsOfDays, GRID_MS, type SmallHome, START, smallHome } from "./small-home.ts";

const event = (entityId: string, atMs: number, state: string, source: StateEvent["source"] = "history"): StateEvent => ({
  entityId,
  state,
  updatedUs: Math.round(atMs * 1000),
  knownAtMs: null,
  source,
});

async function insert(home: SmallHome, events: readonly StateEvent[]): Promise<void> {
  await home.writer.write("insertEvents", { events, nowMs: home.clock.nowMs() });
}

/** feature id -> the very text of its value, window by window. */
function texts(reader: Db): Map<number, Map<number, string>> {
  const found = new Map<number, Map<number, string>>();
  const members = new Map<number, readonly FeatureMember[]>();
  for (const row of readFeatureRows(reader, 0, Number.MAX_SAFE_INTEGER)) {
    const values = row.valuesJson.slice(1, -1).split(",");
    const own = members.get(row.setId) ?? readFeatureSet(reader, row.setId)!.members;
    members.set(row.setId, own);
    found.set(row.windowNo, new Map(own.map((member, i) => [member.featureId, values[i]!])));
  }
  return found;
}

const withOptions = (home: SmallHome, features: Partial<FeatureOptions>): SmallHome["context"] => ({
  ...home.context,
  options: { ...home.context.options, features: { ...DEFAULT_FEATURE_OPTIONS, ...features } },
});

const lamp = (days: number): StateEvent[] =>
  Array.from({ length: days * 2 }, (_, i) => event("light.lamp", START + 9 * HOUR_MS + i * 12 * HOUR_MS, i % 2 === 0 ? "on" : "off"));

test("a bump computes what is new and carries the rest over digit for digit, also what nobody could compute again", async () => {
  const home = await smallHome();
  await insert(home, eventsOfDays(3));
  home.clock.jumpTo(START + 3 * DAY_MS);
  const pass = createFeatureStage(home.context);
  await pass({});
  // A number that no computation gives: it must come through.
  home.db.run("UPDATE features SET values_json = replace(values_json, substr(values_json, 1, instr(values_json, ',')), '[0.1234567,')");
  const before = texts(home.reader);
  await insert(home, lamp(3));
  expect((await pass({})).windows).toBe(before.size);
  const after = texts(home.reader);
  const isNew = (member: FeatureMember): boolean => !before.values().next().value!.has(member.featureId);
  const members = activeFeatureSet(home.reader)!.members;
  expect(members.filter(isNew).map(({ name }) => name)).toContain("light.lamp:on_fraction:30m");
  for (const [windowNo, values] of before) {
    for (const [featureId, text] of values) {
      if (members.some((member) => member.featureId === featureId)) expect(after.get(windowNo)!.get(featureId)).toBe(text);
    }
  }
  const fresh = await smallHome();
  await insert(fresh, [...eventsOfDays(3), ...lamp(3)]);
  fresh.clock.jumpTo(START + 3 * DAY_MS);
  await createFeatureStage(fresh.context)({});
  const [some] = members.filter(isNew);
  const same = activeFeatureSet(fresh.reader)!.members.find(({ definition }) => definition === some!.definition)!;
  const wanted = texts(fresh.reader);
  for (const windowNo of before.keys()) expect(after.get(windowNo)!.get(some!.featureId)).toBe(wanted.get(windowNo)!.get(same.featureId));
});

test("a bump that is cut off goes on at the next pass, also in a new process", async () => {
  const home = await smallHome();
  await insert(home, eventsOfDays(2));
  home.clock.jumpTo(START + 2 * DAY_MS);
  await createFeatureStage(home.context)({});
  await insert(home, lamp(2));
  await expect(createFeatureStage({ ...home.context, isCancelled: () => true })({})).rejects.toThrow(Cancelled);
  const { setId } = activeFeatureSet(home.reader)!;
  expect(home.reader.get("SELECT COUNT(*) AS n FROM features WHERE set_id = ?", setId)).toEqual({ n: 0 });
  await createFeatureStage(home.context)({});
  expect(home.reader.get("SELECT COUNT(*) AS n FROM features WHERE set_id <> ?", setId)).toEqual({ n: 0 });
});

test("after retention a bump leaves older windows as they are: old features keep their numbers, new ones have none there", async () => {
  const home = await smallHome();
  await insert(home, eventsOfDays(14));
  home.clock.jumpTo(START + 14 * DAY_MS);
  const pass = createFeatureStage(home.context);
  await pass({});
  const limits = { rawDays: 3, featureDays: 400, labelledDays: 1095, gridMs: GRID_MS, nowMs: home.clock.nowMs() };
  trimAll(home.db, limits);
  const before = texts(home.reader);
  await insert(home, [event("light.lamp", home.clock.nowMs() - HOUR_MS, "on"), event("light.lamp", home.clock.nowMs() - MINUTE_MS, "off")]);
  await pass({});
  const set = activeFeatureSet(home.reader)!;
  const rows = createRowReader(home.reader, set);
  const lampAt = set.members.findIndex(({ name }) => name === "light.lamp:on_fraction:30m");
  for (const row of readFeatureRows(home.reader, START / GRID_MS + 100, START / GRID_MS + 110)) {
    const values = rows.read(row.setId, row.valuesJson);
    expect(values[lampAt]).toBeNaN();
    set.members.forEach(({ featureId }, i) => {
      const text = before.get(row.windowNo)!.get(featureId);
      if (text !== undefined) expect(values[i]).toEqual(text === "null" ? Number.NaN : Number(text));
    });
  }
});

test("hourly statistics feed means and the last value, and nothing else", async () => {
  const home = await smallHome();
  await insert(
    home,
    eventsOfDays(1).filter(({ entityId }) => !entityId.startsWith("sensor.")),
  );
  const hourly = Array.from({ length: 24 }, (_, hour) =>
    event("sensor.bedroom_temperature", START + (hour + 1) * HOUR_MS, String(15 + hour), "statistics"),
  );
  await home.writer.write("putPast", { events: [], entityIds: ["sensor.bedroom_temperature"], fromMs: START, isWhole: true, nowMs: START });
  await home.writer.write("putStatistics", { events: hourly, entityIds: ["sensor.bedroom_temperature"], fromMs: START, nowMs: START });
  // One measured state after all of them, so that the sensor has spoken.
  await insert(home, [event("sensor.bedroom_temperature", START + 24 * HOUR_MS + 1, "20")]);
  home.clock.jumpTo(START + DAY_MS + HOUR_MS);
  await createFeatureStage(home.context)({});
  const set = activeFeatureSet(home.reader)!;
  const [row] = readFeatureRows(home.reader, (START + 10 * HOUR_MS) / GRID_MS, (START + 10 * HOUR_MS) / GRID_MS);
  const values = createRowReader(home.reader, set).read(row!.setId, row!.valuesJson);
  const numberOf = (name: string): number =>
    values[set.members.findIndex((member) => member.name === `sensor.bedroom_temperature${name}`)]!;
  expect(numberOf(":mean:30m")).toBe(23);
  expect(numberOf("")).toBe(23);
  for (const name of [":slope:60m", ":spread:60m", ":minimum:60m", ":maximum:60m"]) expect(numberOf(name), name).toBeNaN();
});

test("the same home chooses the same features in the same order, whatever order its entities and events come in", async () => {
  const events = [...eventsOfDays(1), ...lamp(1), event("switch.fan", START + HOUR_MS, "on"), event("person.anna", START + 1, "home")];
  const choiceOf = async (order: readonly StateEvent[]): Promise<unknown> => {
    const home = await smallHome();
    for (const each of order) await insert(home, [each]);
    home.clock.jumpTo(START + DAY_MS);
    await createFeatureStage(home.context)({});
    const { version, members } = activeFeatureSet(home.reader)!;
    return [version, members.map(({ name, definition }) => [name, definition])];
  };
  const wanted = await choiceOf(events);
  await fc.assert(
    fc.asyncProperty(fc.shuffledSubarray(events, { minLength: events.length }), async (shuffled) => {
      expect(await choiceOf(shuffled)).toEqual(wanted);
    }),
    { numRuns: 3 },
  );
});

test("a restart keeps the set, however busy which sensor got meanwhile; other options choose again", async () => {
  const home = await smallHome();
  await insert(home, eventsOfDays(1));
  home.clock.jumpTo(START + DAY_MS);
  const limited = withOptions(home, { maximum: 25 });
  const { featureSet } = await createFeatureStage(limited)({});
  home.db.run("UPDATE entities SET event_count = event_count * 100 WHERE entity_id = 'sensor.bedroom_temperature'");
  const again = { ...limited, reader: home.db };
  expect((await createFeatureStage(again)({})).featureSet).toBe(featureSet);
  expect((await createFeatureStage(withOptions(home, { maximum: 26 }))({})).featureSet).not.toBe(featureSet);
});

test("a mode and a meter that the options include give shares of states and increases", async () => {
  const home = await smallHome();
  await home.writer.write("putEntityFacts", {
    facts: [["sensor.energy", "energy", "kWh"] as const, ["climate.boiler", null, null] as const].map(([entityId, deviceClass, unit]) => ({
      entityId,
      domain: entityId.split(".")[0]!,
      deviceClass,
      unit,
      area: null,
      name: null,
      platform: null,
      kind: null,
    })),
    nowMs: START,
  });
  await insert(home, eventsOfDays(1));
  const at = START + DAY_MS - HOUR_MS;
  await insert(home, [
    ...["heat", "off", "heat", "unavailable", "off"].map((state, i) => event("climate.boiler", at + i * 12 * MINUTE_MS, state)),
    ...["7", "7.5", "0.25", "0.75"].map((state, i) => event("sensor.energy", at + 1 + i * 12 * MINUTE_MS, state)),
  ]);
  home.clock.jumpTo(START + DAY_MS);
  await createFeatureStage(withOptions(home, { include: ["climate.*", "sensor.energy"] }))({});
  const set = activeFeatureSet(home.reader)!;
  const [row] = readFeatureRows(home.reader, (START + DAY_MS) / GRID_MS, (START + DAY_MS) / GRID_MS);
  const values = createRowReader(home.reader, set).read(row!.setId, row!.valuesJson);
  const numberOf = (name: string): number => values[set.members.findIndex((member) => member.name === name)]!;
  expect(numberOf("climate.boiler:share_heat:30m")).toBeCloseTo(16 / 28, 5); // off from :48 on, unknown from :46 on
  expect(numberOf("sensor.energy:log_increase:60m")).toBeCloseTo(Math.log1p(0.5 + 0.25 + 0.5), 6);
});

test("patterns of the options that match nothing are told in words, until they are corrected", async () => {
  const home = await smallHome();
  await insert(home, eventsOfDays(1));
  home.clock.jumpTo(START + DAY_MS);
  const markers = (): unknown[] => home.reader.all("SELECT code, cause FROM degraded");
  const wrong = { include: ["climate.none", "home:nothing*"], exclude: ["area:Attic"], mirrors: [], entryDoors: ["binary_sensor.gate"] };
  await createFeatureStage(withOptions(home, wrong))({});
  expect(markers()).toEqual([
    {
      code: "options_match_nothing",
      cause:
        'The option features.include has "climate.none", which matches no entity. The option features.include has "home:nothing*", which matches no feature. ' +
        'The option features.exclude has "area:Attic", which matches no entity. The option features.entry_doors has "binary_sensor.gate", which matches no entity.',
    },
  ]);
  await createFeatureStage(withOptions(home, { include: ["home:activity:*"] }))({});
  expect(markers()).toEqual([]);
});
