import { WrongUsage } from "../exit.ts";
import { type PastHome, pastOfDatabase, pastOfRecording } from "../runtime/apps/simulated/past-home.ts";
import { readRecordedHome } from "../runtime/replay/recorded-home.ts";
import { coordinatesSchema, type Place, placeOf } from "../runtime/schedule/place.ts";
import type { Db } from "../store/db.ts";
import { getMetadata } from "../store/tables/metadata.ts";
import { openExisting } from "./database.ts";
import { optionTime } from "./said-time.ts";

/** Which past, as it was said on the command line. */
export interface PastWish {
  /** A recorded home; without it the database's own past. */
  readonly home?: string | undefined;
  readonly db?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly place?: string | undefined;
}

interface OpenPast {
  readonly past: PastHome;
  readonly place: Place;
  close(): void;
}

/** @throws WrongUsage, DatabaseRefused, Error in words */
export function openPast(values: PastWish, usualDb: string): OpenPast {
  const spanIn = (timeZone: string) => ({
    fromMs: optionTime(values.from, "from", () => timeZone),
    toMs: optionTime(values.to, "to", () => timeZone),
  });
  const said = values.place === undefined ? {} : coordinatesFrom(values.place);
  if (values.home !== undefined) {
    const home = readRecordedHome(values.home);
    const span = spanIn(home.timeZone);
    const db = values.db === undefined ? null : openExisting(values.db);
    const told = db === null ? home.place : { ...placeOf(home.timeZone, getMetadata(db, "home_coordinates")), ...home.place };
    return { past: pastOfRecording(home, db, span), place: { ...told, ...said }, close: () => db?.close() };
  }
  const db = openExisting(values.db ?? usualDb);
  const place = { ...placeOf(zoneOf(db), getMetadata(db, "home_coordinates")), ...said };
  return { past: pastOfDatabase(db, spanIn(place.timeZone)), place, close: () => db.close() };
}

function coordinatesFrom(text: string): { readonly latitude: number; readonly longitude: number } {
  const [latitude, longitude, ...more] = text.split(",").map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  const place = coordinatesSchema.safeParse({ latitude, longitude, elevation: 0 });
  if (place.success && more.length === 0) return { latitude: place.data.latitude, longitude: place.data.longitude };
  throw new WrongUsage(`--place is ${JSON.stringify(text)}; it must be latitude and longitude in degrees, like 52.37,4.90.`);
}

function zoneOf(db: Db): string {
  const timeZone = getMetadata(db, "time_zone");
  if (timeZone === null) throw new Error("This database has not met its home yet. Start the app once, so that it learns the time zone.");
  return timeZone;
}
