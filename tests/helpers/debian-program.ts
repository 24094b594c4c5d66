import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/**
 * Programs of Debian's that tests run beside the app: those of this machine, or unpacked ones in the user's cache. `npm
 * run test:programs` puts them there, without installing anything: needs apt and the network, once.
 */
export interface DebianProgram {
  readonly path: string;
  readonly environment: Readonly<Record<string, string>>;
}

const PACKAGES = { mosquitto: "mosquitto", promtool: "prometheus" } as const;
export type ProgramName = keyof typeof PACKAGES;

const cacheOf = (name: ProgramName): string =>
  join(process.env["XDG_CACHE_HOME"] ?? join(homedir(), ".cache"), "ml-data-layer", "programs", name);

/** Null = it is not at hand; `HOW_TO_GET` says what to do. */
export function debianProgram(name: ProgramName): DebianProgram | null {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/usr/local/sbin"];
  const installed = folders.map((folder) => join(folder, name)).find((path) => existsSync(path));
  if (installed !== undefined) return { path: installed, environment: {} };
  const root = cacheOf(name);
  const unpacked = ["usr/sbin", "usr/bin"].map((folder) => join(root, folder, name)).find((path) => existsSync(path));
  if (unpacked === undefined) return null;
  const libraries = ["usr/lib", "lib"].flatMap((folder) => librariesIn(join(root, folder)));
  return { path: unpacked, environment: libraries.length === 0 ? {} : { LD_LIBRARY_PATH: libraries.join(delimiter) } };
}

export const HOW_TO_GET = "install it, or: npm run test:programs";

function librariesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith("-linux-gnu"))
    .map((name) => join(folder, name));
}

function fetch(name: ProgramName): void {
  const wanted = run("apt-get", ["--simulate", "--no-install-recommends", "install", PACKAGES[name]]);
  const packages = [...wanted.matchAll(/^Inst (\S+)/gm)].map(([, each]) => each!);
  const needed = name === "promtool" ? packages.filter((each) => each === PACKAGES[name]) : packages;
  const downloads = mkdtempSync(join(tmpdir(), "debian-program-"));
  const root = `${cacheOf(name)}.new`;
  rmSync(root, { recursive: true, force: true });
  mkdirSync(root, { recursive: true });
  try {
    run("apt-get", ["download", ...needed], downloads);
    for (const file of readdirSync(downloads)) run("dpkg-deb", ["--extract", join(downloads, file), root]);
    rmSync(cacheOf(name), { recursive: true, force: true });
    renameSync(root, cacheOf(name));
  } finally {
    rmSync(downloads, { recursive: true, force: true });
  }
}

function run(program: string, words: readonly string[], folder = "."): string {
  const { status, stdout, stderr } = spawnSync(program, words, { encoding: "utf8", cwd: folder });
  if (status !== 0) throw new Error(`${program} ${words.join(" ")} failed: ${stderr}`);
  return stdout;
}

if (import.meta.main) {
  for (const name of Object.keys(PACKAGES) as ProgramName[]) {
    if (debianProgram(name) === null) fetch(name);
    process.stdout.write(`${name}: ${debianProgram(name)?.path ?? "not found"}\n`);
  }
}
