import { z } from "zod";

/** Where the home is. Without coordinates there is no sun. */
export interface Place {
  readonly timeZone: string;
  /** Degrees, north and east are positive. */
  readonly latitude?: number;
  readonly longitude?: number;
  /** Metres above the horizon around. */
  readonly elevation?: number;
}

export const coordinatesSchema = z.object({
  latitude: z.number().min(-90).max(90),
  longitude: z.number().min(-180).max(180),
  elevation: z.number(),
});

/** @param coordinates as kept in metadata (`home_coordinates`): empty where Home Assistant has no location, null before it was asked */
export function placeOf(timeZone: string, coordinates: string | null): Place {
  return coordinates === null || coordinates === "" ? { timeZone } : { timeZone, ...coordinatesSchema.parse(JSON.parse(coordinates)) };
}
