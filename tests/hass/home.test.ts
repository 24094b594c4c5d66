import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import type { ConnectionState } from "../../src/hass/connection-state.ts";
import { createHome, type Home } from "../../src/hass/home.ts";
import { createModelHome } from "../helpers/model-home.ts";
import { type ScriptedHome, type ScriptedOptions, startScriptedHome } from "../helpers/scripted-ha.ts";
import { createFastClock } from "../helpers/test-clock.ts";

const FASTER = 100;
const ended: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

async function scripted(options?: ScriptedOptions): Promise<ScriptedHome> {
  const server = await startScriptedHome(options);
  ended.push(server.stop);
  return server;
}

interface Watched extends Home {
  readonly states: Home["states"];
  readonly seen: ConnectionState[];
  until(kind: ConnectionState["kind"], count?: number): Promise<ConnectionState>;
}

function homeAt(url: string, options: Partial<Parameters<typeof createHome>[0]> = {}): Watched {
  const seen: ConnectionState[] = [];
  const timeouts = { openTimeoutMs: 300, commandTimeoutMs: 300, pingEveryMs: 5_000, pongTimeoutMs: 100 };
  const home = createHome({
    url,
    token: "right",
    clock: createFastClock(FASTER),
    onState: (state) => void seen.push(state),
    ...timeouts,
    ...options,
  });
  ended.push(home.stop);
  return {
    ...home,
    seen,
    async until(kind, count = 1) {
      for (let waited = 0; waited < 8_000; waited += 5) {
        const found = seen.filter((state) => state.kind === kind)[count - 1];
        if (found) return found;
        await pause(5);
      }
      throw new Error(`never ${kind} ${count}: ${JSON.stringify(seen)}`);
    },
  };
}

async function started(server: ScriptedHome, options?: Partial<Parameters<typeof createHome>[0]>): Promise<Watched> {
  const home = homeAt(server.url, options);
  home.start();
  await home.until("connected");
  return home;
}

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
    const pauses = failed.map((state) => state.nextTryAtMs - home.seen[home.seen.indexOf(state) - 1]!.sinceMs);
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

  test("a wrong address is refused at once, with words", () => {
    expect(() => homeAt("ftp://x").start()).toThrow(/HA_URL/);
  });
});

describe("commands", () => {
  test("every function rejects with words while there is no connection", async () => {
    const home = homeAt("http://127.0.0.1:1");
    await expect(home.states()).rejects.toThrow(/no connection/);
    await expect(home.subscribe(() => undefined)).rejects.toThrow(/no connection/);
  });

  test("a refused command rejects with Home Assistant's own reason, and the connection stays", async () => {
    const server = await scripted();
    const home = await started(server);
    server.on("call_service", () => {
      throw { code: "not_found", message: "Service a.b not found." };
    });
    await expect(home.callService({ domain: "a", service: "b", entityId: "light.x" })).rejects.toMatchObject({
      reason: "command refused",
      message: expect.stringContaining("Service a.b not found"),
    });
    expect(server.received.at(-1)).toMatchObject({ service_data: {}, target: { entity_id: "light.x" }, return_response: false });
    expect(home.state().kind).toBe("connected");
  });

  test("a command that is never answered ends by itself, one that is under way when the connection breaks at once", async () => {
    const server = await scripted();
    const home = await started(server);
    server.on("get_states", () => new Promise(() => undefined));
    await expect(home.states()).rejects.toMatchObject({ reason: "no answer" });
    server.on("subscribe_events", () => new Promise(() => undefined));
    const asked = [home.states(), home.subscribe(() => undefined)];
    server.closeAll();
    for (const each of asked) await expect(each).rejects.toMatchObject({ reason: "closed" });
  });

  test("an answer of another shape is refused and counted", async () => {
    const server = await scripted();
    const home = await started(server);
    server.on("get_config", () => ({ version: 3 }));
    await expect(home.config()).rejects.toMatchObject({ reason: "bad frame" });
    expect(home.counts().malformed).toBe(1);
  });
});

describe("live changes", () => {
  const model = createModelHome();
  const event = (state: string): object => model.set("light.a", { state }, Date.now() / 1000) ?? {};

  async function listening(server: ScriptedHome): Promise<{ home: Watched; heard: string[] }> {
    const home = await started(server);
    const heard: string[] = [];
    await home.subscribe((change) => void heard.push(change.state));
    return { home, heard };
  }
  async function heardAll(heard: readonly string[], count: number): Promise<void> {
    for (let waited = 0; heard.length < count && waited < 2_000; waited += 5) await pause(5);
  }

  test("single and coalesced frames deliver every change in order; malformed ones are counted", async () => {
    const server = await scripted();
    const { home, heard } = await listening(server);
    server.emit(event("1"));
    server.emitTogether([event("2"), { data: 7 }, event("3")]);
    server.emit(event("4"));
    await heardAll(heard, 4);
    expect(heard).toEqual(["1", "2", "3", "4"]);
    expect(home.counts()).toMatchObject({ stateChanges: 4, malformed: 1, connections: 1 });
  });

  test.each([["{half a frame"], ["[null]"]])("the frame %j ends the connection instead of the process, and it comes back", async (text) => {
    const server = await scripted();
    const { home, heard } = await listening(server);
    server.sendText(text);
    await home.until("connected", 2);
    expect(home.seen).toContainEqual(expect.objectContaining({ kind: "waiting", reason: "bad frame" }));
    expect(heard).toEqual([]);
  });

  test("after a close in mid-stream the next connection hears only what it subscribes to itself", async () => {
    const server = await scripted();
    const { home, heard } = await listening(server);
    server.emit(event("1"));
    await heardAll(heard, 1);
    server.closeAll(1000);
    await home.until("connected", 2);
    server.emit(event("lost"));
    await home.subscribe((change) => void heard.push(change.state));
    await pause(50);
    server.emit(event("2"));
    await heardAll(heard, 2);
    expect(heard).toEqual(["1", "2"]);
    expect([server.tokens.length, server.clients()]).toEqual([2, 1]); // the library did not reconnect beside us
    expect(home.seen.find((state) => state.kind === "waiting")).toMatchObject({ reason: "closed", words: expect.stringContaining("1000") });
  });

  test("a cut cable is noticed by the missing pong", async () => {
    const server = await scripted();
    const { home } = await listening(server);
    server.freeze();
    expect(await home.until("waiting")).toMatchObject({ reason: "silent" });
  });

  test("a late pong behind a stream of events is no cut cable", async () => {
    const server = await scripted();
    const { home } = await listening(server);
    server.on("ping", () => new Promise(() => undefined));
    for (let i = 0; i < 30; i += 1) {
      server.emit(event(`${i}`));
      await pause(20);
    }
    expect(server.received.filter((command) => command.type === "ping").length).toBeGreaterThan(2);
    expect(home.seen.map((state) => state.kind)).toEqual(["connecting", "connected"]);
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
