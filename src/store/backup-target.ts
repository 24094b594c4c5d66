import { existsSync, statSync } from "node:fs";
import { readHeader } from "./damage.ts";
import { APPLICATION_ID } from "./db.ts";
import { isOwned } from "./ownership.ts";
import { realPath } from "./real-path.ts";

/** What SQLite and the app itself keep beside the database, behind its name. */
const BESIDE = /^(-(wal|shm|journal)|\.lock.*|\.sock|\.(before-restore-|before-v|damaged-|replaced-).*|\.anew\.tmp|\.restoring)$/;

/** Looks whether a backup may be written to a file: only an empty one, or one of this app's that nobody uses, is replaced. @throws Error that says what to do */
export function admitTarget(target: string, dbPath: string): void {
  const [there, own] = [realPath(target), realPath(dbPath)];
  if (there === own) throw new Error(`${target} is the database itself; name another file for its backup.`);
  if (there.startsWith(own) && BESIDE.test(there.slice(own.length)))
    throw new Error(`${target} is a name that belongs to the database ${dbPath}; name another file for its backup.`);
  if (!existsSync(target)) return;
  if (!statSync(target).isFile()) throw new Error(`${target} is not a file; name the file that the backup shall be.`);
  if (statSync(target).size === 0) return;
  const { isSqlite, applicationId } = readHeader(target);
  if (!isSqlite || applicationId !== APPLICATION_ID)
    throw new Error(`${target} is there and is no backup of this app, so it was left as it is. Name another file, or delete it first.`);
  if (isOwned(there)) throw new Error(`${target} is the database of an app that runs, so it was left as it is. Name another file.`);
}
