import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

export interface Payload {
  readonly entity_id: string;
  readonly state: string;
  readonly attributes: Readonly<Record<string, unknown>>;
}

const FOLDER = join(process.env["DATA_DIR"] ?? join(import.meta.dirname, "../../../shared/data"), "ha_fixtures");
const FILES = ["gallery_demo_states.json", "demo_teachingbirds_entities.json"];

const OWN: readonly Payload[] = [
  {
    entity_id: "light.kitchen",
    state: "on",
    attributes: { brightness: 180, supported_color_modes: ["brightness"], friendly_name: "Kitchen" },
  },
  {
    entity_id: "sensor.power",
    state: "231.4",
    attributes: { unit_of_measurement: "W", device_class: "power", state_class: "measurement" },
  },
  { entity_id: "person.anna", state: "not_home", attributes: { latitude: 52.1, longitude: 4.3, gps_accuracy: 12, source: null } },
  {
    entity_id: "input_datetime.sleep_start",
    state: "2026-01-10 23:20:00",
    attributes: { has_date: true, has_time: true, timestamp: 1768083600 },
  },
];

/** States of real homes where they are at hand, and some of our own: what a Home Assistant says. */
export function realPayloads(): readonly Payload[] {
  const found = FILES.map((name) => join(FOLDER, name)).filter((path) => existsSync(path));
  if (found.length === 0) process.stderr.write(`tests/failures: no recorded payloads in DATA_DIR (${FOLDER}); only our own are mutated.\n`);
  return [...OWN, ...found.flatMap((path) => statesIn(JSON.parse(readFileSync(path, "utf8"))))];
}

/** Every state object anywhere in a document. */
function statesIn(value: unknown): Payload[] {
  if (typeof value !== "object" || value === null) return [];
  if ("entity_id" in value && "state" in value && typeof value.entity_id === "string" && typeof value.state === "string") {
    const attributes = "attributes" in value && typeof value.attributes === "object" ? { ...value.attributes } : {};
    return [{ entity_id: value.entity_id, state: value.state, attributes }];
  }
  return Object.values(value).flatMap(statesIn);
}
