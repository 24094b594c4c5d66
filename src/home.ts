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

/** The configured Home Assistant, or the simulated home started in a process of its own. */
export async function openHome(config: Config, systemNowMs: () => number): Promise<Home> {
  if (config.home.kind === "home_assistant") {
    return { url: config.home.url, token: config.home.token, clockOffsetMs: 0, isSimulated: false, stop: () => Promise.resolve() };
  }
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, "demo/main.ts"), "--folder", join(config.dataFolder, "simulated_home"), "--port", "0"],
    {
      stdio: ["pipe", "pipe", "inherit"],
      // A group of its own: Ctrl-C in a terminal must not take the home away from an app that is still stopping. It ends when its stdin does.
      detached: true,
    },
  );
  const ready = await firstLine(child);
  return {
    url: ready.url,
    token: ready.token,
    clockOffsetMs: ready.nowMs - systemNowMs(),
    isSimulated: true,
    stop: () =>
      new Promise((resolve) => {
        if (child.exitCode !== null || child.signalCode !== null) return resolve();
        child.once("exit", () => resolve());
        child.kill("SIGTERM");
      }),
  };
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
