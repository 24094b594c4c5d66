import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { endAll, ended, homeAt, scripted, started } from "../helpers/watched-home.ts";

afterEach(endAll);

describe("connecting", () => {
  test("features come first with id 1, and connected means that a first command was answered", async () => {
    const server = await scripted();
    const home = await started(server);
    expect(server.tokens).toEqual(["right"]);
    expect(server.received.slice(0, 2)).toEqual([
      { id: 1, type: "supported_features", features: { coalesce_messages: 1 } },
      { id: 3, type: "get_config" },
    ]);
    expect(home.state()).toMatchObject({ kind: "connected", haVersion: "2026.11.0" });
    expect(await home.config()).toMatchObject({ timeZone: "Europe/Amsterdam", isRunning: true });
  });

  test("auth_ok alone is not connected: a proxy that closes after it is waited for", async () => {
    const server = await scripted({ greetings: ["drop after auth_ok"] });
    const home = await started(server);
    expect(home.seen.map((state) => state.kind)).toEqual(["connecting", "waiting", "connecting", "connected"]);
    expect(home.seen[1]).toMatchObject({ reason: "closed", attempt: 1 });
  });

  test("a rejected token is said, tried again with growing pauses, and heals when it is restored", async () => {
    const server = await scripted({ greetings: ["reject token", "reject token", "reject token"] });
    const home = await started(server, { random: () => 0.5 });
    const failed = home.seen.filter((state) => "words" in state);
    expect(failed.map((state) => state.kind)).toEqual(["authFailed", "authFailed", "authFailed"]);
    expect(failed[0]).toMatchObject({ reason: "token rejected", words: expect.stringContaining("long-lived access token") });
    expect(failed[0]?.words).not.toContain("right");
    const pauses = failed.map((state) => state.nextTryAtMs - home.seenAtMs[home.seen.indexOf(state)]!);
    expect(pauses[1]! / pauses[0]!).toBeGreaterThan(1.5);
    expect(pauses[2]! / pauses[1]!).toBeGreaterThan(1.5);
  });

  test.each([
    [{ status: 502 } as const, "starting", /starting or being updated/],
    [{ status: 404 } as const, "not home assistant", /without a path/],
    [{ status: 403 } as const, "banned", /ip_bans\.yaml/],
    ["not home assistant" as const, "not home assistant", /is not Home Assistant/],
    ["say nothing" as const, "no answer", /did not answer in time/],
  ])("an address that answers with %j is named '%s' in words that say what to do, and is tried again", async (greeting, reason, words) => {
    const server = await scripted({ greetings: [greeting] });
    const home = await started(server);
    expect(home.seen[1]).toMatchObject({ kind: "waiting", reason, words: expect.stringMatching(words) });
  });

  test("a home that is not up yet is found once it is", async () => {
    const early = await scripted();
    await early.stop();
    const home = homeAt(early.url);
    home.start();
    expect(await home.until("waiting", 3)).toMatchObject({ reason: "refused", attempt: 3, words: expect.stringContaining("8123") });
    await scripted({ port: early.port });
    await home.until("connected");
  });

  test("a host without an address and a socket that never speaks are told apart", async () => {
    const nowhere = homeAt("http://no-such-host.invalid:8123");
    nowhere.start();
    expect(await nowhere.until("waiting")).toMatchObject({ reason: "name not found" });
    const mute = createServer((socket) => void socket.resume());
    await new Promise<void>((resolve) => void mute.listen(0, "127.0.0.1", resolve));
    ended.push(() => new Promise((resolve) => void mute.close(() => resolve())));
    const address = mute.address();
    const home = homeAt(`http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`);
    home.start();
    expect(await home.until("waiting")).toMatchObject({ reason: "unreachable", words: expect.stringContaining("firewall") });
  });

  test("https where only http is spoken is said in one paragraph", async () => {
    const server = await scripted();
    const home = homeAt(server.url.replace("http:", "https:"));
    home.start();
    const state = await home.until("waiting");
    expect(state).toMatchObject({ reason: "certificate", words: expect.stringMatching(/does not speak TLS.*write http:/) });
  });

  test("a wrong address is refused at once, with words", () => {
    expect(() => homeAt("ftp://x").start()).toThrow(/HA_URL/);
  });
});

describe("stopping", () => {
  test.each(["connected", "before auth_ok", "before the first answer", "waiting"])(
    "stop is quick and leaves no socket when %s",
    async (when) => {
      const server = await scripted({
        greetings: when === "before auth_ok" ? ["say nothing"] : when === "waiting" ? [{ status: 502 }] : [],
      });
      if (when === "before the first answer") server.on("get_config", () => new Promise(() => undefined));
      const home = homeAt(server.url, { openTimeoutMs: 60_000, commandTimeoutMs: 60_000 });
      home.start();
      if (when === "connected" || when === "waiting") await home.until(when);
      else await pause(50);
      const beganMs = performance.now();
      await home.stop();
      expect(performance.now() - beganMs).toBeLessThan(1_000);
      expect(home.state().kind).toBe("stopped");
      await expect(home.states()).rejects.toMatchObject({ reason: "stopped" });
      await pause(30);
      expect(server.clients()).toBe(0);
    },
  );

  test.each(["connected", "waiting"] as const)(
    "a process with nothing else to do ends after stop when %s: no timer is left",
    async (when) => {
      const server = await scripted(when === "waiting" ? { greetings: [{ status: 502 }, { status: 502 }] } : {});
      const program = `
      import { createHome } from "./src/hass/home.ts";
      import { createSystemClock } from "./src/runtime/clock.ts";
      const onState = (state) => { if (state.kind === "${when}") setTimeout(() => home.stop(), 20); };
      const home = createHome({ url: "${server.url}", token: "t", clock: createSystemClock(), onState });
      home.start();`;
      const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", program], { stdio: "inherit", timeout: 5_000 });
      const [code] = await once(child, "exit");
      expect(code).toBe(0);
    },
  );

  test("a server that does not say goodbye is left after a second", async () => {
    const server = await scripted();
    const home = await started(server, { pingEveryMs: 1e9 });
    server.freeze();
    const beganMs = performance.now();
    await home.stop();
    expect(performance.now() - beganMs).toBeLessThan(1_500);
  });
});
