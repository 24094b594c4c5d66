import { attributeOf, type EntityFacts } from "../events/entity.ts";
import type { ValueKind } from "./state-value.ts";

/**
 * What an entity is to the catalogue, most telling first. `signal` is a binary sensor, `number` a numeric one, that says nothing of itself;
 * `appliance` a binary one that is on while something draws power; `air` temperature, humidity and the like; `counter` what only grows until
 * it starts again from 0; `mode` one of a few named states.
 */
export const ROLES = [
  "motion",
  "presence",
  "contact",
  "light",
  "light switch",
  "switch",
  "cover",
  "media",
  "person",
  "illuminance",
  "power",
  "appliance",
  "signal",
  "air",
  "number",
  "counter",
  "mode",
] as const;
export type Role = (typeof ROLES)[number];

const BINARY_ROLES: Readonly<Record<string, Role>> = {
  motion: "motion",
  moving: "motion",
  vibration: "motion",
  sound: "motion",
  occupancy: "presence",
  presence: "presence",
  door: "contact",
  window: "contact",
  opening: "contact",
  garage_door: "contact",
  lock: "contact",
  light: "light",
  power: "appliance",
  running: "appliance",
};

const NUMERIC_ROLES: Readonly<Record<string, Role>> = {
  illuminance: "illuminance",
  power: "power",
  apparent_power: "power",
  current: "power",
  temperature: "air",
  humidity: "air",
  carbon_dioxide: "air",
  sound_pressure: "air",
};

const DOMAIN_ROLES: Readonly<Record<string, Role>> = {
  light: "light",
  switch: "switch",
  cover: "cover",
  media_player: "media",
  person: "person",
  lock: "contact",
};

/** Classes whose state is a total of something used or fallen. */
const COUNTER_CLASSES = new Set(["energy", "gas", "water", "precipitation", "volume"]);

/** Domains of which an entity that the options include can be read as on or off. */
const BINARY_DOMAINS = new Set(["input_boolean", "fan", "device_tracker", "group", "siren", "humidifier", "remote", "vacuum", "valve"]);

const NUMERIC_DOMAINS = new Set(["sensor", "input_number", "number", "counter"]);
const CATEGORICAL_DOMAINS = new Set(["sensor", "alarm_control_panel", "climate", "lawn_mower", "select", "sun", "water_heater", "weather"]);

/** A whole word of an id or a name, in the languages of most homes. */
const wordsOf = (words: string): RegExp => new RegExp(`(?:^|[^\\p{L}])(?:${words})(?:$|[^\\p{L}])`, "iu");
const LIGHT_WORDS = wordsOf(
  "lights?|lamps?|lighting|licht|lichter|lampen?|leuchten?|luz|luces|luzes|luce|luci|lumiere|lumière|lampada|lampe|ljus|lys|valo|swiatlo|światło",
);
const OUTDOOR_WORDS = wordsOf(
  "outside|outdoors?|garden|yard|driveway|street|patio|terrace|balcony|porch|pool|garten|aussen|außen|balkon|terrasse|einfahrt|tuin|buiten|oprit|jardin|exterieur|extérieur|jardín|exterior|terraza|jardim|giardino|esterno",
);
const ENTRY_WORDS = wordsOf(
  "front|frontdoor|main|entry|entrance|entryway|house|apartment|flat|garage|hall|hallway|foyer|vestibule|haustür|haustuer|haustur|wohnungstür|eingang|flur|voordeur|entree|gang|entrée|entrada|ingresso|portone|puerta principal",
);
const STORAGE_WORDS = wordsOf(
  "fridge|freezer|cupboard|cabinet|drawer|wardrobe|closet|oven|washer|dryer|dishwasher|microwave|mailbox|letterbox|box",
);

const textOf = (facts: EntityFacts): string => `${facts.entityId.replaceAll(/[._]/g, " ")} ${facts.name ?? ""} ${facts.area ?? ""}`;

/** Outside the walls: moves without anybody at home. */
export function isOutdoors(facts: EntityFacts): boolean {
  return OUTDOOR_WORDS.test(textOf(facts));
}

/** A door through which one leaves the house, by class and by name or area. */
export function isEntryDoor(facts: EntityFacts): boolean {
  const isDoor = facts.deviceClass === "door" || facts.deviceClass === "garage_door" || facts.domain === "lock";
  return isDoor && ENTRY_WORDS.test(textOf(facts)) && !STORAGE_WORDS.test(textOf(facts));
}

/** How the entity's states are read, or null when they cannot be. */
export function valueKindOf(facts: EntityFacts): ValueKind | null {
  if (facts.kind === "binary" || facts.kind === "numeric" || attributeOf(facts.entityId) !== null) return facts.kind;
  if (facts.domain === "binary_sensor" || facts.domain in DOMAIN_ROLES || BINARY_DOMAINS.has(facts.domain)) return "binary";
  if (facts.kind === null && NUMERIC_DOMAINS.has(facts.domain) && hasNumbers(facts)) return "numeric";
  return facts.kind === "categorical" || CATEGORICAL_DOMAINS.has(facts.domain) ? "categorical" : null;
}

function hasNumbers({ domain, unit, deviceClass }: EntityFacts): boolean {
  return unit !== null || domain !== "sensor" || (deviceClass !== null && deviceClass !== "enum");
}

/** The role of an entity that the options include though it says nothing of itself, or null when it cannot be read. */
export function otherRole(facts: EntityFacts): Role | null {
  const kind = valueKindOf(facts);
  if (kind === "numeric") return COUNTER_CLASSES.has(facts.deviceClass ?? "") ? "counter" : "number";
  return kind === null ? null : kind === "binary" ? "signal" : "mode";
}

/** The entity's role by default, or null when it is left out unless the options include it. */
export function roleOf(facts: EntityFacts): Role | null {
  const kind = valueKindOf(facts);
  // Somebody asked for the attribute by name.
  if (kind !== null && attributeOf(facts.entityId) !== null) return otherRole(facts);
  if (kind === "categorical") return null;
  if (kind === "numeric") {
    const role = NUMERIC_ROLES[facts.deviceClass ?? ""];
    return role ?? (facts.kind === "numeric" && facts.deviceClass === null ? "number" : null);
  }
  if (kind === null) return null;
  if (facts.domain === "switch" && LIGHT_WORDS.test(textOf({ ...facts, area: null }))) return "light switch";
  const ofDomain = DOMAIN_ROLES[facts.domain];
  if (ofDomain !== undefined) return ofDomain;
  if (facts.domain !== "binary_sensor" && facts.kind !== "binary") return null;
  return facts.deviceClass === null ? "signal" : (BINARY_ROLES[facts.deviceClass] ?? null);
}
