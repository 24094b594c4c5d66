import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { afterEach, expect, test } from "vitest";
import { limitConnections, MOST_OPEN } from "../../src/web/connection-limit.ts";
import { serverOver } from "./served.ts";

const outside = Object.values(networkInterfaces())
  .flat()
  .find((each) => each !== undefined && !each.internal && each.family === "IPv4")?.address;

const atEnd: (() => unknown)[] = [];
const held: Socket[] = [];
afterEach(async () => {
  for (const socket of held.splice(0)) socket.destroy();
  for (const end of atEnd.splice(0)) await end();
});

/** Opens connections that say nothing; answers how many the server leaves open. */
async function hold(count: number, port: number, { host = "127.0.0.1", from }: { host?: string; from?: string } = {}): Promise<number> {
  const sockets = Array.from({ length: count }, () => connect({ host, port, ...(from !== undefined && { localAddress: from }) }));
  held.push(...sockets);
  await Promise.all(
    sockets.map(async (socket) => {
      socket.on("error", () => undefined).resume();
      await Promise.race([once(socket, "connect"), once(socket, "close")]);
    }),
  );
  const open = (): number => sockets.filter((socket) => !socket.destroyed).length;
  // Those that the server has not looked at yet are open, too.
  for (let before = -1; before !== open(); ) {
    before = open();
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  return open();
}

/** Strangers are all but 127.0.0.1 here, for every machine has more addresses that begin with 127. */
async function serve(): Promise<{ port: number; full: (string | null)[] }> {
  const full: (string | null)[] = [];
  const server: Server = createServer((socket) => void socket.on("error", () => undefined).resume());
  limitConnections(
    server,
    (name) => void full.push(name),
    (address) => ({ name: address, isAtHome: address === "127.0.0.1" }),
  );
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  atEnd.push(() => server.close());
  return { port: (server.address() as AddressInfo).port, full };
}

test("silent connections of one address keep nobody else out", async () => {
  const { port, full } = await serve();
  // Broken once: with the limit of all alone the first address held every connection there is.
  expect(await hold(300, port, { from: "127.0.0.2" })).toBe(MOST_OPEN.stranger);
  expect(await hold(5, port, { from: "127.0.0.3" })).toBe(5);
  expect(await hold(100, port)).toBe(100);
  expect(full).toEqual(["127.0.0.2"]);
});

test("many addresses together leave Home Assistant and this machine their connections", async () => {
  const { port, full } = await serve();
  let open = 0;
  for (let n = 2; n < 12; n += 1) open += await hold(40, port, { from: `127.0.0.${n}` });
  expect(open).toBe(MOST_OPEN.strangers);
  // Broken once: who came when all strangers together held as many as they may was hung up on without a word.
  expect(full).toEqual(["127.0.0.2", "127.0.0.3", "127.0.0.4", null]);
  expect(await hold(MOST_OPEN.home + 10, port)).toBe(MOST_OPEN.home);
  expect(MOST_OPEN.all).toBeGreaterThan(MOST_OPEN.strangers + 2 * MOST_OPEN.home);
});

test("all addresses of this machine are one, and leave the network its connections", async () => {
  const { server } = serverOver(() => null, { host: "0.0.0.0" });
  const { url } = await server.start();
  atEnd.push(() => server.stop());
  const port = Number(new URL(url).port);
  let open = 0;
  for (const from of ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.1.2.4"]) open += await hold(MOST_OPEN.home, port, { from });
  // Broken once: counted apart they held 384, all that there are.
  expect(open).toBe(MOST_OPEN.home);
});

test("who has closed connections may open others", async () => {
  const { port, full } = await serve();
  const from = "127.0.0.2";
  for (let round = 0; round < 3; round += 1) {
    expect(await hold(MOST_OPEN.stranger + 1, port, { from })).toBe(MOST_OPEN.stranger);
    for (const socket of held.splice(0)) socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(full).toEqual([from, from, from]);
});

test.skipIf(outside === undefined)("the server answers this machine while another one holds all that it may, and more", async () => {
  const { server } = serverOver(() => null, { host: "0.0.0.0" });
  const { url } = await server.start();
  atEnd.push(() => server.stop());
  const { port } = new URL(url);
  expect(await hold(500, Number(port), { host: outside! })).toBe(MOST_OPEN.stranger);
  expect((await fetch(`${url}healthz`)).status).toBe(200);
  expect(await hold(100, Number(port))).toBe(100);
});
