import { attributeId, domainOf, type EntityFacts } from "./entity.ts";

export type Attributes = Readonly<Record<string, unknown>>;

/** As long as Home Assistant's own states may be. */
export const MAX_TEXT = 255;
/** What is stored instead of a longer value: it ends what was known before. */
export const TOO_LONG = "unknown";

/**
 * An attribute's value as the text of a state: text as it is, numbers and truth as JSON has them, lists and objects as JSON. Empty where there is no
 * such attribute, `TOO_LONG` where the text would be longer than `MAX_TEXT`.
 */
export function attributeText(attributes: Attributes | null | undefined, name: string): string {
  const value = attributes?.[name];
  if (value === undefined || value === null) return "";
  if (typeof value === "object" && sizeOf(value) > MAX_TEXT) return TOO_LONG;
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  return text.length > MAX_TEXT ? TOO_LONG : text;
}

/** At least so many characters has its JSON; a list of a megabyte need not be written to know that it is too long. */
function sizeOf(value: object): number {
  return Array.isArray(value) ? value.length : Object.keys(value).length;
}

const CLASSES: Readonly<Record<string, string>> = {
  temperature: "temperature",
  current_temperature: "temperature",
  target_temp_high: "temperature",
  target_temp_low: "temperature",
  humidity: "humidity",
  current_humidity: "humidity",
  pressure: "pressure",
  wind_speed: "wind_speed",
  illuminance: "illuminance",
  battery: "battery",
  battery_level: "battery",
  power: "power",
  current_power: "power",
  voltage: "voltage",
  current: "current",
};
const PERCENT = new Set(["humidity", "current_humidity", "battery", "battery_level", "percentage", "current_position"]);

/** What is known of an attribute that is an entity of its own: where it lies from its entity, what it is from its name and value. */
export function attributeFacts(of: EntityFacts, attribute: string, text: string): EntityFacts {
  return {
    entityId: attributeId(of.entityId, attribute),
    domain: domainOf(of.entityId),
    deviceClass: CLASSES[attribute] ?? null,
    unit: PERCENT.has(attribute) ? "%" : null,
    area: of.area,
    name: `${of.name ?? of.entityId} ${attribute}`,
    platform: of.platform,
    kind: kindOf(text),
    derivedFrom: of.entityId,
    attribute,
  };
}

function kindOf(text: string): EntityFacts["kind"] {
  if (text === "" || text === TOO_LONG || text === "unavailable") return null;
  if (text === "true" || text === "false" || text === "on" || text === "off") return "binary";
  return text.trim() !== "" && Number.isFinite(Number(text)) ? "numeric" : "categorical";
}
