/** The lists that say which entities there are, where they are, and what they belong to. */
export const REGISTRIES = ["entity", "device", "area"] as const;

/** One change of a registry. Which fields changed is not told: the lists are read anew. */
export interface RegistryUpdate {
  readonly kind: (typeof REGISTRIES)[number];
  /** The entity, where an entity changed. */
  readonly entityId: string | null;
  /** What it was called before, where it was renamed. */
  readonly formerId: string | null;
}

/** Reads `entity_registry_updated` and its like; what is not understood still says that something changed. */
export function parseRegistryUpdate(kind: RegistryUpdate["kind"], event: unknown): RegistryUpdate {
  const data: unknown = typeof event === "object" && event !== null && "data" in event ? event.data : null;
  const field = (name: string): string | null => {
    const value: unknown = typeof data === "object" && data !== null ? (data as Readonly<Record<string, unknown>>)[name] : null;
    return kind === "entity" && typeof value === "string" ? value : null;
  };
  return { kind, entityId: field("entity_id"), formerId: field("old_entity_id") };
}
