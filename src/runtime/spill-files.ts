import { mkdir, open, readdir, readFile, rename, rm, rmdir, stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import { SPILL_HEADER } from "./spill-format.ts";

/** One file of the spill that is not written any more. */
export interface SpillFile {
  readonly path: string;
  bytes: number;
  /** Left by the run before this one. */
  readonly isOld: boolean;
}

/** The file that is written at the moment. */
export interface OpenSpillFile extends SpillFile {
  /** Appends whole lines. After a failure the file ends where it did before. @throws what the disk says */
  append(text: string): Promise<void>;
  close(): Promise<void>;
}

const NAME = /^\d{10}\.ndjson$/;

/** Files that a run before this one left, oldest first. @throws when the folder is there and cannot be listed */
export async function findSpillFiles(folder: string): Promise<SpillFile[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    if (isCalled(error, "ENOENT", "ENOTDIR")) return [];
    throw error;
  });
  const files: SpillFile[] = [];
  for (const name of names.filter((each) => NAME.test(each)).sort()) {
    const path = join(folder, name);
    // One that cannot be measured may still be read, and its number is taken.
    const bytes = await stat(path).then(
      ({ size }) => size,
      () => 0,
    );
    files.push({ path, bytes, isOld: true });
  }
  return files;
}

export async function createSpillFile(folder: string, number: number): Promise<OpenSpillFile> {
  await mkdir(folder, { recursive: true });
  const path = join(folder, `${String(number).padStart(10, "0")}.ndjson`);
  const handle = await open(path, "ax"); // appending: after a write cut short the next begins where the file ends
  const header = `${SPILL_HEADER}\n`;
  const file = {
    path,
    bytes: 0,
    isOld: false,
    async append(text: string) {
      const bytes = Buffer.from(file.bytes === 0 ? header + text : text);
      try {
        await handle.appendFile(bytes);
        file.bytes += bytes.length;
      } catch (error) {
        await handle.truncate(file.bytes).catch(() => undefined); // a line cut off here would count as damaged
        throw error;
      }
    },
    close: () => handle.close(),
  };
  return file;
}

/** The number in a file's name, to go on counting from. */
export const numberOf = (file: SpillFile): number => Number(file.path.slice(-17, -7));

/** The complete lines of a file; `isTorn` when the last one was cut off. Null when the file is none of ours: it is kept aside. @throws what the disk says */
export async function readSpillLines(file: SpillFile): Promise<{ readonly lines: string[]; readonly isTorn: boolean } | null> {
  const text = await readFile(file.path, "utf8").catch((error: unknown) => {
    if (isCalled(error, "ENOENT")) return "";
    throw error;
  });
  const lines = text.split("\n");
  const tail = lines.pop();
  if (lines.shift() === SPILL_HEADER) return { lines, isTorn: tail !== "" };
  // A kill before the first byte was written leaves nothing to read.
  if (text === "" || SPILL_HEADER.startsWith(text)) return { lines: [], isTorn: false };
  await keepAside(file);
  return null;
}

/** Out of the way of the next start, for a person to look at. */
export const keepAside = ({ path }: SpillFile): Promise<void> => rename(path, `${path}.unreadable`).catch(() => undefined);

const isCalled = (error: unknown, ...codes: string[]): boolean =>
  error instanceof Error && "code" in error && codes.includes(String(error.code));

export const removeSpillFile = (file: SpillFile): Promise<void> => rm(file.path, { force: true }).catch(() => undefined);

/** Removes the folder when nothing is left in it. */
export const removeSpillFolder = (folder: string): Promise<void> => rmdir(folder).catch(() => undefined);

/** Bytes that this user may still write on the disk of the folder, which need not be there yet. */
export async function freeBytesAt(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder).catch(() => statfs(join(folder, "..")));
  return bavail * bsize;
}
