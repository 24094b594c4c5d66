import type { HomeClock } from "../clock.ts";
import type { Calendar } from "../home/calendar.ts";
import type { Bus } from "./bus.ts";
import type { Life } from "./life.ts";
import type { StateMessage } from "./messages.ts";
import type { Registries } from "./registries.ts";
import type { CreatedHelper } from "./saved-life.ts";

/** The release whose behaviour the simulated home follows. */
export const SIMULATED_VERSION = "2026.11.0";

/** All that the commands of a started home work with. */
export interface RunningHome {
  readonly calendar: Calendar;
  readonly clock: HomeClock;
  readonly life: Life;
  readonly bus: Bus;
  readonly registries: Registries;
  /** Helpers that clients made; creating one adds to it. */
  readonly helpers: CreatedHelper[];
  /** Whose token the clients use. */
  readonly userId: string;
  config(): Readonly<Record<string, unknown>>;
  /** What every entity says now. */
  states(): readonly StateMessage[];
  unrecordedOf(entityId: string): readonly string[];
  /** Writes the file of the home, if it has a folder. */
  save(): void;
}

/** `get_config` and `/api/config`. */
export function homeConfig(
  timeZone: string,
  latitude: number,
  longitude: number,
  state: "RUNNING" | "STARTING",
): Readonly<Record<string, unknown>> {
  return {
    allowlist_external_dirs: [],
    allowlist_external_urls: [],
    components: [
      "api",
      "config",
      "history",
      "homeassistant",
      "input_boolean",
      "input_datetime",
      "person",
      "recorder",
      "sun",
      "websocket_api",
      "zone",
    ],
    config_dir: "/config",
    config_source: "storage",
    country: "NL",
    currency: "EUR",
    debug: false,
    elevation: 0,
    external_url: null,
    internal_url: null,
    language: "en",
    latitude,
    location_name: "Simulated home",
    longitude,
    radius: 100,
    recovery_mode: false,
    safe_mode: false,
    state,
    time_zone: timeZone,
    unit_system: {
      length: "km",
      accumulated_precipitation: "mm",
      area: "m²",
      mass: "g",
      pressure: "Pa",
      temperature: "°C",
      volume: "L",
      wind_speed: "m/s",
    },
    version: SIMULATED_VERSION,
    whitelist_external_dirs: [],
  };
}
