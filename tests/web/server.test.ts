import { createConnection } from "node:net";
import { networkInterfaces } from "node:os";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { DAY_MS, isoMs } from "../../src/core/time.ts";
import { readHealthReport, readOverview } from "../../src/store/tables/overview.ts";
import { ListenFault } from "../../src/web/listen-fault.ts";
import { isAllowedPeer } from "../../src/web/peers.ts";
import { createServer, type ErrorBody, type OverviewBody, type Server, type ServerParts } from "../../src/web/server.ts";
import { createHomeFile, type HomeFile, NOW_MS, seedHome } from "./home-file.ts";

let home: HomeFile;
let servers: Server[] = [];
let logged: { message: string; fields: Readonly<Record<string, unknown>> | undefined }[] = [];

beforeEach(() => {
  home = createHomeFile();
  seedHome(home.db);
  logged = [];
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  servers = [];
  home.remove();
});

function build(changes: Partial<ServerParts> = {}): Server {
  const log = (message: string, fields?: Readonly<Record<string, unknown>>): void => {
    logged.push({ message, fields });
  };
  const server = createServer({
    host: "127.0.0.1",
    port: 0,
    log: { debug: () => undefined, error: log },
    health: () => readHealthReport(home.db),
    refusal: () => null,
    overview: () => readOverview(home.db, { sinceMs: NOW_MS - DAY_MS, nowMs: NOW_MS }),
    nextRuns: () => [
      { job: "features", dueAtMs: NOW_MS + 180_000 },
      { job: "never", dueAtMs: null },
    ],
    isInsideHomeAssistant: false,
    ...changes,
  });
  servers.push(server);
  return server;
}

async function serve(changes: Partial<ServerParts> = {}): Promise<(path: string, options?: RequestInit) => Promise<Response>> {
  const { url } = await build(changes).start();
  return (path, options) => fetch(new URL(path, url), options);
}

const PATHS = ["", "page.css", "page.js", "healthz", "readyz", "api/v1/health", "api/v1/overview", "nothing/here"];

