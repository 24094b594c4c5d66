import { z } from "zod";

/** The parts of Home Assistant's answers that any client may lean on, from 2025.4 on. */
const instant = z.string().regex(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{6})?\+00:00$/);

export const contextShape = z.object({ id: z.string().length(26), parent_id: z.string().nullable(), user_id: z.string().nullable() });

export const stateShape = z.object({
  entity_id: z.string().regex(/^[a-z0-9_]+\.[a-z0-9_]+$/),
  state: z.string(),
  attributes: z.record(z.string(), z.unknown()),
  last_changed: instant,
  last_reported: instant,
  last_updated: instant,
  context: contextShape,
});

export const stateChangedShape = z.object({
  event_type: z.literal("state_changed"),
  data: z.strictObject({ entity_id: z.string(), old_state: stateShape.nullable(), new_state: stateShape.nullable() }),
  origin: z.literal("LOCAL"),
  time_fired: instant,
  context: contextShape,
});

export const configShape = z.object({
  state: z.literal("RUNNING"),
  version: z.string(),
  time_zone: z.string(),
  latitude: z.number(),
  longitude: z.number(),
  components: z.array(z.string()),
  location_name: z.string(),
  unit_system: z.object({ temperature: z.string() }),
});

export const areaShape = z.object({ area_id: z.string(), name: z.string(), floor_id: z.string().nullable(), aliases: z.array(z.string()) });

export const deviceShape = z.object({
  id: z.string(),
  area_id: z.string().nullable(),
  name: z.string().nullable(),
  name_by_user: z.string().nullable(),
  manufacturer: z.string().nullable(),
  model: z.string().nullable(),
  disabled_by: z.string().nullable(),
});

export const entityShape = z.object({
  entity_id: z.string(),
  unique_id: z.string(),
  platform: z.string(),
  area_id: z.string().nullable(),
  device_id: z.string().nullable(),
  name: z.string().nullable(),
  original_name: z.string().nullable(),
  disabled_by: z.string().nullable(),
  hidden_by: z.string().nullable(),
  entity_category: z.string().nullable(),
});

/** Compressed states: `lc` only where it differs, nothing but these keys. */
export const historyShape = z.record(
  z.string(),
  z.array(
    z.strictObject({
      s: z.string().nullable(),
      a: z.record(z.string(), z.unknown()).optional(),
      lu: z.number(),
      lc: z.number().optional(),
    }),
  ),
);

export type History = z.infer<typeof historyShape>;
