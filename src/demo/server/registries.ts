import { AREAS, DEVICES, type HomeEntity } from "../home/entities.ts";
import type { CreatedHelper } from "./saved-life.ts";

type Row = Readonly<Record<string, unknown>>;

/** The list answers of Home Assistant's registries: what there is and in which area. The entity list names no device class, as the real one. */
export interface Registries {
  readonly areas: readonly Row[];
  readonly devices: readonly Row[];
  entities(): readonly Row[];
}

export function createRegistries(entities: readonly HomeEntity[], bornMs: number, helpers: () => readonly CreatedHelper[]): Registries {
  const born = bornMs / 1000;
  const areas = Object.entries(AREAS).map(([area, { name, icon }]) => ({
    aliases: [],
    area_id: area,
    floor_id: null,
    humidity_entity_id: null,
    icon,
    labels: [],
    name,
    picture: null,
    temperature_entity_id: null,
    created_at: born,
    modified_at: born,
  }));
  const devices = DEVICES.map((device) => ({
    area_id: device.area,
    configuration_url: null,
    config_entries: [hexId(`entry ${device.manufacturer}`)],
    config_entries_subentries: { [hexId(`entry ${device.manufacturer}`)]: [null] },
    config_entry_id: hexId(`entry ${device.manufacturer}`),
    config_subentry_id: null,
    connections: [],
    created_at: born,
    disabled_by: null,
    entry_type: device.manufacturer === null ? "service" : null,
    hw_version: null,
    id: hexId(`device ${device.key}`),
    identifiers: [["simulated", device.key]],
    labels: [],
    manufacturer: device.manufacturer,
    model: device.model,
    model_id: null,
    modified_at: born,
    name_by_user: null,
    name: device.name,
    next_name_part: null,
    parent_device_id: null,
    primary_config_entry: hexId(`entry ${device.manufacturer}`),
    serial_number: null,
    sw_version: null,
    via_device_id: null,
  }));

  // A radio offers more than people use: entities that are switched off have an entry and no state.
  const switchedOff = DEVICES.filter((device) => device.manufacturer === "Zigbee Works").map((device) =>
    registryRow(`sensor.${device.key}_signal`, "Signal", "zha", device.key, null, "diagnostic", born, "integration"),
  );
  const own = entities.map((entity) =>
    registryRow(entity.entityId, entity.name, entity.platform, entity.device, entity.area, entity.category, born, null),
  );
  return {
    areas,
    devices,
    entities: () => [
      ...own,
      ...switchedOff,
      ...helpers().map((helper) =>
        registryRow(`input_datetime.${helper.id}`, helper.name, "input_datetime", null, null, null, helper.createdMs / 1000, null),
      ),
    ],
  };
}

function registryRow(
  entityId: string,
  name: string,
  platform: string,
  device: string | null,
  area: string | null,
  category: string | null,
  created: number,
  disabledBy: string | null,
): Row {
  return {
    area_id: area,
    categories: {},
    config_entry_id: device === null ? null : hexId(`entry ${platform}`),
    config_subentry_id: null,
    created_at: created,
    device_id: device === null ? null : hexId(`device ${device}`),
    disabled_by: disabledBy,
    entity_category: category,
    entity_id: entityId,
    hidden_by: null,
    icon: null,
    id: hexId(`entity ${entityId}`),
    labels: [],
    modified_at: created,
    name: null,
    next_name_part: null,
    options: { conversation: { should_expose: false } },
    original_name: name,
    platform,
    translation_key: null,
    unique_id: entityId.slice(entityId.indexOf(".") + 1),
  };
}

/** 32 hexadecimal digits that follow from a name. */
function hexId(name: string): string {
  let text = "";
  for (let part = 0; part < 4; part += 1) {
    let hash = 0x811c9dc5 ^ part;
    for (let i = 0; i < name.length; i += 1) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193);
    text += ((hash ^ (hash >>> 13)) >>> 0).toString(16).padStart(8, "0");
  }
  return text;
}