describe("the server", () => {
  test("health and overview over HTTP are what the database says", async () => {
    const get = await serve();
    expect(await (await get("api/v1/health")).json()).toEqual(JSON.parse(JSON.stringify(readHealthReport(home.db))));
    const overview = (await (await get("api/v1/overview")).json()) as OverviewBody;
    expect(overview).toMatchObject({ timeZone: "Europe/Amsterdam", events: { total: 400 }, health: { status: "ok" } });
    expect(overview.targets[0]?.curve.probabilities).toHaveLength(288);
    expect(overview.nextRuns).toEqual([
      { job: "features", dueAtUtc: isoMs(NOW_MS + 180_000) },
      { job: "never", dueAtUtc: null },
    ]);
  });

  test("alive and ready are answered with 200 while all is well", async () => {
    const get = await serve();
    expect((await get("healthz")).status).toBe(200);
    const ready = await get("readyz");
    expect([ready.status, await ready.json()]).toEqual([200, { ready: true, status: "ok", reasons: [] }]);
  });

  test("a refused database leaves the app alive and the page there, and every number says why it is not", async () => {
    const reason = "The database was written by a newer version of this app. Update the app.";
    const get = await serve({ health: () => null, refusal: () => reason });
    expect((await get("healthz")).status).toBe(200);
    expect((await get("")).status).toBe(200);
    const ready = await get("readyz");
    expect([ready.status, await ready.json()]).toEqual([503, { ready: false, status: "refused", reasons: [reason] }]);
    for (const path of ["api/v1/health", "api/v1/overview"]) {
      const response = await get(path);
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({ error: "refused", message: reason });
    }
  });

  test("before the database is open the app is alive and not ready", async () => {
    const get = await serve({ health: () => null });
    expect((await get("healthz")).status).toBe(200);
    expect((await get("readyz")).status).toBe(503);
    expect(await (await get("api/v1/health")).json()).toMatchObject({ error: "starting" });
  });

  test("every response, also one that fails, carries the security headers and a request id of its own", async () => {
    const get = await serve({
      nextRuns: () => {
        throw new Error("broken");
      },
    });
    const ids = new Set<string | null>();
    for (const path of PATHS) {
      const { headers } = await get(path);
      expect(headers.get("content-security-policy")).toContain("default-src 'none'");
      expect(headers.get("content-security-policy")).not.toContain("unsafe");
      expect(headers.get("x-content-type-options")).toBe("nosniff");
      expect(headers.get("referrer-policy")).toBe("no-referrer");
      ids.add(headers.get("x-request-id"));
    }
    expect(ids).not.toContain(null);
    expect(ids.size).toBe(PATHS.length);
  });

  test("an address that cannot be read is told so, with headers and an id", async () => {
    const response = await (await serve())("%zz");
    expect(response.status).toBe(400);
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(((await response.json()) as ErrorBody).requestId).toBe(response.headers.get("x-request-id"));
  });

  test("an unknown route is named in a JSON error, without its query", async () => {
    const response = await (await serve())("api/v1/nothing?token=secret", { method: "POST", body: "{}" });
    expect(response.status).toBe(404);
    const body = (await response.json()) as ErrorBody;
    expect(body.message).toContain("There is nothing at POST /api/v1/nothing.");
    expect(JSON.stringify(body)).not.toContain("secret");
  });

  test("a failure is logged under the response's id and tells the client nothing of its inside", async () => {
    const get = await serve({
      overview: () => {
        throw new Error("SQLITE_IOERR at /some/folder/file.db");
      },
    });
    const response = await get("api/v1/overview");
    const body = (await response.json()) as ErrorBody;
    expect(response.status).toBe(500);
    expect(JSON.stringify(body)).not.toMatch(/SQLITE|folder|\bat\b.*\.ts/);
    expect(logged).toMatchObject([{ fields: { requestId: body.requestId, error: "SQLITE_IOERR at /some/folder/file.db" } }]);
  });

  test("whatever the page loads is served, by an address that stays under the page's own", async () => {
    const get = await serve();
    const seen = new Set([""]);
    for (const path of seen) {
      const response = await get(path);
      expect([path, response.status]).toEqual([path, 200]);
      const text = await response.text();
      for (const [, reference] of text
        .matchAll(/(?:href|src)="([^"]+)"|from "([^"]+)"|fetch\("([^"]+)"/g)
        .map((found) => found.filter(Boolean))) {
        expect(reference).not.toMatch(/^\/|^\.\.|:/);
        seen.add(reference!.replace(/^\.\//, ""));
      }
    }
    expect([...seen]).toEqual(expect.arrayContaining(["page.js", "page.css", "view.js", "api/v1/overview"]));
  });

  test("a taken port is refused with a message that says what to do", async () => {
    const { url } = await build().start();
    const start = build({ port: Number(new URL(url).port) }).start();
    await expect(start).rejects.toThrow(ListenFault);
    await expect(start).rejects.toMatchObject({
      code: "port taken",
      message: expect.stringMatching(/^Port \d+ .*set PORT to a free port.*\.$/),
    });
  });

  test("a host that is not this machine's is refused with a message that names HOST", async () => {
    await expect(build({ host: "192.0.2.1" }).start()).rejects.toMatchObject({
      code: "address not here",
      message: expect.stringContaining("HOST"),
    });
  });

  test("stopping does not wait for a client in the middle of its request", async () => {
    const server = build();
    const { url } = await server.start();
    const client = createConnection(Number(new URL(url).port), "127.0.0.1");
    client.on("error", () => undefined);
    client.write("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: keep-alive\r\n\r\n");
    await new Promise((resolve) => client.once("data", resolve));
    client.write("GET /healthz HTTP/1.1\r\nHost: x\r\n");
    await new Promise((resolve) => setTimeout(resolve, 50));
    const closed = new Promise((resolve) => client.once("close", resolve));
    const before = performance.now();
    await server.stop();
    expect(performance.now() - before).toBeLessThan(1000);
    await closed;
  });
});

describe("inside Home Assistant", () => {
  const outside = Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .find((address) => address.family === "IPv4" && !address.internal)?.address;

  test("this machine itself is answered", async () => {
    const get = await serve({ isInsideHomeAssistant: true });
    expect((await get("api/v1/health")).status).toBe(200);
  });

  test.skipIf(outside === undefined)("a peer that is neither ingress nor this machine gets nothing but a refusal", async () => {
    const { url } = await build({ host: "0.0.0.0", isInsideHomeAssistant: true }).start();
    for (const path of PATHS) {
      const response = await fetch(`http://${outside}:${new URL(url).port}/${path}`);
      expect([path, response.status]).toEqual([path, 403]);
      expect(await response.json()).toMatchObject({ error: "forbidden" });
    }
  });

  test.each([
    ["172.30.32.2", true],
    ["::ffff:172.30.32.2", true],
    ["127.0.0.1", true],
    ["::1", true],
    ["172.30.32.1", false],
    ["172.30.32.20", false],
    ["127.0.0.1.example", false],
    ["192.168.1.5", false],
    [undefined, false],
  ])("the peer %s is let in: %s", (address, isAllowed) => {
    expect(isAllowedPeer(address, true)).toBe(isAllowed);
  });
});
