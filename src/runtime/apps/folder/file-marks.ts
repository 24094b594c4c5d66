import { stat } from "node:fs/promises";

/** What tells a saved file from the same file before; one that may be read now is another, too. */
export async function markOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino, mode, uid, gid } = await stat(path);
    return [mtimeMs, size, ino, mode, uid, gid].join(" ");
  } catch {
    return "not there";
  }
}

export interface FileMarks {
  /** Those of the files that were saved since they were looked at first, or settled last; a file still being written is not among them yet. */
  changed(paths: readonly string[]): Promise<readonly string[]>;
  /** Those that nobody has looked at yet are as they were read. */
  meet(paths: readonly string[]): Promise<void>;
  /** What stands there now has been read. */
  settle(paths: readonly string[]): Promise<void>;
}

/** Looks instead of waiting to be told: that works on every file system, also where another machine saves. */
export function createFileMarks(): FileMarks {
  const settled = new Map<string, string>();
  const seen = new Map<string, string>();
  return {
    async changed(paths) {
      const found: string[] = [];
      for (const path of paths) {
        const now = await markOf(path);
        const before = settled.get(path);
        if (before === undefined) settled.set(path, now);
        else if (now !== before && seen.get(path) === now) found.push(path);
        seen.set(path, now);
      }
      return found;
    },
    async meet(paths) {
      for (const path of paths) {
        const now = await markOf(path);
        if (!settled.has(path)) settled.set(path, now);
      }
    },
    async settle(paths) {
      for (const path of paths) settled.set(path, await markOf(path));
    },
  };
}
