import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { startHomeAssistant } from "./home-assistant.ts";

/**
 * `npm run test:ha`: the app against a real Home Assistant. HASS_COMMAND says how to run `hass`; without it, a virtual environment kept outside
 * the checkout (HASS_VENV, default in the user's cache) with the newest Python found gives the newest release that this Python can run.
 */

/** `npm run test:ha -- protocol ingest` runs these files alone. */
const wanted = process.argv.slice(2);

/** Rows side by side, because most of it is waiting: two that have a Home Assistant of their own, and what shares the one started here. */
const ROWS = [["tests/ha/label-helpers"], ["tests/ha/walk"], ["tests/ha/app", "tests/ha/identity", "tests/ha/ingest", "tests/ha/protocol"]]
  .map((files) => files.filter((file) => wanted.length === 0 || wanted.some((word) => file.includes(word))))
  .filter((files) => files.length > 0);

if (ROWS.length === 0) {
  process.stderr.write(`No file of tests/ha is named by ${wanted.join(" ")}.\n`);
  process.exit(1);
}
const command = process.env["HASS_COMMAND"] ?? virtualEnvironment();
if (command === null) {
  process.stdout.write(
    "Skipped: no Home Assistant to test against. Set HASS_COMMAND to a command that runs hass, or install Python 3.12 or newer with venv.\n\n0 passed, 0 failed, 1 skipped\n",
  );
} else {
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-ha-"));
  const home = await startHomeAssistant({ command, folder: join(folder, "shared") });
  process.stdout.write(`Home Assistant ${home.version}\n`);
  try {
    process.exitCode = await runTests({ HA_URL: home.url, HA_TOKEN: home.token, HASS_COMMAND: command, HA_VERSION: home.version });
  } finally {
    await home.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Runs the tests of this folder to their end, says all counts in one line; returns the exit code. */
async function runTests(environment: Readonly<Record<string, string>>): Promise<number> {
  const rows = await Promise.all(ROWS.map((files) => runRow(files, environment)));
  const sum = (which: "passed" | "failed" | "skipped"): number => rows.reduce((total, row) => total + row[which], 0);
  process.stdout.write(`\n${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped\n`);
  return Math.max(...rows.map((row) => row.code));
}

interface RowResult {
  readonly code: number;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

function runRow(files: readonly string[], environment: Readonly<Record<string, string>>): Promise<RowResult> {
  const root = join(import.meta.dirname, "../..");
  const child = spawn(process.execPath, [join(root, "node_modules/vitest/vitest.mjs"), "run", "--no-file-parallelism", ...files], {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, TEST_SUITE: "ha", ...environment },
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said += text;
    process.stdout.write(text);
  });
  // Leaving by process.exit lets the harness end its Home Assistant.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(1));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => {
      const counts = [...said.matchAll(/^(\d+) passed, (\d+) failed, (\d+) skipped/gm)].at(-1)?.slice(1).map(Number) ?? [0, 1, 0];
      resolve({ code: code ?? 1, passed: counts[0]!, failed: counts[1]!, skipped: counts[2]! });
    });
  });
}

function virtualEnvironment(): string | null {
  const found = ["python3.14", "python3.13", "python3.12", "python3", ...pyenvPythons()]
    .map(pythonOf)
    .filter((python) => python !== null && python.minor >= 12)
    .sort((a, b) => b!.minor - a!.minor)[0];
  if (!found) return null;
  const folder = process.env["HASS_VENV"] ?? join(homedir(), ".cache", "ml-data-layer", `hass-3.${found.minor}`);
  const hass = join(folder, "bin", "hass");
  if (!existsSync(hass)) {
    process.stderr.write(`Installing Home Assistant for Python 3.${found.minor} into ${folder}; this takes some minutes, once.\n`);
    mkdirSync(folder, { recursive: true });
    if (!runs(found.path, ["-m", "venv", folder]) || !runs(join(folder, "bin", "pip"), ["install", "-q", "homeassistant"])) return null;
  }
  return hass;
}

/** Pythons that pyenv keeps; its own commands show only the chosen one. */
function pyenvPythons(): string[] {
  const versions = join(process.env["PYENV_ROOT"] ?? join(homedir(), ".pyenv"), "versions");
  return existsSync(versions) ? readdirSync(versions).map((name) => join(versions, name, "bin", "python3")) : [];
}

function pythonOf(name: string): { path: string; minor: number } | null {
  const asked = spawnSync(name, ["-c", "import sys; print(sys.executable, sys.version_info.minor)"], { encoding: "utf8" });
  if (asked.status !== 0) return null;
  const [path, minor] = asked.stdout.trim().split(" ");
  return { path: path!, minor: Number(minor) };
}

function runs(program: string, words: readonly string[]): boolean {
  return spawnSync(program, words, { stdio: ["ignore", "ignore", "inherit"] }).status === 0;
}
