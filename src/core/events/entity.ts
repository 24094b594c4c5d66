/** What Home Assistant's registries say of an entity. Null = the registries do not say. */
export interface EntityFacts {
  readonly entityId: string;
  /** The part before the dot. */
  readonly domain: string;
  readonly deviceClass: string | null;
  readonly unit: string | null;
  /** The name of its area (its own, else its device's). */
  readonly area: string | null;
  readonly name: string | null;
  /** The integration that made it, e.g. `mqtt`. */
  readonly platform: string | null;
  /** Where a source says so (recorded homes, attributes); live homes leave it null and the catalogue decides by domain and class. */
  readonly kind: "binary" | "numeric" | "categorical" | null;
  /** Home Assistant's own id of it, which stays when the entity is renamed. */
  readonly registryId?: string | null;
  /** Of an attribute that is stored as an entity of its own: whose it is, and which. */
  readonly derivedFrom?: string | null;
  readonly attribute?: string | null;
}

export function domainOf(entityId: string): string {
  const dot = entityId.indexOf(".");
  return dot < 0 ? "" : entityId.slice(0, dot);
}

/**
 * The id under which an attribute is stored as an entity of its own. Home Assistant's ids hold lower-case letters, digits, `_` and one dot,
 * so no real entity can ever have it.
 */
export function attributeId(entityId: string, attribute: string): string {
  return `${entityId}#${attribute}`;
}

/** The entity of an attribute's id, or the id itself. */
export function baseOf(entityId: string): string {
  const mark = entityId.indexOf("#");
  return mark < 0 ? entityId : entityId.slice(0, mark);
}

/** The attribute of an attribute's id, or null. */
export function attributeOf(entityId: string): string | null {
  const mark = entityId.indexOf("#");
  return mark < 0 ? null : entityId.slice(mark + 1);
}

/** The platform of entities that this program makes, over MQTT or for apps of the user's; Home Assistant's registry never names it. */
export const OWN_PLATFORM = "ml_data_layer";
/** The attribute by which they are known: `ml_data_layer/<app>`. */
export const MADE_BY = "made_by";

export function makerOf(app: string): string {
  return `${OWN_PLATFORM}/${app}`;
}

/** The unique id of an entity that we publish over MQTT; `topic` tells two of us on one broker apart. */
export function ownUniqueId(topic: string, name: string): string {
  return `${OWN_PLATFORM}/${topic}/${name}`;
}

/** Whether a registry's entry is one that we published. */
export function isPublishedByUs(platform: string | null, uniqueId: string | null): boolean {
  return platform === "mqtt" && uniqueId !== null && uniqueId.startsWith(`${OWN_PLATFORM}/`);
}

/** The app whose sensor shows these attributes, or an empty text. */
export function appOf(attributes: Readonly<Record<string, unknown>>): string {
  const maker = attributes[MADE_BY];
  return typeof maker === "string" && maker.startsWith(makerOf("")) ? maker.slice(makerOf("").length) : "";
}

/** Whether an app made the entity that shows these attributes. */
export function isMadeByApps(attributes: Readonly<Record<string, unknown>> | null | undefined): boolean {
  return attributes !== null && attributes !== undefined && appOf(attributes) !== "";
}
