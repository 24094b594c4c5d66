import Fastify from "fastify";
import { describe, expect, test } from "vitest";
import { createAdministrators } from "../../src/app/administrators.ts";
import { parseAdministrators } from "../../src/hass/users.ts";
import type { Caller } from "../../src/web/access.ts";
import { createAccess } from "../../src/web/access.ts";
import { ROUTES } from "../../src/web/api/routes.ts";
import { serveRoutes } from "../../src/web/api/serve.ts";
import { guard } from "../../src/web/guard.ts";
import { createRequestCounts } from "../../src/web/metrics.ts";
import { createHomeFile, seedHome } from "./home-file.ts";
import { apiOver } from "./served.ts";

describe("who is an administrator", () => {
  test("is read from Home Assistant's own list: owners and the group, and nobody who was switched off", () => {
    const found = parseAdministrators([
      { id: "owner", is_owner: true, is_active: true, group_ids: [] },
      { id: "admin", is_owner: false, is_active: true, group_ids: ["system-admin"] },
      { id: "off", is_owner: false, is_active: false, group_ids: ["system-admin"] },
      { id: "user", is_owner: false, is_active: true, group_ids: ["system-users"] },
      { id: "odd", is_owner: "yes", is_active: true },
      null,
    ]);
    expect([...found]).toEqual(["owner", "admin"]);
  });

  test("while Home Assistant does not answer, what it said last holds, and before it ever did it is not known who is one", async () => {
    let now = 0;
    let answer: () => Promise<ReadonlySet<string>> = () => Promise.reject(new Error("not connected"));
    let asked = 0;
    const isAdministrator = createAdministrators(
      () => {
        asked += 1;
        return answer();
      },
      () => now,
    );
    expect(await isAdministrator("ann")).toBe(null);
    now = 5000;
    answer = async () => new Set(["ann"]);
    expect(await isAdministrator("ann")).toBe(true);
    answer = () => Promise.reject(new Error("not connected"));
    now = 70_000;
    expect(await isAdministrator("ann")).toBe(true);
    answer = async () => new Set(["ben"]);
    now = 140_000;
    expect([await isAdministrator("ann"), await isAdministrator("ben")]).toEqual([false, true]);
    // Many requests of one moment ask once.
    const before = asked;
    now = 210_000;
    await Promise.all(Array.from({ length: 20 }, () => isAdministrator("ben")));
    expect(asked).toBe(before + 1);
  });
});

test("who is no administrator sees and says labels, and changes no model and runs no job", async () => {
  const home = createHomeFile();
  seedHome(home.db);
  const api = apiOver(home.db);
  const server = Fastify();
  const access = createAccess({ isInsideHomeAssistant: true, tokenOf: () => null }, () => 0);
  // Requests of this test come from ingress's address, which no other machine has.
  guard(server, {
    isInsideHomeAssistant: true,
    access: ({ headers }: Caller) => access({ address: "172.30.32.2", headers }),
    isAdministrator: async (userId) => (userId === "new" ? null : userId === "ann"),
    requests: createRequestCounts(),
    log: { debug: () => undefined, error: () => undefined },
  });
  serveRoutes(server, ROUTES, { api: () => api, log: { info: () => undefined } });
  const headersOf = (user: string | null): Record<string, string> => ({
    "content-type": "application/json",
    ...(user === null ? {} : { "x-remote-user-id": user }),
  });
  const ask = async (method: "GET" | "POST", path: string, user: string | null, body?: object): Promise<number> => {
    const headers = headersOf(user);
    const answer = await server.inject({ method, url: `/api/v1/${path}`, headers, ...(body === undefined ? {} : { payload: body }) });
    return answer.statusCode;
  };
  const night = { target: "sleep", start: "2026-11-18T22:00:00Z", end: "2026-11-19T06:00:00Z" };
  for (const user of ["ben", null]) {
    expect(await ask("GET", "entities", user)).toBe(200);
    expect(await ask("POST", "labels", user, night)).toBe(201);
    // Broken once: everybody whom ingress lets in was an administrator.
    expect(await ask("POST", "schedules/train/run", user, {})).toBe(403);
    expect(await ask("POST", "models/rollback", user, { target: "sleep" })).toBe(403);
  }
  const unknown = await server.inject({ method: "POST", url: "/api/v1/schedules/train/run", headers: headersOf("new") });
  expect([unknown.statusCode, unknown.json()]).toEqual([403, expect.objectContaining({ code: "administrators not known" })]);
  for (const [user, isRankKnown] of [
    ["ann", true],
    ["ben", true],
    ["new", false],
  ] as const) {
    const answer = await server.inject({ url: "/api/v1/me", headers: headersOf(user) });
    expect(answer.json()).toMatchObject({ isRankKnown, scope: user === "ann" ? "admin" : "label" });
  }
  expect(api.started).toEqual([]);
  expect(await ask("POST", "schedules/train/run", "ann", {})).toBe(202);
  expect(api.started).toEqual(["train"]);
  await server.close();
  await api.close();
  home.remove();
});
