import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createDemoServer } from "../../src/demo/server/demo-server.ts";
import { askRunningApp } from "../../src/runtime/control.ts";
import { startAppHere } from "../failures/app-here.ts";
import { openAuthenticated } from "../protocol/raw-client.ts";
import { eventually, rowsOf, temporaryFolder } from "./program.ts";

/** Apps of the user's in the whole program, on the simulated home's websocket. */

const HOUSE = `import { App, type Change } from "ml-data-layer";
import { z } from "zod";

const args = z.object({ watched: z.string() });

export default class House extends App<z.output<typeof args>> {
  static args = args;
  override async initialize(): Promise<void> {
    const before = (await this.store.get("starts")) as number | undefined;
    await this.store.set("starts", (before ?? 0) + 1);
    await this.listenState(this.args.watched, (change) => this.changed(change));
    await this.listenEvent("doorbell", (event) => this.setState("sensor.visitors", Number(event.data["count"]), { unit_of_measurement: "people" }));
    await this.listenState("light.*", (change) => this.log(\`\${change.entityId} is \${change.new}\`));
    await this.runEvery(3600, () => undefined, { name: "hourly" });
    this.log(\`start \${(before ?? 0) + 1}\`);
  }
  private async changed(change: Change): Promise<void> {
    const light = (await this.getStates("light.*"))[0]!;
    await this.callService("light.toggle", { entityId: light.entityId });
    await this.fireEvent("house_says", { asleep: change.new ?? "" });
  }
}
`;

test("an app hears the home, acts on it, keeps what it stores over a restart, and is told in health when it is wrong", {
  timeout: 90_000,
}, async () => {
  const { folder, database, remove } = temporaryFolder();
  onTestFinished(remove);
  const apps = join(folder, "apps");
  mkdirSync(apps);
  writeFileSync(join(apps, "house.ts"), HOUSE);
  writeFileSync(
    join(apps, "apps.yaml"),
    "house: { file: house.ts, watched: input_boolean.asleep }\nbroken: { file: house.ts }\ngone: { file: gone.ts }\n",
  );
  const demo = createDemoServer({ weeks: 1, seed: 5 });
  onTestFinished(() => demo.stop());
  const source = await demo.start();
  const offsetMs = source.nowMs - Date.now();
  const start = () => startAppHere({ folder, source, offsetMs, faster: 1, environment: { APPS_FOLDER: apps } });
  const app = await start();
  const said =
    (words: string): (() => string | undefined) =>
    () =>
      app.log.find((line) => line.includes(words));
  await eventually(said("start 1"), "the app has started");
  await eventually(said('"code":"app_failed_broken"'), "the wrong one is marked");
  await eventually(said('"code":"apps_file_wrong"'), "so is the one without a file");

  const client = await openAuthenticated(source.url, source.token, true);
  onTestFinished(client.end);
  await client.result({ type: "subscribe_events", event_type: "house_says" });
  await client.result({ type: "call_service", domain: "input_boolean", service: "toggle", target: { entity_id: "input_boolean.asleep" } });
  await eventually(said("light."), "a light was toggled and heard of");
  await eventually(
    () => client.messages().find((message) => JSON.stringify(message).includes("house_says") && "event" in message),
    "the event was fired",
  );
  await client.result({ type: "fire_event", event_type: "doorbell", event_data: { count: 3 } });
  const visitors = await eventually(async () => {
    const states = (await client.result({ type: "get_states" })) as { entity_id: string; state: string; attributes: object }[];
    return states.find((state) => state.entity_id === "sensor.visitors") ?? null;
  }, "the sensor is there");
  expect(visitors).toMatchObject({ state: "3", attributes: { made_by: "ml_data_layer/house", unit_of_measurement: "people" } });

  // Home Assistant forgets it when it restarts. Broken once: without restore (own-sensors.ts) it is gone.
  const startedAgain = app.connectedTimes() + 1;
  await demo.faults.restart({ downMs: 100, startingMs: 200 });
  const client2 = await openAuthenticated(source.url, source.token, true);
  onTestFinished(client2.end);
  await eventually(() => (app.connectedTimes() >= startedAgain ? true : null), "connected again");
  const restored = await eventually(async () => {
    const states = (await client2.result({ type: "get_states" })) as { entity_id: string; state: string; attributes: object }[];
    return states.find((state) => state.entity_id === "sensor.visitors") ?? null;
  }, "the sensor is back");
  expect(restored).toMatchObject({ state: "3", attributes: { made_by: "ml_data_layer/house", unit_of_measurement: "people" } });

  const status = (await askRunningApp(database, "apps", {})) as { name: string; state: string }[];
  expect(status.map(({ name, state }) => [name, state])).toEqual([
    ["house", "running"],
    ["broken", expect.stringMatching(/^(failed|starting)$/)],
  ]);
  const reasons = JSON.stringify(rowsOf(database, "SELECT degraded_reasons FROM vw_health"));
  expect(reasons).toContain("app_failed_broken");
  expect(reasons).toMatch(/apps\.yaml, line 3: gone: gone\.ts does not exist/);
  await app.stop();

  writeFileSync(join(apps, "apps.yaml"), "house: { file: house.ts, watched: input_boolean.asleep }\n");
  const again = await start();
  await eventually(() => again.log.find((line) => line.includes("start 2")), "it has started again and knows what it stored");
  await eventually(
    () =>
      rowsOf(
        database,
        "SELECT 1 FROM vw_health WHERE degraded_reasons NOT LIKE '%app_failed%' AND degraded_reasons NOT LIKE '%apps_file%'",
      )[0],
    "what was wrong is forgotten",
  );
  await again.stop();
});
