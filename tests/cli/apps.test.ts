import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { appsCommand } from "../../src/cli/apps.ts";
import { WrongUsage } from "../../src/exit.ts";
import { temporaryFolder } from "../helpers/database.ts";

const ROOT = resolve(import.meta.dirname, "../..");

function apps(words: readonly string[], environment: Readonly<Record<string, string>> = {}, timeout?: number) {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", join(ROOT, "src/keep-compiled.js"), join(ROOT, "src/cli.ts"), "apps", ...words],
    {
      encoding: "utf8",
      timeout,
      env: { PATH: process.env["PATH"], ...environment },
    },
  );
  return { status, stdout, stderr };
}

function compile(folder: string): string {
  try {
    execFileSync(process.execPath, [join(ROOT, "node_modules/typescript/bin/tsc"), "-p", folder], { encoding: "utf8" });
    return "";
  } catch (error) {
    return String((error as { stdout?: unknown }).stdout);
  }
}

test("init writes apps that an editor understands and whose tests pass, and overwrites nothing of the user's", { timeout: 120_000 }, () => {
  const folder = join(temporaryFolder(), "apps");
  expect(apps(["init", folder]).status).toBe(0);
  expect(compile(folder)).toBe("");
  const tested = apps(["test", folder]);
  expect({ ...tested, stdout: "", stderr: "" }).toMatchObject({ status: 0 });
  expect(tested.stdout).toMatch(/pass 1\b/);

  const light = join(folder, "motion-light.ts");
  const mine = readFileSync(light, "utf8").replace('"light.turn_on", {', '"light.turn_on", { entity: "light.x",');
  expect(mine).not.toBe(readFileSync(light, "utf8"));
  writeFileSync(light, mine);
  expect(apps(["init", folder]).stdout).toMatch(/motion-light\.ts\twas there, left as it is/);
  expect(readFileSync(light, "utf8")).toBe(mine);
  // What an editor would underline.
  expect(compile(folder)).toMatch(/motion-light\.ts\(\d+,\d+\): error TS\d+: .*'entity' does not exist in type 'ServiceCall'/);
});

// Broken once: with moduleResolution "bundler" (apps-init-files.ts) the first is nothing to an editor; without package.json every app is wrong.
test("an editor tells what Node will refuse", { timeout: 60_000 }, () => {
  const folder = join(temporaryFolder(), "apps");
  apps(["init", folder]);
  writeFileSync(join(folder, "rooms.ts"), "export const room = (): number => 1;\n");
  const lines = [
    'import { App } from "ml-data-layer";',
    'import { room } from "./rooms";',
    'import { gone } from "./gone.ts";',
    'import missing from "not-installed";',
    'import { Json } from "ml-data-layer";',
    "enum Kind { A }",
    "export default class Wrong extends App {",
    "  constructor(readonly kind: Kind, readonly json: Json) { super(); }",
    "  override initialize() { console.warn(room(), gone(), missing, this.kind); }",
    "}",
  ];
  writeFileSync(join(folder, "wrong.ts"), lines.join("\n"));
  const told = compile(folder);
  expect([...told.matchAll(/wrong\.ts\((\d+),/g)].map(([, line]) => Number(line))).toEqual([2, 3, 4, 5, 6, 8, 8]);
  expect(told).toMatch(/\(2,\d+\): error TS2835: Relative import paths need explicit file extensions/);
});

test("apps in JavaScript that are there already stay what they are to Node", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "old.js"), 'const { App } = require("ml-data-layer");\nmodule.exports.Old = class extends App {};\n');
  expect(apps(["init", folder])).toMatchObject({ status: 0, stdout: expect.not.stringContaining("package.json") });
  expect(existsSync(join(folder, "package.json"))).toBe(false);
});

test("list says what is wrong with apps.yaml when nothing runs, and where there is none", { timeout: 60_000 }, () => {
  const folder = temporaryFolder();
  const environment = { APPS_FOLDER: folder, DATA_FOLDER: folder };
  expect(apps(["list"], environment)).toMatchObject({ status: 0, stderr: expect.stringMatching(/There is no apps\.yaml in .*apps init/) });
  writeFileSync(join(folder, "a.ts"), "");
  writeFileSync(join(folder, "apps.yaml"), "one: { file: a.ts }\ntwo: { file: b.ts }\n");
  expect(apps([], environment)).toMatchObject({
    status: 1,
    stdout: "one\tthe program does not run\n",
    stderr: expect.stringMatching(/^apps\.yaml, line 2: two: b\.ts does not exist/),
  });
});

