import { setTimeout as pause } from "node:timers/promises";
import type { ConnectionState } from "../../src/hass/connection-state.ts";
import { createHome, type Home } from "../../src/hass/home.ts";
import { type ScriptedHome, type ScriptedOptions, startScriptedHome } from "./scripted-ha.ts";
import { createFastClock } from "./test-clock.ts";

/** How many times faster than real the homes' clock runs: pauses of minutes pass, timeouts of sockets stay real. */
const FASTER = 100;
export const ended: (() => Promise<void>)[] = [];
/** Call after each test: ends servers and homes, newest first. */
export async function endAll(): Promise<void> {
  for (const end of ended.splice(0).reverse()) await end();
}

export async function scripted(options?: ScriptedOptions): Promise<ScriptedHome> {
  const server = await startScriptedHome(options);
  ended.push(server.stop);
  return server;
}

export interface Watched extends Home {
  readonly seen: ConnectionState[];
  /** When each of them was seen, by the home's clock. */
  readonly seenAtMs: number[];
  until(kind: ConnectionState["kind"], count?: number): Promise<ConnectionState>;
}

export function homeAt(url: string, options: Partial<Parameters<typeof createHome>[0]> = {}): Watched {
  const seen: ConnectionState[] = [];
  const seenAtMs: number[] = [];
  const clock = createFastClock(FASTER);
  const timeouts = { openTimeoutMs: 1_000, commandTimeoutMs: 1_000, pingEveryMs: 5_000, pongTimeoutMs: 5_000 };
  const home = createHome({
    url,
    token: "right",
    clock,
    onState(state) {
      seen.push(state);
      seenAtMs.push(clock.nowMs());
    },
    ...timeouts,
    ...options,
  });
  ended.push(home.stop);
  return {
    ...home,
    seen,
    seenAtMs,
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

export async function started(server: ScriptedHome, options?: Partial<Parameters<typeof createHome>[0]>): Promise<Watched> {
  const home = homeAt(server.url, options);
  home.start();
  await home.until("connected");
  return home;
}
