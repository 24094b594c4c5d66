import { statSync } from "node:fs";

/** Something is there, and it is no folder. What cannot be looked at is taken for not there. */
export function isFile(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === false;
  } catch {
    return false;
  }
}
