import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";

/** Packages are not what somebody saves. */
const LEFT_OUT = /^(\.|node_modules$)/;
const DEEPEST = 3;

/** When something in the folder was saved last, ms since 1970; 0 = there is nothing, or it cannot be read. */
export function newestChangeMs(folder: string, depth = DEEPEST): number {
  try {
    const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !LEFT_OUT.test(name));
    return Math.max(
      0,
      ...entries.map((entry) => {
        const path = join(folder, entry.name);
        if (!entry.isDirectory()) return changedMs(path);
        return depth === 0 ? 0 : newestChangeMs(path, depth - 1);
      }),
    );
  } catch {
    return 0;
  }
}

/** 0 = it is not there. */
export function changedMs(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
