import { existsSync } from "node:fs";
import { type Db, openForReading } from "../store/db.ts";
import { DatabaseRefused } from "../store/refusal.ts";

/** Opens the app's database for reading. @throws DatabaseRefused when there is none yet or it is no database of this app. */
export function openExisting(path: string): Db {
  if (!existsSync(path)) {
    throw new DatabaseRefused(
      "not_a_database",
      `There is no database at ${path} yet. Start the app once (npm start), or set DB_PATH or DATA_FOLDER to where it is.`,
    );
  }
  const db = openForReading(path);
  try {
    db.get("SELECT value FROM metadata LIMIT 1");
    return db;
  } catch (cause) {
    db.close();
    throw new DatabaseRefused(
      "not_a_database",
      `The file ${path} is not a database of this app. Set DB_PATH or DATA_FOLDER to the right place.`,
      { cause },
    );
  }
}
