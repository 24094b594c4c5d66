import { reasonOf } from "../core/reason.ts";

/** Why nothing can be written, as a person reads it. */
export interface WriteTrouble {
  readonly kind: "disk full" | "not writable";
  readonly words: string;
  readonly remedy: string;
}

/** What an error of a write says of the disk or the file, also one that came from another thread; null where it is about something else. */
export function writeTroubleOf(error: unknown): WriteTrouble | null {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "SQLITE_FULL" || code === "ENOSPC" || code === "EDQUOT") {
    return {
      kind: "disk full",
      words: "The disk is full, so nothing was written.",
      remedy: "Make room on it, then try again: old backups, files kept aside by a restore, other programs' data; or lower retention_days.",
    };
  }
  if (code.startsWith("SQLITE_READONLY") || code === "EROFS") {
    return {
      kind: "not writable",
      words: `The database must not be written (${code}), so nothing was.`,
      remedy:
        "Look whether its disk has become read-only or its file belongs to another user or was moved, mend that, and restart the app if it goes on.",
    };
  }
  return null;
}

/** An error's own words, or what to do where it is about the disk. */
export function wordsOfWrite(error: unknown): string {
  const trouble = writeTroubleOf(error);
  if (trouble !== null) return `${trouble.words} ${trouble.remedy}`;
  return reasonOf(error);
}
