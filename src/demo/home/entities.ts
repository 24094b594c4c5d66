import type { Room } from "./rooms.ts";

export type Attributes = Readonly<Record<string, unknown>>;

/** One entity of the home, as its registry entry, its first state and the attributes that never change. */
export interface HomeEntity {
  readonly entityId: string;
  readonly name: string;
  /** Key of a device below; null for helpers and persons. */
  readonly device: string | null;
  /** Its own area; null when it is where its device is. */
  readonly area: Area | null;
  readonly platform: string;
  readonly category: "diagnostic" | null;
  readonly firstState: string;
  readonly attributes: Attributes;
}

export interface HomeDevice {
  readonly key: string;
  readonly name: string;
  readonly area: Area | null;
  readonly manufacturer: string | null;
  readonly model: string | null;
}

export type Area = "bedroom" | "hallway" | "bathroom" | "kitchen" | "living_room" | "office" | "entrance" | "outside";

export const AREAS: Readonly<Record<Area, { readonly name: string; readonly icon: string }>> = {
  bedroom: { name: "Bedroom", icon: "mdi:bed" },
  hallway: { name: "Hallway", icon: "mdi:stairs" },
  bathroom: { name: "Bathroom", icon: "mdi:shower" },
  kitchen: { name: "Kitchen", icon: "mdi:stove" },
  living_room: { name: "Living Room", icon: "mdi:sofa" },
  office: { name: "Office", icon: "mdi:desk" },
  entrance: { name: "Entrance", icon: "mdi:door" },
  outside: { name: "Outside", icon: "mdi:tree" },
};

/** Who sets the helpers; Home Assistant puts a person's user id into the context of what that person does. */
export const PEOPLE = [
  { id: "anna", name: "Anna", userId: "5f0a1c9de8b34b7c9c1d2e3f4a5b6c7d" },
  { id: "bram", name: "Bram", userId: "a1b2c3d4e5f60718293a4b5c6d7e8f90" },
] as const;

const ROOM_NAMES: Readonly<Record<Room, string>> = {
  bedroom: "Bedroom",
  hallway: "Hallway",
  bathroom: "Bathroom",
  kitchen: "Kitchen",
  living_room: "Living room",
  office: "Office",
  entrance: "Entrance",
};

const multi = (area: Area, name: string): HomeDevice => ({
  key: `${area}_sensor`,
  name,
  area,
  manufacturer: "Zigbee Works",
  model: "MS-4",
});

export const DEVICES: readonly HomeDevice[] = [
  ...Object.entries(ROOM_NAMES).map(([area, name]) => multi(area as Area, `${name} sensor`)),
  { key: "bed", name: "Bed", area: "bedroom", manufacturer: "Restful", model: "Twin mat" },
  { key: "bedroom_window", name: "Bedroom window", area: "bedroom", manufacturer: "Zigbee Works", model: "CT-1" },
  { key: "bathroom_window", name: "Bathroom window", area: "bathroom", manufacturer: "Zigbee Works", model: "CT-1" },
  { key: "bathroom_door", name: "Bathroom door", area: "bathroom", manufacturer: "Zigbee Works", model: "CT-1" },
  { key: "fridge", name: "Fridge", area: "kitchen", manufacturer: "Zigbee Works", model: "CT-1" },
  { key: "front_door", name: "Front door", area: "entrance", manufacturer: "Zigbee Works", model: "CT-1" },
  { key: "lights", name: "Light bridge", area: null, manufacturer: "Lumen", model: "Bridge" },
  { key: "television", name: "TV", area: "living_room", manufacturer: "Vision", model: "V55" },
  { key: "blinds_living_room", name: "Living room blinds", area: "living_room", manufacturer: "Shade", model: "B2" },
  { key: "blinds_bedroom", name: "Bedroom blinds", area: "bedroom", manufacturer: "Shade", model: "B2" },
  { key: "thermostat", name: "Thermostat", area: "living_room", manufacturer: "Warmth", model: "T1" },
  { key: "coffee", name: "Coffee machine", area: "kitchen", manufacturer: "Plug Co", model: "P1" },
  { key: "desk", name: "Desk", area: "office", manufacturer: "Plug Co", model: "P1" },
  { key: "washing_machine", name: "Washing machine", area: "bathroom", manufacturer: "Plug Co", model: "P1" },
  { key: "meter", name: "Meter", area: null, manufacturer: "Grid", model: "DSMR" },
  { key: "weather_station", name: "Weather station", area: "outside", manufacturer: "Zigbee Works", model: "WS-1" },
  { key: "garden", name: "Garden sensor", area: "outside", manufacturer: "Zigbee Works", model: "MS-1" },
  { key: "sun", name: "Sun", area: null, manufacturer: null, model: null },
];
