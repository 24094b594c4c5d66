import { existsSync } from "node:fs";
import { notThisUsers } from "../store/admission.ts";
import { type Db, isForbidden, openForReading } from "../store/db.ts";
import { isOwned } from "../store/ownership.ts";
import { DatabaseRefused } from "../store/refusal.ts";

/** Opens the app's database for reading. @throws DatabaseRefused when there is none yet, it is no database of this app, or this user may not. */
export function openExisting(path: string): Db {
  if (!existsSync(path)) throw noDatabase(path);
  let db: Db | null = null;
  try {
    db = openForReading(path);
    db.get("SELECT value FROM metadata LIMIT 1");
    return db;
  } catch (cause) {
    db?.close();
    if (isForbidden(cause)) throw notThisUsers(path, cause);
    throw new DatabaseRefused(
      "not_a_database",
      `The file ${path} is not a database of this app. Set DB_PATH or DATA_FOLDER to the right place.`,
      { cause },
    );
  }
}

/** Why there is nothing at the path: the app never ran there, or it runs and somebody removed its file. */
export function noDatabase(path: string): DatabaseRefused {
  const words = isOwned(path)
    ? `The app runs, but its database ${path} is gone. ${GONE_REMEDY}`
    : `There is no database at ${path} yet. Start the app once (npm start), or set DB_PATH or DATA_FOLDER to where it is.`;
  return new DatabaseRefused("not_a_database", words);
}

export const GONE_REMEDY =
  "It writes it anew, or restores it, within seconds: try again in a minute. If it is still gone then, the app's log says why.";
