import { describe, expect, test } from "vitest";
import { openAuthenticated, openRaw } from "./raw-client.ts";
import type { Target } from "./suite.ts";
import { withClient } from "./with-client.ts";

export function authChecks(connect: () => Promise<Target>): void {
  describe("authentication", () => {
    const { target } = withClient(connect);

    test("the first message asks for authentication and names the release, and the right token is accepted with the same release", async () => {
      const client = await openRaw(target().url);
      const asked = await client.until((message) => message.type === "auth_required");
      client.send({ type: "auth", access_token: target().token });
      const accepted = await client.until((message) => message.type === "auth_ok");
      expect(asked.ha_version).toMatch(/^\d{4}\.\d+\./);
      expect(accepted.ha_version).toBe(asked.ha_version);
      client.end();
    });

    test.each([
      ["a wrong token", { type: "auth", access_token: "wrong" }],
      ["no token", { type: "auth" }],
      ["a token that is no text", { type: "auth", access_token: 5 }],
      ["a command before authentication", { id: 1, type: "ping" }],
    ])("%s is answered by auth_invalid and the end of the connection", async (_, message) => {
      const client = await openRaw(target().url);
      client.send(message);
      expect((await client.until((answer) => answer.type === "auth_invalid")).message).toBeTruthy();
      expect(await client.closed()).toBe(1000);
    });

    test("text that is no JSON ends the connection without an answer, before authentication and after it", async () => {
      const before = await openRaw(target().url);
      before.sendText("{");
      await before.closed();
      expect(before.messages().map((message) => message.type)).toEqual(["auth_required"]);
      const after = await openAuthenticated(target().url, target().token);
      after.sendText("{");
      await after.closed();
      expect(after.messages()).toHaveLength(2);
    });
  });

  describe("HTTP", () => {
    const { target, client } = withClient(connect);
    const get = (path: string, token?: string): Promise<Response> =>
      fetch(`${target().url}${path}`, { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } });

    test("the manifest is given to anybody, the configuration only for the right token", async () => {
      expect((await get("/manifest.json")).status).toBe(200);
      expect((await get("/api/config")).status).toBe(401);
      expect((await get("/api/config", "wrong")).status).toBe(401);
      const config = (await (await get("/api/config", target().token)).json()) as { readonly version: string };
      expect(config).toMatchObject({ state: "RUNNING", version: client().messages()[0]?.ha_version });
      expect((await get("/no/such/page", target().token)).status).toBe(404);
    });
  });
}
