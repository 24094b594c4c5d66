import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Config } from "./config/config.ts";

/** The home that is served: where it answers, and how its time differs from the system's. */
export interface Home {
  readonly url: string;
  readonly token: string;
  readonly clockOffsetMs: number;
  readonly isSimulated: boolean;
  stop(): Promise<void>;
}

interface ReadyLine {
  readonly url: string;
  readonly token: string;
  readonly nowMs: number;
}

/** How long a simulated home that ended by itself is away. */
const AGAIN_AFTER_MS = 1000;

/** The configured Home Assistant, or the simulated home started in a process of its own, and again where it ends by itself. */
export async function openHome(config: Config, systemNowMs: () => number, onEnd: (words: string) => void): Promise<Home> {
  if (config.home.kind === "home_assistant") {
    return { url: config.home.url, token: config.home.token, clockOffsetMs: 0, isSimulated: false, stop: () => Promise.resolve() };
  }
  const folder = join(config.dataFolder, "simulated_home");
  let child = startSimulatedHome(folder, "0");
  let isStopping = false;
  const ready = await firstLine(child);
  const { port } = new URL(ready.url);
  const keep = (): void => {
    child.once("exit", (code, signal) => {
      if (isStopping) return;
      onEnd(`the simulated home ended by itself (${signal ?? `code ${code}`}); it is started again`);
      setTimeout(() => {
        if (isStopping) return;
        child = startSimulatedHome(folder, port);
        keep();
      }, AGAIN_AFTER_MS);
    });
  };
  keep();
  return {
    url: ready.url,
    token: ready.token,
    clockOffsetMs: ready.nowMs - systemNowMs(),
    isSimulated: true,
    stop: () =>
      new Promise((resolve) => {
        isStopping = true;
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.once("exit", () => resolve());
        child.kill("SIGTERM");
      }),
  };
}

function startSimulatedHome(folder: string, port: string): ChildProcess {
  return spawn(process.execPath, [join(import.meta.dirname, "demo/main.ts"), "--folder", folder, "--port", port], {
    stdio: ["pipe", "pipe", "inherit"],
    // A group of its own: Ctrl-C in a terminal must not take the home away from an app that is still stopping. It ends when its stdin does.
    detached: true,
  });
}

function firstLine(child: ChildProcess): Promise<ReadyLine> {
  return new Promise((resolve, reject) => {
    createInterface({ input: child.stdout! }).once("line", (line) => resolve(JSON.parse(line) as ReadyLine));
    child.once("error", reject);
    child.once("exit", (code) =>
      reject(new Error(`The simulated home ended with code ${code} before it was ready; its own message stands above.`)),
    );
  });
}
