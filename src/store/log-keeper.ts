import { reasonOf } from "../core/reason.ts";
import type { Db } from "./db.ts";
import { checkpointLog, logBytes } from "./log-file.ts";

/** Pages that wait in the log before they are moved: SQLite's own default. */
const MOVED_FROM_PAGES = 1000;
/** A log that has grown beyond this is set back to no length as soon as nobody needs it. */
const SHRUNK_FROM_BYTES = 64 * 1024 * 1024;

export interface LogFigures {
  readonly logBytes: number;
  /** Bytes written to the log since the start; what goes from there into the file comes on top. */
  readonly writtenBytes: number;
  /** A look failed: words of the last failure, null since the last good one. */
  readonly trouble: string | null;
}

export interface LogKeeper {
  /** Moves pages when enough wait, and empties a large log. Never waits for anybody. */
  look(): void;
  figures(): LogFigures;
}

/** Keeps the write-ahead log small. */
export function createLogKeeper(db: Db): LogKeeper {
  const frameBytes = Number(db.pragma("page_size")) + 24;
  let pagesBefore = 0;
  let written = 0;
  let trouble: string | null = null;

  function keep(): void {
    const { logPages, copiedPages } = checkpointLog(db, "look");
    // A log that is shorter than before has begun anew.
    written += Math.max(0, logPages >= pagesBefore ? logPages - pagesBefore : logPages);
    pagesBefore = Math.max(0, logPages);
    const waiting = logPages - copiedPages;
    const left = waiting >= MOVED_FROM_PAGES ? movePages() : waiting;
    if (left === 0 && logBytes(db.path) > SHRUNK_FROM_BYTES && !checkpointLog(db, "empty").isHeld) pagesBefore = 0;
  }

  function movePages(): number {
    const { logPages, copiedPages } = checkpointLog(db, "passive");
    return logPages - copiedPages;
  }

  return {
    look() {
      try {
        keep();
        trouble = null;
      } catch (error) {
        trouble = reasonOf(error);
      }
    },
    figures: () => ({ logBytes: logBytes(db.path), writtenBytes: written * frameBytes, trouble }),
  };
}
