import { closeSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * Which apps are at work, on a page of memory that outlives the process of the apps: their threads write it themselves, so that it is true to the
 * moment when V8 or the system ends all of them. A file without a name, because Node has no memory that two processes share.
 */
export interface AtWorkPage {
  /** Inherited by the process as `AT_WORK_FD`. */
  readonly fd: number;
  names(): readonly string[];
  close(): void;
}

/** Behind stdin, stdout, stderr and the channel. */
export const AT_WORK_FD = 4;
/** A place of the page: whether it is at work, then its name. */
const PLACE_BYTES = 64;

/** Null where no such file can be made: then nobody is known to have been at work. */
export function openAtWorkPage(): AtWorkPage | null {
  for (const folder of ["/dev/shm", tmpdir()]) {
    try {
      const path = join(folder, `ml-data-layer-apps-${process.pid}`);
      const fd = openSync(path, "w+", 0o600);
      unlinkSync(path);
      return { fd, names: () => namesOn(fd), close: () => closeSync(fd) };
    } catch {
      // The next one.
    }
  }
  return null;
}

function namesOn(fd: number): readonly string[] {
  const names: string[] = [];
  const place = Buffer.alloc(PLACE_BYTES);
  for (let n = 0; readSync(fd, place, 0, PLACE_BYTES, n * PLACE_BYTES) === PLACE_BYTES; n += 1) {
    if (place[0] === 1) names.push(place.toString("utf8", 1).replace(/\0+$/, ""));
  }
  return names;
}

/** One app's place. */
export interface WorkPlace {
  readonly fd: number;
  /** Where its mark is. */
  readonly at: number;
}

/** The places of a page, in the process of the apps. */
export interface WorkPlaces {
  /** Null = there is no page. */
  take(app: string): WorkPlace | null;
  free(place: WorkPlace | null): void;
}

export function createWorkPlaces(fd: number | null): WorkPlaces {
  const taken = new Set<number>();
  return {
    take(app) {
      if (fd === null) return null;
      let n = 0;
      while (taken.has(n)) n += 1;
      taken.add(n);
      const place = Buffer.alloc(PLACE_BYTES);
      place.write(app, 1);
      writeSync(fd, place, 0, PLACE_BYTES, n * PLACE_BYTES);
      return { fd, at: n * PLACE_BYTES };
    },
    free(place) {
      if (place === null) return;
      writeSync(place.fd, Buffer.alloc(PLACE_BYTES), 0, PLACE_BYTES, place.at);
      taken.delete(place.at / PLACE_BYTES);
    },
  };
}
