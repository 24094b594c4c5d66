import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { chromium } from "playwright-core";
import type { TestProject } from "vitest/node";
import { findChromium } from "./chromium.ts";

/** One simulated home and the app beside it, as inside Home Assistant, and one browser: for all tests of the panel. */

declare module "vitest" {
  interface ProvidedContext {
    readonly browser: string;
    /** The id of the one administrator of the home. */
    readonly administrator: string;
    readonly app: { readonly host: string; readonly port: number };
    readonly emptyApp: { readonly host: string; readonly port: number };
  }
}

const SOURCE = join(import.meta.dirname, "../../src");
/** The app's own address in Home Assistant's network. */
const HOST = "172.30.33.9";
const PATIENCE_MS = 600_000;

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-panel-"));
  const children: ChildProcess[] = [];
  const start = (file: string, words: readonly string[], environment: Readonly<Record<string, string>>): ChildProcess => {
    const flags = ["--import", join(SOURCE, "keep-compiled.js")];
    const child = spawn(process.execPath, [...flags, join(SOURCE, file), ...words], {
      env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? "", ...environment },
      stdio: ["pipe", "pipe", process.env["SAY"] ? "inherit" : "ignore"],
    });
    children.push(child);
    return child;
  };
  const home = start("demo/main.ts", ["--folder", join(folder, "home"), "--weeks", "7"], {});
  const line = await new Promise<string>((resolve) => createInterface({ input: home.stdout! }).once("line", resolve));
  const { url, token } = JSON.parse(line) as { readonly url: string; readonly token: string };

  const administrator = await userOf(url, token);
  function startApp(name: string, port: number, settings: Readonly<Record<string, string>>) {
    start("../dist/program/main.js", [], {
      SUPERVISOR_TOKEN: "the-supervisor's-token",
      DATA_FOLDER: join(folder, name),
      APPS_FOLDER: join(folder, name, "apps"),
      OPTIONS_FILE: "/dev/null",
      HOST,
      PORT: String(port),
      ...settings,
    });
    return { host: HOST, port };
  }
  const app = startApp("app", 8099, { HA_URL: url, HA_TOKEN: token });
  // A home that nobody answers for: everything is empty and has a reason.
  const emptyApp = startApp("empty", 8098, { HA_URL: "http://127.0.0.1:9", HA_TOKEN: "none" });
  const server = await chromium.launchServer({ executablePath: findChromium()!, args: ["--no-sandbox", "--font-render-hinting=none"] });
  async function stop(): Promise<void> {
    await server.close();
    for (const child of children.toReversed()) {
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGTERM");
      await Promise.race([gone, pause(20_000, undefined, { ref: false })]);
      child.kill("SIGKILL");
    }
    rmSync(folder, { recursive: true, force: true });
  }
  try {
    await eventually(app, ({ lastTrainAtUtc, backfill }) => typeof lastTrainAtUtc === "string" && backfill == null, "the first training");
    await eventually(app, ({ lastChangeStepAtUtc }) => typeof lastChangeStepAtUtc === "string", "the first change points");
    await eventually(emptyApp, () => true, "the empty app answers");
  } catch (error) {
    // Nobody else ends them then.
    await stop();
    throw error;
  }
  project.provide("browser", server.wsEndpoint());
  project.provide("administrator", administrator);
  project.provide("app", app);
  project.provide("emptyApp", emptyApp);
  return stop;
}

/** Whose token it is, as Home Assistant says. */
async function userOf(url: string, token: string): Promise<string> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/api/websocket`);
  const said = async (): Promise<{ readonly result: { readonly id: string } }> =>
    JSON.parse(String(((await once(socket, "message")) as [{ readonly data: unknown }])[0].data)) as never;
  await said();
  socket.send(JSON.stringify({ type: "auth", access_token: token }));
  await said();
  socket.send(JSON.stringify({ id: 1, type: "auth/current_user" }));
  const { id } = (await said()).result;
  socket.close();
  return id;
}

type Health = Readonly<Record<string, unknown>>;

async function eventually(app: { host: string; port: number }, isReached: (health: Health) => boolean, what: string): Promise<void> {
  for (const untilMs = performance.now() + PATIENCE_MS; ; await pause(500)) {
    const health = await healthOf(app);
    if (health !== null && isReached(health)) return;
    if (performance.now() > untilMs) throw new Error(`waited in vain: ${what}`);
  }
}

function healthOf(app: { host: string; port: number }): Promise<Health | null> {
  return new Promise((resolve) => {
    get({ ...app, path: "/api/v1/health", localAddress: "172.30.32.2" }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.once("end", () => resolve(response.statusCode === 200 ? (JSON.parse(text) as Health) : null));
    }).once("error", () => resolve(null));
  });
}
