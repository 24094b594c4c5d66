import { type Attributes, type HomeEntity, PEOPLE } from "./entities.ts";
import { ROOMS, type Room } from "./rooms.ts";

const sensorOf = (room: Room): string => `${room}_sensor`;

function entity(entityId: string, name: string, device: string | null, firstState: string, attributes: Attributes = {}): HomeEntity {
  return {
    entityId,
    name,
    device,
    area: null,
    platform: device === null ? entityId.slice(0, entityId.indexOf(".")) : (PLATFORMS[device] ?? "zha"),
    category: null,
    firstState,
    attributes: { ...attributes, friendly_name: name },
  };
}

const PLATFORMS: Readonly<Record<string, string>> = {
  lights: "hue",
  television: "cast",
  thermostat: "generic_thermostat",
  meter: "dsmr",
  sun: "sun",
  bed: "esphome",
};

/** Attributes that the recorder leaves out, by domain (Home Assistant's `_unrecorded_attributes`). */
export const UNRECORDED: Readonly<Record<string, readonly string[]>> = {
  input_datetime: ["editable", "has_date", "has_time"],
  input_boolean: ["editable"],
  person: ["device_trackers"],
  sun: ["azimuth", "elevation", "rising", "next_dawn", "next_dusk", "next_midnight", "next_noon", "next_rising", "next_setting"],
  light: ["supported_color_modes", "brightness", "color_mode"],
  climate: ["hvac_modes", "min_temp", "max_temp"],
  media_player: ["entity_picture", "media_position", "media_position_updated_at", "source_list"],
};

const binary = (id: string, name: string, device: string, deviceClass: string, first = "off"): HomeEntity =>
  entity(`binary_sensor.${id}`, name, device, first, { device_class: deviceClass });
const measure = (id: string, name: string, device: string, deviceClass: string, unit: string, first: string): HomeEntity =>
  entity(`sensor.${id}`, name, device, first, { state_class: "measurement", unit_of_measurement: unit, device_class: deviceClass });
const temperature = (place: string, name: string, device: string, first: string): HomeEntity =>
  measure(`${place}_temperature`, `${name} temperature`, device, "temperature", "°C", first);
const humidity = (place: string, name: string, device: string, first: string): HomeEntity =>
  measure(`${place}_humidity`, `${name} humidity`, device, "humidity", "%", first);
const illuminance = (place: string, name: string, device: string): HomeEntity =>
  measure(`${place}_illuminance`, `${name} illuminance`, device, "illuminance", "lx", "0");
const power = (id: string, name: string, device: string): HomeEntity => measure(id, name, device, "power", "W", "0.0");
// One bridge for all lamps, so each lamp has its own area.
const light = (room: Room, name: string): HomeEntity => ({
  ...entity(`light.${room}`, name, "lights", "off", {
    supported_color_modes: ["brightness"],
    color_mode: null,
    brightness: null,
    supported_features: 0,
  }),
  area: room,
});
const cover = (room: Room, name: string): HomeEntity =>
  entity(`cover.${room}_blinds`, name, `blinds_${room}`, "closed", { current_position: 0, device_class: "blind", supported_features: 15 });

const title = (room: Room): string => room.charAt(0).toUpperCase() + room.slice(1).replace("_", " ");

/** Every entity of the home, in the order in which they came up. */
export const ENTITIES: readonly HomeEntity[] = [
  entity("sun.sun", "Sun", "sun", "below_horizon"),
  ...PEOPLE.map((person) =>
    entity(`person.${person.id}`, person.name, null, "home", {
      editable: true,
      id: person.id,
      device_trackers: [],
      user_id: person.userId,
    }),
  ),
  // Never set by anybody, these two show the date of their birth at midnight.
  entity("input_datetime.sleep_start", "Sleep start", null, "", { has_date: true, has_time: true, editable: false }),
  entity("input_datetime.sleep_end", "Sleep end", null, "", { has_date: true, has_time: true, editable: false }),
  entity("input_boolean.asleep", "Asleep", null, "off", { editable: false }),
  ...ROOMS.map((room) => binary(`${room}_motion`, `${title(room)} motion`, sensorOf(room), "motion")),
  binary("bed_anna", "Bed Anna", "bed", "occupancy"),
  binary("bed_bram", "Bed Bram", "bed", "occupancy"),
  binary("bedroom_window", "Bedroom window", "bedroom_window", "window"),
  binary("bathroom_window", "Bathroom window", "bathroom_window", "window"),
  binary("bathroom_door", "Bathroom door", "bathroom_door", "door", "on"),
  binary("fridge_door", "Fridge door", "fridge", "door"),
  binary("front_door", "Front door", "front_door", "door"),
  binary("garden_motion", "Garden motion", "garden", "motion"),
  light("bedroom", "Bedroom"),
  light("hallway", "Hallway"),
  light("bathroom", "Bathroom"),
  light("kitchen", "Kitchen"),
  light("living_room", "Living room"),
  light("office", "Office"),
  cover("living_room", "Living room blinds"),
  cover("bedroom", "Bedroom blinds"),
  entity("media_player.living_room_tv", "TV", "television", "off", { device_class: "tv", supported_features: 152463 }),
  entity("climate.living_room", "Thermostat", "thermostat", "heat", {
    hvac_modes: ["heat", "off"],
    min_temp: 7,
    max_temp: 35,
    supported_features: 385,
  }),
  temperature("bedroom", "Bedroom", "bedroom_sensor", "18.0"),
  temperature("kitchen", "Kitchen", "kitchen_sensor", "20.0"),
  temperature("living_room", "Living room", "living_room_sensor", "20.0"),
  temperature("office", "Office", "office_sensor", "19.5"),
  temperature("outside", "Outside", "weather_station", "10.0"),
  humidity("bedroom", "Bedroom", "bedroom_sensor", "52"),
  humidity("bathroom", "Bathroom", "bathroom_sensor", "55"),
  illuminance("living_room", "Living room", "living_room_sensor"),
  illuminance("outside", "Outside", "weather_station"),
  power("house_power", "House power", "meter"),
  power("coffee_machine_power", "Coffee machine power", "coffee"),
  power("office_desk_power", "Desk power", "desk"),
  power("washing_machine_power", "Washing machine power", "washing_machine"),
  entity("sensor.house_energy", "House energy", "meter", "4210.00", {
    state_class: "total_increasing",
    unit_of_measurement: "kWh",
    device_class: "energy",
  }),
  {
    ...entity("sensor.front_door_battery", "Front door battery", "front_door", "93", {
      state_class: "measurement",
      unit_of_measurement: "%",
      device_class: "battery",
    }),
    category: "diagnostic",
  },
];
