import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { App } from "../e2e/program.ts";

/** A disk that can be full: a tmpfs where one may be mounted, else a limit on how far the app's files may grow. */
export interface SmallDisk {
  readonly folder: string;
  readonly words: string;
  fill(app: App): void;
  free(app: App): void;
  remove(): void;
}

const MEGABYTES = 8;

export function smallDisk(parent: string): SmallDisk {
  const folder = join(parent, "disk");
  mkdirSync(folder);
  const isMounted = run("mount", ["-t", "tmpfs", "-o", `size=${MEGABYTES}m`, "tmpfs", folder]);
  const ballast = join(folder, "ballast");
  if (isMounted) {
    return {
      folder,
      words: `a tmpfs of ${MEGABYTES} MiB that a foreign file fills, later that file is removed`,
      fill: () => fillUp(ballast),
      free: () => rmSync(ballast),
      remove: () => void run("umount", ["-l", folder]),
    };
  }
  // SQLite says "disk I/O error" instead of "disk is full" then; what the app does about it is the same.
  const limit = (app: App, bytes: string): void => {
    if (!run("prlimit", ["--pid", String(app.pid), `--fsize=${bytes}:unlimited`]))
      throw new Error("neither mount nor prlimit can be used here");
  };
  return {
    folder,
    words: "the app's files may not grow any more (prlimit --fsize), later they may",
    fill: (app) => limit(app, String(statSync(join(folder, "ha_ml_data_layer.db-wal")).size)),
    free: (app) => limit(app, "unlimited"),
    remove: () => undefined,
  };
}

function run(program: string, words: readonly string[]): boolean {
  return spawnSync(program, words, { stdio: "ignore" }).status === 0;
}

function fillUp(path: string): void {
  for (;;) {
    try {
      writeFileSync(path, Buffer.alloc(65_536), { flag: "a" });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOSPC") return;
      throw error;
    }
  }
}
