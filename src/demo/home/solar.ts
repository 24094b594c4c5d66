/** Position of the sun over the home: declination and equation of time by Spencer's series (Search 2(5), 1971), good to about 0.1 degree. */
export interface SolarPlace {
  readonly latitude: number;
  readonly longitude: number;
}

export interface SolarPosition {
  readonly elevationDegrees: number;
  readonly azimuthDegrees: number;
}

export type SolarEvent = "dawn" | "dusk" | "midnight" | "noon" | "rising" | "setting";

const DAY_MS = 86_400_000;
const RAD = Math.PI / 180;
/** Elevation of the upper limb on the horizon with refraction, and of civil twilight. */
const HORIZON = -0.833;
const CIVIL = -6;

export function solarPosition(atMs: number, place: SolarPlace): SolarPosition {
  const { declination, equationMinutes } = solarYear(atMs);
  const minutesUtc = (atMs % DAY_MS) / 60_000;
  const hourAngle = ((minutesUtc + equationMinutes + 4 * place.longitude) / 4 - 180) * RAD;
  const latitude = place.latitude * RAD;
  const sinElevation = Math.sin(latitude) * Math.sin(declination) + Math.cos(latitude) * Math.cos(declination) * Math.cos(hourAngle);
  const azimuth = Math.atan2(Math.sin(hourAngle), Math.cos(hourAngle) * Math.sin(latitude) - Math.tan(declination) * Math.cos(latitude));
  return { elevationDegrees: Math.asin(sinElevation) / RAD, azimuthDegrees: (azimuth / RAD + 540) % 360 };
}

/** The next time after `atMs` at which it happens. Where the sun does not cross the height that day, the crossing is taken at noon or midnight. */
export function nextSolarEvent(event: SolarEvent, atMs: number, place: SolarPlace): number {
  for (let day = Math.floor(atMs / DAY_MS) - 1; ; day += 1) {
    const eventMs = solarEventOn(event, day, place);
    if (eventMs > atMs) return eventMs;
  }
}

function solarEventOn(event: SolarEvent, utcDay: number, place: SolarPlace): number {
  const noonGuess = utcDay * DAY_MS + DAY_MS / 2;
  const { declination, equationMinutes } = solarYear(noonGuess);
  const noonMs = utcDay * DAY_MS + (720 - 4 * place.longitude - equationMinutes) * 60_000;
  if (event === "noon") return noonMs;
  if (event === "midnight") return noonMs + DAY_MS / 2;
  const height = (event === "rising" || event === "setting" ? HORIZON : CIVIL) * RAD;
  const latitude = place.latitude * RAD;
  const cosine = (Math.sin(height) - Math.sin(latitude) * Math.sin(declination)) / (Math.cos(latitude) * Math.cos(declination));
  const halfDayMs = (Math.acos(Math.max(-1, Math.min(1, cosine))) / Math.PI) * (DAY_MS / 2);
  return event === "dawn" || event === "rising" ? noonMs - halfDayMs : noonMs + halfDayMs;
}

function solarYear(atMs: number): { readonly declination: number; readonly equationMinutes: number } {
  const g = (2 * Math.PI * (atMs / DAY_MS + 0.5)) / 365.2425; // day 0 of the epoch is a 1 January; half a day off is under the error of the series
  const declination =
    0.006918 -
    0.399912 * Math.cos(g) +
    0.070257 * Math.sin(g) -
    0.006758 * Math.cos(2 * g) +
    0.000907 * Math.sin(2 * g) -
    0.002697 * Math.cos(3 * g) +
    0.00148 * Math.sin(3 * g);
  const equationMinutes =
    229.18 * (0.000075 + 0.001868 * Math.cos(g) - 0.032077 * Math.sin(g) - 0.014615 * Math.cos(2 * g) - 0.040849 * Math.sin(2 * g));
  return { declination, equationMinutes };
}
