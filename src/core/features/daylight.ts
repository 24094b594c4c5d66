import { DAY_MS, HOUR_MS, type Zone } from "../time.ts";

/**
 * Hours of [fromMs, toMs] whose wall clock shows fromHour..toHour (fromHour <= toHour). A change of the offset in between, at night
 * everywhere, is taken as it shows on the wall.
 */
export function daylightHours(zone: Zone, fromMs: number, toMs: number, fromHour: number, toHour: number): number {
  const hours = upTo(toMs + zone.offsetMsAt(toMs), fromHour, toHour) - upTo(fromMs + zone.offsetMsAt(fromMs), fromHour, toHour);
  return Math.max(0, hours);
}

/** Hours of daylight since the epoch's local midnight. */
function upTo(localMs: number, fromHour: number, toHour: number): number {
  const day = Math.floor(localMs / DAY_MS);
  const hour = (localMs - day * DAY_MS) / HOUR_MS;
  return day * (toHour - fromHour) + Math.min(Math.max(hour, fromHour), toHour) - fromHour;
}
