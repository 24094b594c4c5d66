import { getPosition, getTimes } from "suncalc";
import { DAY_MS } from "../../core/time.ts";
import type { Cadence } from "./due.ts";
import type { Place } from "./place.ts";
import { WrongSchedule } from "./wrong-schedule.ts";

/** A polar night or day ends within half a year; where a whole one brings no event, none ever comes. */
const LONGEST_WAIT_DAYS = 370;
/** The sun's centre as seen, refraction included, when its upper edge is on the horizon; and how much lower from a height, per root of its metres. */
const HORIZON_DEGREES = -0.35;
const DIP_DEGREES = 2.076 / 60;
const NEAR_DEGREES = 0.2;

/** Sunrise or sunset of each solar day. While the sun stays up or down there is none; at the poles themselves never. */
export function sunCadence(event: "sunrise" | "sunset", offsetMs: number, place: Place): Cadence {
  const { latitude, longitude, elevation = 0 } = place;
  if (latitude === undefined || longitude === undefined) {
    throw new WrongSchedule(
      `${event} needs to know where the home is: set its location in Home Assistant (Settings, System, General) and wait until the app is connected; for a recorded home say it by --place, like --place 52.37,4.90`,
    );
  }
  if (!(Math.abs(latitude) <= 90 && Math.abs(longitude) <= 180)) {
    throw new WrongSchedule(`${latitude}, ${longitude} is no place on Earth; latitude goes from -90 to 90, longitude from -180 to 180`);
  }
  // A home below sea level sees its horizon as one at the sea does.
  const heightMetres = Math.max(0, elevation);

  /** Of the solar day around noon (UTC) of a day, or null when the sun does not cross the horizon then. */
  function eventOf(day: number, latitude: number, longitude: number): number | null {
    const at = getTimes(new Date(day * DAY_MS + DAY_MS / 2), latitude, longitude, heightMetres)[event];
    if (at === null) return null;
    // Where the sun only grazes the horizon the search may end far from it, even at noon.
    const offDegrees = getPosition(at, latitude, longitude).altitude - HORIZON_DEGREES + DIP_DEGREES * Math.sqrt(heightMetres);
    return Math.abs(offDegrees) > NEAR_DEGREES ? null : Math.floor(at.getTime()) + offsetMs;
  }

  return {
    followsWallClock: true,
    next(afterMs) {
      // A solar day reaches into the UTC days beside it.
      const firstDay = Math.floor((afterMs - offsetMs) / DAY_MS) - 2;
      for (let day = firstDay; day < firstDay + LONGEST_WAIT_DAYS; day += 1) {
        const at = eventOf(day, latitude, longitude);
        if (at !== null && at > afterMs) return at;
      }
      return null;
    },
  };
}
