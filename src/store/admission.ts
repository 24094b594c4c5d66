import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { APPLICATION_ID } from "./db.ts";
import { DatabaseRefused } from "./refusal.ts";

/** statfs(2) magic numbers of file systems on which WAL's shared memory does not work. */
const NETWORK_FILE_SYSTEMS = new Map<number, string>([
  [0x6969, "NFS"],
  [0xff534d42, "CIFS"],
  [0xfe534d42, "SMB2"],
  [0x517b, "SMB"],
  [0x65735546, "FUSE"],
  [0x01021997, "9P"],
  [0x5346414f, "AFS"],
  [0x00c36400, "Ceph"],
]);

/** The name of the network file system a folder lies on, or null. Exposed with the lookup as a parameter for tests. */
export function networkFileSystem(folder: string, typeOf: (folder: string) => number = (path) => statfsSync(path).type): string | null {
  return NETWORK_FILE_SYSTEMS.get(typeOf(folder) >>> 0) ?? null;
}

/**
 * Looks at the folder and at the file's header before any connection exists: afterwards the file must not be opened with fs, because
 * closing any descriptor would drop SQLite's POSIX locks.
 * @throws DatabaseRefused with one paragraph that says what to do.
 */
export function admitFile(path: string, newestVersion: number): void {
  admitFolder(path);
  if (!existsSync(path) || statSync(path).size === 0) return;
  admitHeader(path, newestVersion);
}

/** The folder alone, whatever is the matter with the file. @throws DatabaseRefused */
export function admitFolder(path: string): void {
  const folder = dirname(path);
  try {
    mkdirSync(folder, { recursive: true });
    const probe = join(folder, `.writable-${process.pid}.tmp`);
    writeFileSync(probe, "");
    rmSync(probe);
  } catch (cause) {
    throw folderRefused(path, cause);
  }
  admitDisk(folder);
}

/** As `admitFolder` would find it, by whoever only looks: a folder that is not there is left so, and judged by the nearest that is. @throws DatabaseRefused */
export function examineFolder(path: string): void {
  const folder = dirname(path);
  const nearest = nearestOf(folder);
  if (nearest === folder) {
    admitFolder(path);
    return;
  }
  try {
    accessSync(nearest, constants.W_OK | constants.X_OK);
    if (!statSync(nearest).isDirectory()) throw new Error(`${nearest} is no folder`);
  } catch (cause) {
    throw folderRefused(path, cause);
  }
  admitDisk(nearest);
}

function nearestOf(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestOf(dirname(folder));
}

function folderRefused(path: string, cause: unknown): DatabaseRefused {
  const folder = dirname(path);
  const nearest = nearestOf(folder);
  const words = statSync(nearest).isDirectory()
    ? `The folder ${folder} cannot be written by this user, so the database ${path} cannot be kept there. Give this user write access to the folder, or set DB_PATH (or DATA_FOLDER) to one that it owns.`
    : `${nearest} is a file and no folder, so the database ${path} cannot be kept there. Set DATA_FOLDER (or DB_PATH) to a folder, or move the file away.`;
  return new DatabaseRefused("not_writable", words, { cause });
}

function admitDisk(folder: string): void {
  const network = networkFileSystem(folder);
  if (network !== null) {
    throw new DatabaseRefused(
      "network_storage",
      `The folder ${folder} lies on ${network}, a network or user-space file system. SQLite's write-ahead log needs a disk of this very machine, or the file breaks. Set DB_PATH to a local disk; in Home Assistant use /share itself, not a network storage mounted below it.`,
    );
  }
}

/** For who may read the file and is refused by the file system all the same. */
export function notThisUsers(path: string, cause: unknown): DatabaseRefused {
  return new DatabaseRefused(
    "not_writable",
    `The database ${path} cannot be opened by this user, who may not write it or the folder ${dirname(path)}: even to read it, SQLite needs the file ${path}-shm beside it, which is not there while the app does not run. Call this as the user that the app runs as; in Home Assistant, inside the app's container. Nothing was changed.`,
    { cause },
  );
}

/** For a file in a folder that this user may write. */
export function notWritable(path: string, cause: unknown): DatabaseRefused {
  return new DatabaseRefused(
    "not_writable",
    `The database ${path} exists but cannot be opened for writing by this user. Change its owner or its permissions, then start again; nothing was changed.`,
    { cause },
  );
}

function admitHeader(path: string, newestVersion: number): void {
  const header = Buffer.alloc(100);
  let descriptor: number;
  try {
    descriptor = openSync(path, "r+");
  } catch (cause) {
    throw notWritable(path, cause);
  }
  try {
    readSync(descriptor, header, 0, 100, 0);
  } finally {
    closeSync(descriptor);
  }
  if (header.toString("latin1", 0, 16) !== "SQLite format 3\u0000") {
    throw new DatabaseRefused(
      "not_a_database",
      `The file ${path} is not an SQLite database. Move it away (or point DB_PATH elsewhere) and start again; it was left untouched.`,
    );
  }
  if (header.readUInt32BE(68) !== APPLICATION_ID) {
    throw new DatabaseRefused(
      "not_a_database",
      `The file ${path} is an SQLite database of another program. Point DB_PATH (or DATA_FOLDER) to a place of this app's own and start again; it was left untouched.`,
    );
  }
  const version = header.readUInt32BE(60);
  if (version > newestVersion) throw newerVersion(path, version, newestVersion);
}

export function newerVersion(path: string, version: number, newestVersion: number): DatabaseRefused {
  return new DatabaseRefused(
    "newer_version",
    `The database ${path} was written by a newer version of this app (its schema is number ${version}, this app knows up to ${newestVersion}). Update the app, or restore the copy that was made before the update; the file was left untouched.`,
  );
}
