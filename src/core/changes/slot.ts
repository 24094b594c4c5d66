import { HOUR_MS, type Zone } from "../time.ts";

/** Where an hour lies in the local week. */
export interface Slot {
  /** Number of the local day. */
  readonly day: number;
  /** 0..23 by the wall clock. */
  readonly hour: number;
  readonly weekend: 0 | 1;
}

/** The slot of the hour that ends `endHour` hours after the epoch: by where it begins. Saturday and Sunday are the weekend. */
export function slotOf(zone: Zone, endHour: number): Slot {
  const startMs = (endHour - 1) * HOUR_MS;
  return { day: zone.dayAt(startMs, 0), hour: Math.floor(zone.hourAt(startMs)), weekend: zone.weekdayAt(startMs) >= 6 ? 1 : 0 };
}
