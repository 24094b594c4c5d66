import { existsSync, mkdirSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { flush } from "./backup.ts";
import { fileInstant } from "./backup-files.ts";
import type { Db } from "./db.ts";
import type { OpenFiles } from "./open-files.ts";
import { wordsOfWrite } from "./write-trouble.ts";

/** What became of the content at a close. */
export interface Closing {
  /** The file was gone, or another stood in its place: where the content was written instead. */
  readonly writtenAs: string | null;
  /** That failed: why. What came since the last backup is lost. */
  readonly lost: string | null;
}

/**
 * Closes the connection of the one writer. It holds a file that was removed for as long as it is open, so this is the last moment in which the
 * content can be written anew: to its place, or beside another file that stands there by now.
 */
export function closeWhole(db: Db, files: OpenFiles, nowMs: number): Closing {
  const { path } = db;
  if (files.database() === "there") {
    db.close();
    return { writtenAs: null, lost: null };
  }
  const temporary = `${path}.anew.tmp`;
  try {
    mkdirSync(dirname(path), { recursive: true });
    rmSync(temporary, { force: true });
    db.copyTo(temporary);
    db.close();
    // The new file must not be read with the log of the old one.
    files.dropLog();
    // SQLite itself makes an empty one for whoever opens the path to write.
    const isTaken = existsSync(path) && statSync(path).size > 0;
    const writtenAs = isTaken ? `${path}.replaced-${fileInstant(nowMs)}` : path;
    flush(temporary);
    renameSync(temporary, writtenAs);
    flush(dirname(path));
    return { writtenAs, lost: null };
  } catch (error) {
    db.close();
    if (existsSync(temporary)) rmSync(temporary, { recursive: true });
    files.dropLog();
    return { writtenAs: null, lost: wordsOfWrite(error) };
  }
}
