import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

interface LockedPackage {
  readonly version?: string;
  readonly resolved?: string;
  readonly hasInstallScript?: boolean;
  readonly gypfile?: boolean;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const read = <T>(name: string): T => JSON.parse(readFileSync(new URL(`../../${name}`, import.meta.url), "utf8")) as T;
const { packages } = read<{ packages: Record<string, LockedPackage> }>("package-lock.json");

test("no npm compiles better-sqlite3: the lock file says that it brings its binaries (npm run lockfile)", () => {
  const { gypfile, hasInstallScript } = packages["node_modules/better-sqlite3"]!;
  expect({ gypfile, hasInstallScript }).toEqual({ gypfile: false, hasInstallScript: undefined });
});

test("the lock file names no registry (npm run lockfile)", () => {
  expect(Object.entries(packages).filter(([, entry]) => entry.resolved !== undefined)).toEqual([]);
});

test("the lock file holds the packages of every platform, so that npm ci works on each", () => {
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter(
      (name) => !(`${path}/node_modules/${name}` in packages) && !(`node_modules/${name}` in packages),
    ),
  );
  expect(missing).toEqual([]);
});

test("only Node itself may run a script when it is installed", () => {
  expect(read<{ allowScripts: object }>("package.json").allowScripts).toEqual({ node: true, "better-sqlite3": false });
  const withScripts = Object.entries(packages).flatMap(([path, entry]) =>
    entry.hasInstallScript ? [path.replace("node_modules/", "")] : [],
  );
  expect(withScripts.filter((name) => name !== "fsevents")).toEqual(["node"]);
});
