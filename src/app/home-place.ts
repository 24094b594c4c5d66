import type { HomeConfig } from "../hass/registries.ts";
import { coordinatesSchema, type Place, placeOf } from "../runtime/schedule/place.ts";
import type { Reader } from "../store/reads.ts";

/** Where Home Assistant says that the home is. */
export type ToldPlace = Pick<HomeConfig, "timeZone" | "latitude" | "longitude" | "elevation">;

/** As kept in metadata; empty where Home Assistant has no location. */
export function coordinatesText({ latitude, longitude, elevation }: ToldPlace): string {
  const told = coordinatesSchema.safeParse({ latitude, longitude, elevation: elevation ?? 0 });
  return told.success ? JSON.stringify(told.data) : "";
}

/** The place that schedules go by: the coordinates are those of the last word of Home Assistant, also while it is away. */
export async function readPlace(reads: Reader, timeZone: string): Promise<Place> {
  return placeOf(timeZone, await reads.read("metadata", "home_coordinates"));
}
