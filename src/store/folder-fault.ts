import { accessSync, constants, mkdirSync } from "node:fs";

/** What keeps this user from writing into a folder, as a paragraph that says what to do; null = something else is the matter. */
function folderFaultOf(folder: string, error: unknown): string | null {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "EACCES" || code === "EPERM") {
    return `The folder ${folder} may not be written by the user of this process, so nothing was. Call this as the user that the app runs as, give this user the right to write there, or choose another folder.`;
  }
  if (code === "EROFS") return `The folder ${folder} lies on a disk that may only be read, so nothing was written. Choose another folder.`;
  if (code === "EEXIST" || code === "ENOTDIR")
    return `${folder} is no folder, or a part of its path is a file, so nothing was written. Choose another folder, or move that file away.`;
  return null;
}

/** Makes a folder, where it is not there, in which this user may write. @throws Error in words where that cannot be */
export function makeWritable(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (cause) {
    const words = folderFaultOf(folder, cause);
    if (words === null) throw cause;
    throw new Error(words, { cause });
  }
}
