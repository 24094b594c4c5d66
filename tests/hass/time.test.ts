import { afterEach, expect, test } from "vitest";
import { endAll, scripted, started } from "../helpers/watched-home.ts";

afterEach(endAll);

async function createScene(result: unknown) {
  const server = await scripted();
  const home = await started(server);
  await home.subscribe(() => undefined);
  server.on("unsubscribe_events", () => null);
  server.on("render_template", ({ id }) => {
    setTimeout(() => server.sendText(JSON.stringify({ id, type: "event", event: { result, listeners: { time: true } } })), 5);
    return null;
  });
  return { server, home };
}

test("Home Assistant's time comes from a template's first event, and its subscription ends with it", async () => {
  const { server, home } = await createScene(1_795_264_629.25);
  expect(await home.timeMs()).toBe(1_795_264_629_250);
  const asked = server.received.find((command) => command.type === "render_template");
  await expect.poll(() => server.received.find((command) => command.type === "unsubscribe_events")?.["subscription"]).toBe(asked!.id);
});

test("an answer that is no time is refused and counted; so is a home that knows no templates", async () => {
  const { home } = await createScene("soon");
  await expect(home.timeMs()).rejects.toMatchObject({ reason: "bad frame" });
  expect(home.counts().malformed).toBe(1);
  const plain = await started(await scripted());
  await expect(plain.timeMs()).rejects.toMatchObject({ reason: "command refused" });
  expect(plain.state().kind).toBe("connected");
});

test("a subscription that never tells anything ends by itself", async () => {
  const { server, home } = await createScene(null);
  server.on("render_template", () => null);
  await expect(home.timeMs()).rejects.toMatchObject({ reason: "no answer" });
});
