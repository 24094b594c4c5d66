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
  /** Where a source says so (recorded homes); live homes leave it null and the catalogue decides by domain and class. */
  readonly kind: "binary" | "numeric" | "categorical" | null;
}

export function domainOf(entityId: string): string {
  const dot = entityId.indexOf(".");
  return dot < 0 ? "" : entityId.slice(0, dot);
}
