import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, expect, test } from "vitest";
import { WebSocket } from "ws";
import type { Pulse } from "../../src/store/pages/pulse.ts";
import { type LiveMessage, serveLive } from "../../src/web/live.ts";
import type { Server } from "../../src/web/server.ts";
import { createHomeFile, type HomeFile, NOW_MS, seedHome } from "./home-file.ts";
import { apiOver, serverOver } from "./served.ts";

let home: HomeFile;
let server: Server;
let address: string;
let asked = 0;
const sockets: WebSocket[] = [];

beforeEach(async () => {
  home = createHomeFile();
  seedHome(home.db);
  const api = apiOver(home.db);
  asked = 0;
  const counting: typeof api = {
    ...api,
    read: (name, input) => {
      if (name === "pulse") asked += 1;
      return api.read(name, input);
    },
  };
  ({ server } = serverOver(() => counting));
  address = (await server.start()).url.replace("http", "ws");
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.terminate();
  await server.stop();
  home.remove();
});

function listen(headers: Record<string, string> = {}, path = "api/v1/live"): { socket: WebSocket; heard: LiveMessage[] } {
  const socket = new WebSocket(new URL(path, address), { headers });
  sockets.push(socket);
  const heard: LiveMessage[] = [];
  socket.on("message", (data) => void heard.push(JSON.parse(String(data)) as LiveMessage));
  socket.on("error", () => undefined);
  return { socket, heard };
}
const topics = (heard: readonly LiveMessage[]): string[] => heard.map(({ topic }) => topic);

test("a listener hears all three topics at once, then only what is new, once a second at most", async () => {
  const { heard } = listen();
  await expect.poll(() => topics(heard), { timeout: 3000 }).toEqual(["ingest", "predictions", "health"]);
  // Twenty changes within a second are one message.
  for (let i = 0; i < 20; i += 1) home.db.run("UPDATE health SET value = CAST(value AS INTEGER) + 1 WHERE key = 'events_total'");
  await expect.poll(() => topics(heard).slice(3), { timeout: 3000 }).toEqual(["ingest"]);
  expect(heard.at(-1)).toMatchObject({ content: { eventsTotal: 420 } });
  home.db.run("INSERT INTO degraded (code, since_ms, cause, effect, remedy) VALUES ('wal_large', ?, 'a', 'b', 'c')", NOW_MS);
  await expect.poll(() => topics(heard).slice(4), { timeout: 3000 }).toEqual(["health"]);
  expect(heard.at(-1)).toMatchObject({ content: { status: "degraded", degraded: ["wal_large"] } });
  // Broken once: the receipt of a backup was seen when a label was said the next time.
  home.db.run("INSERT INTO schedule_runs (job, due_at_ms, started_at_ms, status) VALUES ('backup', ?, ?, 'running')", NOW_MS, NOW_MS);
  await expect.poll(() => topics(heard).slice(5), { timeout: 3000 }).toEqual(["health"]);
  home.db.run("UPDATE schedule_runs SET status = 'completed', finished_at_ms = ? WHERE job = 'backup'", NOW_MS);
  await expect.poll(() => topics(heard).slice(6), { timeout: 3000 }).toEqual(["health"]);
});

test("one that comes later hears what is known at once, and nobody is asked when nobody listens", async () => {
  const first = listen();
  await expect.poll(() => first.heard.length, { timeout: 3000 }).toBe(3);
  const second = listen();
  await expect.poll(() => topics(second.heard), { timeout: 900 }).toEqual(["ingest", "predictions", "health"]);
  first.socket.close();
  second.socket.close();
  await expect.poll(() => sockets.every((socket) => socket.readyState === WebSocket.CLOSED)).toBe(true);
  await new Promise((resolve) => setTimeout(resolve, 200));
  const before = asked;
  await new Promise((resolve) => setTimeout(resolve, 1500));
  expect(asked).toBe(before);
});

// Broken once: without the beat the second poll waits in vain.
test("who hears nothing new is told that the app is there, for a browser does not tell its page of pings", async () => {
  const http = createServer();
  const silent = { ingest: { eventsTotal: 1, lastEventAtUtc: null }, predictions: [], health: {} } as unknown as Pulse;
  const live = serveLive(http, { admit: () => undefined, pulse: async () => silent, onError: () => undefined }, 20);
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const socket = new WebSocket(`ws://127.0.0.1:${(http.address() as AddressInfo).port}/api/v1/live`);
  const heard: LiveMessage[] = [];
  socket.on("message", (data) => void heard.push(JSON.parse(String(data)) as LiveMessage));
  await expect.poll(() => topics(heard), { timeout: 3000 }).toEqual(["ingest", "predictions", "health"]);
  await expect.poll(() => topics(heard).slice(3, 5), { timeout: 3000 }).toEqual(["beat", "beat"]);
  live.stop();
  await new Promise((resolve) => http.close(resolve));
});

// Broken once: without the look at the origin, any page that the person visits listens to their home.
test.each([
  [{ origin: "http://evil.example" }, "api/v1/live", 403],
  [{ "sec-fetch-site": "cross-site" }, "api/v1/live", 403],
  [{ host: "evil.example" }, "api/v1/live", 403],
  [{ "x-forwarded-for": "203.0.113.5" }, "api/v1/live", 401],
  [{}, "api/v1/labels", 404],
])("%j at %s is refused with %i", async (headers, path, status) => {
  const { socket } = listen(headers as Record<string, string>, path);
  const answered = new Promise<number | undefined>((resolve) =>
    socket.once("unexpected-response", (_, response) => resolve(response.statusCode)),
  );
  expect(await answered).toBe(status);
});

test("a listener that says too much is let go, and the others go on", async () => {
  const loud = listen();
  const quiet = listen();
  await expect.poll(() => quiet.heard.length, { timeout: 3000 }).toBe(3);
  loud.socket.send("x".repeat(5000));
  await expect.poll(() => loud.socket.readyState).toBe(WebSocket.CLOSED);
  expect(quiet.socket.readyState).toBe(WebSocket.OPEN);
});
