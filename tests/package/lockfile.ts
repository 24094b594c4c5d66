import { readFileSync, writeFileSync } from "node:fs";

/**
 * `npm run lockfile`, after every `npm install`: marks better-sqlite3 as a package that brings its binaries. Its folder holds a
 * binding.gyp, so without the mark an npm before 11 would compile it, which needs a compiler. Addresses of a registry are left out.
 */

interface LockedPackage {
  resolved?: string;
  hasInstallScript?: boolean;
  gypfile?: boolean;
}

const path = new URL("../../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(path, "utf8")) as { packages: Record<string, LockedPackage> };
for (const entry of Object.values(lock.packages)) delete entry.resolved;
const sqlite = lock.packages["node_modules/better-sqlite3"]!;
delete sqlite.hasInstallScript;
sqlite.gypfile = false;
writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
