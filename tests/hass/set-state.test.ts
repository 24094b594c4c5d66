import { expect, onTestFinished, test } from "vitest";
import { createDemoServer } from "../../src/demo/server/demo-server.ts";
import { statesUrl } from "../../src/hass/set-state.ts";
import { endAll, homeAt } from "../helpers/watched-home.ts";

test.each([
  ["ws://homeassistant.local:8123/api/websocket", "http://homeassistant.local:8123/api/states/sensor.a"],
  ["wss://home.example/api/websocket", "https://home.example/api/states/sensor.a"],
  ["ws://supervisor/core/websocket", "http://supervisor/core/api/states/sensor.a"],
])("states of %s are set at %s", (websocket, states) => {
  expect(statesUrl(websocket, "sensor.a")).toBe(states);
});

test("an own sensor is set, is no behaviour to a model, and a wrong token is refused in words", async () => {
  onTestFinished(endAll);
  const demo = createDemoServer({ weeks: 1 });
  onTestFinished(() => demo.stop());
  const { url, token } = await demo.start();
  const home = homeAt(url, { token, commandTimeoutMs: 5_000, openTimeoutMs: 5_000 });
  await expect(home.setState("sensor.mood", "good", {})).rejects.toMatchObject({ reason: "not connected" });
  home.start();
  await home.until("connected");
  await home.setState("sensor.mood", "good", { made_by: "ml_data_layer/house" });
  await home.setState("sensor.mood", "better", { made_by: "ml_data_layer/house" });
  expect((await home.states()).find((state) => state.entityId === "sensor.mood")).toMatchObject({ state: "better" });
  const facts = (await home.facts()).find((each) => each.entityId === "sensor.mood");
  expect(facts?.platform).toBe("ml_data_layer");
  demo.faults.refuseTokens(true);
  await expect(home.setState("sensor.mood", "bad", {})).rejects.toMatchObject({
    reason: "command refused",
    message: expect.stringMatching(/HTTP 401/),
  });
});
