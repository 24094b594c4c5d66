import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { brokerOfSupervisor } from "../../src/mqtt/broker.ts";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A Supervisor that answers like this. */
async function supervisor(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  ends.push(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const service = {
  addon: "core_mosquitto",
  host: "core-mosquitto",
  port: 1883,
  ssl: false,
  username: "addons",
  password: "p",
  protocol: "3.1.1",
};

test("the broker is the one that the Supervisor offers, asked for with the app's own token", async () => {
  const asked: unknown[] = [];
  const address = await supervisor((request, response) => {
    asked.push([request.method, request.url, request.headers.authorization]);
    response.end(JSON.stringify({ result: "ok", data: service }));
  });
  expect(await brokerOfSupervisor(address, "secret")).toEqual({
    host: "core-mosquitto",
    port: 1883,
    isEncrypted: false,
    username: "addons",
    password: "p",
  });
  expect(asked).toEqual([["GET", "/services/mqtt", "Bearer secret"]]);
});

test("where there is none, that is said with what to do", async () => {
  const address = await supervisor((_, response) => {
    response.writeHead(400).end(JSON.stringify({ result: "error", message: "Service not enabled" }));
  });
  await expect(brokerOfSupervisor(address, "secret")).rejects.toThrow(/offers no MQTT broker.+Mosquitto broker.+mqtt\.host/);
});

test.each([
  ["no JSON", "<html>502</html>"],
  ["no data", "{}"],
  ["a port that is none", JSON.stringify({ data: { ...service, port: 0 } })],
  ["a host that is none", JSON.stringify({ data: { ...service, host: "" } })],
])("an answer with %s is no broker, and its text and the token are in no message", async (_, body) => {
  const address = await supervisor((__, response) => void response.end(body));
  const error = await brokerOfSupervisor(address, "secret").catch((fault: Error) => fault);
  expect(error).toMatchObject({ name: "BrokerFault" });
  expect(String(error)).not.toMatch(/secret|html/);
});

test("a Supervisor that is not there is said as such", async () => {
  await expect(brokerOfSupervisor("http://127.0.0.1:9", "secret")).rejects.toThrow("does not say where the MQTT broker is");
});
