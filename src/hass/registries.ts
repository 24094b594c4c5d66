import { z } from "zod";
import { domainOf, type EntityFacts, isMadeByApps, isPublishedByUs, OWN_PLATFORM } from "../core/events/entity.ts";
import { eachSlice } from "./slices.ts";

const text = z.string().nullable().catch(null);

const configSchema = z.object({
  version: z.string(),
  time_zone: z.string(),
  location_name: z.string().catch(""),
  latitude: z.number().nullable().catch(null),
  longitude: z.number().nullable().catch(null),
  /** Metres above the sea. */
  elevation: z.number().nullable().catch(null),
  /** `RUNNING` once everything is loaded; entities appear one by one before. */
  state: z.string().catch("RUNNING"),
});

export interface HomeConfig {
  readonly version: string;
  readonly timeZone: string;
  readonly name: string;
  readonly latitude: number | null;
  readonly longitude: number | null;
  readonly elevation: number | null;
  readonly isRunning: boolean;
}

export function parseConfig(answer: unknown): HomeConfig {
  const config = configSchema.parse(answer);
  return {
    version: config.version,
    timeZone: config.time_zone,
    name: config.location_name,
    latitude: config.latitude,
    longitude: config.longitude,
    elevation: config.elevation,
    isRunning: config.state === "RUNNING",
  };
}

const entitySchema = z.object({
  id: text,
  entity_id: z.string(),
  name: text,
  original_name: text,
  area_id: text,
  device_id: text,
  platform: text,
  unique_id: text,
  disabled_by: text,
});
const deviceSchema = z.object({ id: z.string(), area_id: text, parent_device_id: text });
const areaSchema = z.object({ area_id: z.string(), name: z.string() });

export interface Registries {
  readonly entities: readonly z.infer<typeof entitySchema>[];
  readonly devices: readonly z.infer<typeof deviceSchema>[];
  readonly areas: readonly z.infer<typeof areaSchema>[];
}

/** Reads the three lists; entries that are not understood are left out and counted. */
export async function parseRegistries(
  entities: readonly unknown[],
  devices: readonly unknown[],
  areas: readonly unknown[],
): Promise<Registries & { readonly malformed: number }> {
  const counts = { malformed: 0 };
  async function each<T>(schema: z.ZodType<T>, entries: readonly unknown[]): Promise<T[]> {
    const parsed: T[] = [];
    await eachSlice(entries, (slice) => {
      for (const entry of slice) {
        const read = schema.safeParse(entry);
        if (read.success) parsed.push(read.data);
        else counts.malformed += 1;
      }
    });
    return parsed;
  }
  const registries = {
    entities: await each(entitySchema, entities),
    devices: await each(deviceSchema, devices),
    areas: await each(areaSchema, areas),
  };
  return { ...registries, ...counts };
}

/** What a state says of its entity. */
export interface StateFacts {
  readonly entityId: string;
  readonly deviceClass?: string | null;
  readonly unit?: string | null;
  readonly name?: string | null;
  readonly attributes?: Readonly<Record<string, unknown>> | null;
}

/** What is known of every entity that has a state or is registered and not switched off. */
export async function entityFacts(states: readonly StateFacts[], { entities, devices, areas }: Registries): Promise<EntityFacts[]> {
  const areaNames = new Map(areas.map((area) => [area.area_id, area.name]));
  const deviceById = new Map(devices.map((device) => [device.id, device]));
  const registered = new Map(entities.map((entity) => [entity.entity_id, entity]));
  const stateById = new Map(states.map((state) => [state.entityId, state]));

  /** A child device lies where its parent lies unless it says otherwise. */
  function areaOfDevice(deviceId: string | null): string | null {
    const device = deviceId === null ? undefined : deviceById.get(deviceId);
    const parent = device?.parent_device_id ? deviceById.get(device.parent_device_id) : undefined;
    return device?.area_id ?? parent?.area_id ?? null;
  }

  const ids = new Set(stateById.keys());
  for (const entity of entities) if (entity.disabled_by === null) ids.add(entity.entity_id);
  const facts: EntityFacts[] = [];
  await eachSlice([...ids], (slice) => void facts.push(...slice.map(factsOf)));
  return facts;

  function factsOf(entityId: string): EntityFacts {
    const entry = registered.get(entityId);
    const state = stateById.get(entityId);
    const isOwn =
      isPublishedByUs(entry?.platform ?? null, entry?.unique_id ?? null) || (!entry?.platform && isMadeByApps(state?.attributes));
    const areaId = entry?.area_id ?? areaOfDevice(entry?.device_id ?? null);
    return {
      entityId,
      domain: domainOf(entityId),
      deviceClass: state?.deviceClass ?? null,
      unit: state?.unit ?? null,
      area: areaId === null ? null : (areaNames.get(areaId) ?? null),
      name: state?.name ?? entry?.name ?? entry?.original_name ?? null,
      platform: isOwn ? OWN_PLATFORM : (entry?.platform ?? null),
      kind: null,
      registryId: entry?.id ?? null,
    };
  }
}
