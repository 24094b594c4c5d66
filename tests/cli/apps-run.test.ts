import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { temporaryFolder } from "../helpers/database.ts";

const ROOT = resolve(import.meta.dirname, "../..");

/** A door that opens at ten and closes an hour later. */
function recordedHome(): string {
  const folder = temporaryFolder();
  const home = {
    name: "door",
    time_zone: "Europe/Madrid",
    night_anchor_hour: 16,
    warmup_until: "2026-01-10T00:00:00Z",
    entities: [{ entity_id: "binary_sensor.door", kind: "binary", device_class: "door", area: null }],
    bed_sensors: [],
  };
  writeFileSync(join(folder, "home.json"), JSON.stringify(home));
  const events = ["entity_id,state,last_changed", `binary_sensor.door,on,${at(9)}`, `binary_sensor.door,off,${at(10)}`];
  writeFileSync(join(folder, "events.csv.gz"), gzipSync(`${events.join("\n")}\n`));
  writeFileSync(join(folder, "labels.csv"), "target,start,end,source\n");
  writeFileSync(join(folder, "scored.csv"), "start,end\n");
  return folder;
}
const at = (hour: number): string => new Date(Date.UTC(2026, 0, 10, hour)).toISOString();

/** Lets an app live through that day; the code is what it does when the door opens or closes. */
function lived(
  onChange: string,
  { before = "", inside = "", words = [] }: { readonly before?: string; readonly inside?: string; readonly words?: readonly string[] } = {},
) {
  const file = join(temporaryFolder(), "door.ts");
  writeFileSync(
    file,
    `import { App } from "ml-data-layer";
${before}
export default class Door extends App {${inside}
  override async initialize() {
    await this.listenState("binary_sensor.door", (change) => this.changed(String(change.new)));
  }
  private async changed(state: string) {
    ${onChange}
  }
}
`,
  );
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ["--import", join(ROOT, "src/keep-compiled.js"), join(ROOT, "src/cli.ts"), "apps", "run", file, "--home", recordedHome(), ...words],
    { encoding: "utf8", timeout: 60_000, env: { PATH: process.env["PATH"] } },
  );
  return { status, stderr, lines: stdout.trimEnd().split("\n") };
}

test("an app that waits for the home's time does so in a moment", () => {
  const ended = lived("await new Promise((resolve) => void this.runIn(600, resolve as () => void)); this.log(state);");
  expect(ended).toMatchObject({ status: 0, lines: ["2026-01-10 10:10:00  log     on"] });
});

// Broken once: by UTC the past began half an hour after the door had closed.
test("a time without a zone is one by the clock of the home that the app lives in", () => {
  const ended = lived("this.log(state);", { words: ["--from", "2026-01-10T10:30"] });
  expect(ended).toMatchObject({ status: 0, lines: ["2026-01-10 11:00:00  log     off"] });
});

// Broken once: without an owner (stray-rejections.ts) the first ends the command with a stack of Node's.
test("a refused call that nobody waits for is told as a failure of the app, with its line, and the past goes on", () => {
  const { status, lines, stderr } = lived("void this.callService('turn_' + state);");
  expect({ status, stderr }).toEqual({ status: 1, stderr: expect.stringMatching(/ 2 failures\n$/) });
  expect(lines).toEqual([
    expect.stringMatching(/^2026-01-10 10:00:00 {2}failed {2}callService: service: .* at door\.ts:8:15: void this\.callService/),
    expect.stringMatching(/^2026-01-10 11:00:00 {2}failed /),
  ]);
});

// Broken once: without logOfConsole (time-travel.ts) both are raw lines between the others.
test("what an app says with console is a line like any other, at the home's time", () => {
  const before = 'console.error("loaded", [1]);';
  const ended = lived('console.log("door", { state });', { before });
  expect(ended).toMatchObject({
    status: 0,
    lines: [
      "2026-01-10 10:00:00  error   loaded [ 1 ]",
      "2026-01-10 10:00:00  log     door { state: 'on' }",
      expect.stringMatching(/'off' }$/),
    ],
    stderr: expect.stringMatching(/^2 states, .*\n$/),
  });
  const json = lived('console.log("door", { state });', { before, words: ["--json"] });
  expect(json.lines.map((line) => JSON.parse(line) as object)).toMatchObject([
    { at: at(9), kind: "log", level: "error", text: "loaded [ 1 ]" },
    { at: at(9), kind: "log", level: "info", text: "door { state: 'on' }" },
    { at: at(10), kind: "log", level: "info", text: "door { state: 'off' }" },
  ]);
});

// Broken once: without the watch (apps-run-life.ts) the command never ends.
test("an app that loops without an end is stopped, and where it was is told, behind all that it did before", { timeout: 60_000 }, () => {
  const { status, lines, stderr } = lived('await this.runIn(3, () => { console.log("one"); this.log("two"); for (;;); });');
  expect({ status, lines }).toEqual({ status: 1, lines: ["2026-01-10 10:00:03  log     one", "2026-01-10 10:00:03  log     two"] });
  expect(stderr).toMatch(/^door \(door\.ts\) did not come to rest for \d+ s when it was 2026-01-10 10:00:03 in the home: an endless loop/);
});

// Broken once: without tellExit (apps-run-thread.ts) both say "ended by itself", without a place.
test("an app that ends the program has not lived through the past, and its line is told", () => {
  expect(lived("this.log(state); process.exit(0);")).toEqual({
    status: 1,
    lines: ["2026-01-10 10:00:00  log     on"],
    stderr: "the app ended the program by process.exit(0) at door.ts:8:30: this.log(state); process.exit(0);\n",
  });
  const before = 'import { exit } from "node:process";\nexit(3);';
  expect(lived("", { before })).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(/^the app ended the program by process\.exit\(3\) at door\.ts:3:1: exit\(3\);\n$/),
  });
});

test("an app that throws outside of its callbacks is told with its line", () => {
  const ended = lived('setTimeout(() => { throw new Error("away"); }, 1); await new Promise((resolve) => setTimeout(resolve, 50));');
  expect(ended).toMatchObject({ status: 1, stderr: expect.stringMatching(/^door\.ts crashed: away at door\.ts:8:30: setTimeout/) });
});

// Broken once: without the hint (apps-run-thread.ts) nobody knows that apps.yaml was not asked for it.
test("a file that apps.yaml does not name has no arguments, which is said where some are missing", () => {
  const strict = { before: 'import { z } from "zod";', inside: " static args = z.strictObject({ door: z.string() });" };
  expect(lived("this.log(state);", strict)).toMatchObject({
    status: 1,
    stderr: expect.stringMatching(
      /wrong arguments: door: is missing; it must be a text\. apps\.yaml in .* names no door\.ts, .*--args\.\n$/,
    ),
  });
  const given = lived("this.log(state);", { ...strict, words: ["--args", "{}"] });
  expect(given).toMatchObject({ status: 1, stderr: expect.stringMatching(/it must be a text\n$/) });
});
