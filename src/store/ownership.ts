import { existsSync } from "node:fs";
import BetterSqlite3 from "better-sqlite3";
import { isBusy } from "./db.ts";
import { realPath } from "./real-path.ts";
import { DatabaseRefused } from "./refusal.ts";

/** Who only looks whether somebody owns the file holds it for a moment: an owner that starts just then waits that long. */
const GLANCE_MS = 300;

/**
 * Owns the database for as long as this process lives: an exclusive transaction held on `<db>.lock`, which the operating system frees
 * when the process dies, however it dies. It lies beside the file itself, by whatever link the file is named. Returns the function that gives it back.
 * @throws DatabaseRefused (second_instance) when another process owns it.
 */
export function takeOwnership(path: string, patienceMs = GLANCE_MS): () => void {
  const lock = new BetterSqlite3(lockPath(path), { timeout: patienceMs });
  try {
    lock.exec("BEGIN EXCLUSIVE");
  } catch (cause) {
    lock.close();
    if (!isBusy(cause)) throw cause;
    throw new DatabaseRefused(
      "second_instance",
      `Another running instance owns the database ${path}. Two processes never write one file: stop the other one first, or give this one a DB_PATH of its own.`,
      { cause },
    );
  }
  return () => {
    lock.close();
  };
}

/** False once somebody has removed the file that the ownership is held on, so that it keeps nobody out any more. */
export function isLockThere(path: string): boolean {
  return existsSync(lockPath(path));
}

/** True when some process owns the database at this moment. It only reads, so whoever may read the folder may ask. */
export function isOwned(path: string): boolean {
  if (!existsSync(lockPath(path))) return false;
  const lock = new BetterSqlite3(lockPath(path), { readonly: true, fileMustExist: true, timeout: 0 });
  try {
    lock.prepare("SELECT 1 FROM sqlite_schema").get();
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    lock.close();
  }
}

const lockPath = (path: string): string => `${realPath(path)}.lock`;
