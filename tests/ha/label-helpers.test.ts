import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type App, endAll, eventually, rowsOf, runCommand, startApp } from "../e2e/program.ts";
import { type HomeAssistant, startHomeAssistant } from "./home-assistant.ts";

const command = process.env["HASS_COMMAND"];

const TARGETS = [
  { name: "nap", switch: "input_boolean.napping", excluded: "input_boolean.guests" },
  { name: "walk", start: "input_button.walk_start", end: "input_button.walk_end" },
  { name: "doze", switch: "input_boolean.dozing", negative: "input_button.no_doze" },
  { name: "sleep", start: "input_datetime.sleep_start", end: "input_datetime.sleep_end" },
];

interface Label {
  readonly target_name: string;
  readonly kind: string;
  readonly status: string;
}

if (command === undefined) {
  test.skip("label helpers of a real Home Assistant: set HASS_COMMAND to a command that runs hass", () => undefined);
} else {
  describe("label helpers of a real Home Assistant", () => checks(command));
}

/** One home and one app through all of it; each test goes on where the one before it stopped. */
function checks(hass: string): void {
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-ha-labels-"));
  const database = join(folder, "app", "ha_ml_data_layer.db");
  let home: HomeAssistant;
  let app: App;
  let environment: Readonly<Record<string, string>>;

  const labels = (): Label[] => rowsOf(database, "SELECT target_name, kind, status FROM vw_labels ORDER BY target_name");
  const turn = (service: "turn_on" | "turn_off", entityId: string) => home.call(`input_boolean.${service}`, { entity_id: entityId });
  const press = (entityId: string) => home.call("input_button.press", { entity_id: entityId });
  async function setup(): Promise<{ entityId: string; outcome: string; note: string | null }[]> {
    const { code, stdout, stderr } = await runCommand(["label", "setup", "--json"], environment);
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return (JSON.parse(stdout) as { helpers: { entityId: string; outcome: string; note: string | null }[] }).helpers;
  }

  beforeAll(async () => {
    mkdirSync(join(folder, "app"));
    home = await startHomeAssistant({ command: hass, folder: join(folder, "config") });
    const options = join(folder, "options.json");
    writeFileSync(options, JSON.stringify({ targets: TARGETS }));
    environment = { DATA_FOLDER: join(folder, "app"), HA_URL: home.url, HA_TOKEN: home.token, OPTIONS_FILE: options };
    // As somebody may have made it: every start of Home Assistant turns it off.
    await home.command({ type: "input_boolean/create", name: "Dozing", initial: false });
  }, 240_000);
  afterAll(async () => {
    await endAll();
    await home.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test("are made where they are missing, of every kind, and a second call makes nothing and warns of `initial`", async () => {
    const made = await setup();
    expect(made.map(({ entityId, outcome }) => `${entityId} ${outcome}`)).toEqual([
      "input_boolean.napping made",
      "input_boolean.guests made",
      "input_button.walk_start made",
      "input_button.walk_end made",
      "input_boolean.dozing there",
      "input_button.no_doze made",
      "input_datetime.sleep_start there",
      "input_datetime.sleep_end there",
    ]);
    for (const { entityId } of made) expect(await home.stateOf(entityId)).not.toBeNull();
    const again = await setup();
    expect(again.map(({ outcome }) => outcome)).toEqual(again.map(() => "there"));
    expect(again.find(({ entityId }) => entityId === "input_boolean.dozing")!.note).toContain("initial");
  }, 60_000);

  test("are asked for through the running app, too", async () => {
    app = startApp(environment);
    await eventually(() => (app.stderr().includes("connected to Home Assistant") ? true : null), "connected", 90_000);
    expect((await setup()).map(({ outcome }) => outcome)).toEqual(TARGETS.flatMap(() => ["there", "there"]));
  }, 120_000);

  test("say labels: a switch, two buttons, a button for no; never set ones say nothing", async () => {
    await eventually(
      () => rowsOf(database, "SELECT 1 FROM vw_raw_events WHERE entity_id = 'input_boolean.napping'")[0],
      "the first states",
      60_000,
    );
    await turn("turn_on", "input_boolean.napping");
    await turn("turn_on", "input_boolean.dozing");
    await press("input_button.walk_start");
    await pause(65_000);
    await turn("turn_off", "input_boolean.napping");
    await press("input_button.walk_end");
    await eventually(() => (labels().length >= 2 ? true : null), "two labels", 120_000);
    expect(labels()).toEqual([
      { target_name: "nap", kind: "positive", status: "active" },
      { target_name: "walk", kind: "positive", status: "active" },
    ]);
    await press("input_button.no_doze");
    await eventually(() => (labels().length >= 3 ? true : null), "the negative label", 120_000);
    expect(labels()[0]).toEqual({ target_name: "doze", kind: "negative", status: "active" });
  }, 400_000);

  test("of which a restart turns one off by `initial`: no label ends there, and the others stay as they were", async () => {
    const before = labels();
    const openDoze = (): unknown => rowsOf<{ value: string }>(database, "SELECT value FROM health WHERE key = 'open_label.doze'")[0]?.value;
    await eventually(() => (openDoze() ? true : null), "a doze that has begun", 120_000);
    expect((await home.stateOf("input_boolean.dozing"))!.state).toBe("on");
    const connections = app.stderr().split("connected to Home Assistant").length;
    await home.stop();
    await home.start();
    await eventually(() => (app.stderr().split("connected to Home Assistant").length > connections ? true : null), "back", 120_000);
    expect((await home.stateOf("input_boolean.dozing"))!.state).toBe("off");
    // Who turned it is unknown, so what was open can have no end any more.
    await eventually(() => (openDoze() === "" ? true : null), "the turn has been judged", 240_000);
    await pause(5_000);
    expect(labels()).toEqual(before);
    expect((await app.stop("SIGINT")).code).toBe(0);
  }, 600_000);
}