test("words that cannot be understood say what would be right", async () => {
  const file = resolve(ROOT, "examples/apps/motion-light.ts");
  for (const [words, says] of [
    [["walk"], /"walk" is not understood/],
    [["run"], /An app's file is wanted/],
    [["run", "nothing.ts"], /There is no file/],
    [["run", file, "--speed", "fast"], /--speed is "fast"/],
    [["run", file, "--args", "{"], /--args is no JSON/],
    [["run", file, "--app", "nobody"], /has no app nobody .* it has hall_light/],
    [["init", join(temporaryFolder(), "no", "such")], /cannot be made/],
  ] as const) {
    await expect(appsCommand.run(words, {})).rejects.toThrow(says);
    await expect(appsCommand.run(words, {})).rejects.toBeInstanceOf(WrongUsage);
  }
});

const HOME = resolve(process.env["DATA_DIR"] ?? join(ROOT, "../shared/data"), "homes/ordonez_a");

test.skipIf(!existsSync(HOME))(
  "an app lives through a recorded home: its deeds at the home's time, the same ones each time",
  { timeout: 120_000 },
  () => {
    const folder = temporaryFolder();
    const file = join(folder, "door.ts");
    writeFileSync(
      file,
      `import { App } from "ml-data-layer";
export default class Door extends App {
  override async initialize() {
    await this.listenState("binary_sensor.bathroom_basin_motion", (change) => this.callService("light.turn_" + change.new));
    await this.runDaily("07:30", () => this.log("good morning"), { name: "morning", missed: "each" });
  }
}
`,
    );
    const words = ["run", file, "--home", HOME, "--from", "2011-11-29T23:00:00Z", "--to", "2011-12-02T23:00:00Z"];
    const ended = apps(words);
    expect(ended.status).toBe(0);
    const lines = ended.stdout.trimEnd().split("\n");
    expect(lines.filter((line) => line.endsWith("log     good morning"))).toEqual([
      "2011-11-30 07:30:00  log     good morning",
      "2011-12-01 07:30:00  log     good morning",
      "2011-12-02 07:30:00  log     good morning",
    ]);
    const calls = lines.filter((line) => line.includes("call    light.turn_"));
    expect(calls.length).toBeGreaterThan(10);
    expect([...calls].sort()).toEqual(calls);
    expect(apps(words).stdout).toBe(ended.stdout);
    // Broken once: without the end (apps-run.ts) a timer of the app's own keeps the command from ending.
    writeFileSync(file, readFileSync(file, "utf8").replace("initialize() {", "initialize() { setInterval(() => undefined, 1000);"));
    expect(apps(words, {}, 60_000)).toMatchObject({ status: 0, stdout: ended.stdout });
    // Broken once: with entries that are switched off left out (apps-file.ts) it has no arguments, and cannot be started.
    const written = join(temporaryFolder(), "apps");
    apps(["init", written]);
    const light = apps(["run", join(written, "motion-light.ts"), ...words.slice(2)]);
    expect(light).toMatchObject({ status: 0, stderr: expect.stringMatching(/^\d+ states, .* 0 failures/) });
    writeFileSync(join(written, "apps.yaml"), `${readFileSync(join(written, "apps.yaml"), "utf8")}other: { file: nothing.ts }\n`);
    expect(apps(["run", join(written, "motion-light.ts"), ...words.slice(2)]).stderr).toMatch(
      /^apps\.yaml, line \d+: other: nothing\.ts does not exist/,
    );
    const failing = join(folder, "failing.ts");
    writeFileSync(failing, readFileSync(file, "utf8").replace("this.callService(", "this.callServce("));
    expect(apps(["run", failing, ...words.slice(2)])).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(
        /failed {2}TypeError: this\.callServce is not a function at failing\.ts:4:\d+: await this\.listenState/,
      ),
    });
  },
);
