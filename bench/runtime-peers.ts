import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { HomeAssistant } from "../tests/ha/home-assistant.ts";
import { bareClientRate, medianOf, PEERS, runPeer, withBurstHome } from "./burst-home.ts";
import { spreadOf } from "./machine.ts";

const EVENTS = 20_000;
const ENTITIES = 500;
const RUNS = 3;
/** Home Assistant's recorder writes what a burst left for longer than the burst takes, and whoever is measured meanwhile has half a home. */
const SETTLE_MS = 15_000;

interface Beside {
  /** Callbacks/s that AppDaemon's app is told; null where it could not be measured. */
  readonly peer: number | null;
  /** Events/s that a bare client is sent, with nothing behind it: more nobody can deliver. */
  readonly bareClient: number | null;
  readonly ours: number;
  /** Events/s that Home Assistant itself fired for ours. */
  readonly fired: number;
  readonly homeAssistant: string;
}

type Burst = () => Promise<{ readonly startedMs: number; readonly events: number }>;

/**
 * AppDaemon and ours behind the same real Home Assistant, one after the other. `APPDAEMON` is its executable, in an environment of its own. Null,
 * with one line on stderr, where HASS_COMMAND does not say how to run Home Assistant.
 */
export async function withAppDaemon(measureOurs: (home: HomeAssistant, burst: Burst) => Promise<number>): Promise<Beside | null> {
  return withBurstHome("runtime", async (home, burst, folder) => {
    const appdaemon = process.env["APPDAEMON"];
    let peer: number | null = null;
    if (appdaemon === undefined || !existsSync(appdaemon))
      process.stderr.write("no peer for runtime: APPDAEMON does not name its executable\n");
    else {
      const words = [
        "--port",
        new URL(home.url).port,
        "--token",
        home.token,
        "--appdaemon",
        appdaemon,
        "--work",
        join(folder, "appdaemon"),
      ];
      const result = runPeer("runtime", process.env["PEER_PYTHON"] ?? "python3", [
        join(PEERS, "appdaemon", "appdaemon_peer.py"),
        ...words,
        ...["--events", String(EVENTS), "--entities", String(ENTITIES), "--runs", String(RUNS), "--pause", String(SETTLE_MS / 1000)],
      ]);
      peer = medianOf(result, "callbacks_per_second");
    }
    const target = ["--port", new URL(home.url).port, "--token", home.token, "--events", String(EVENTS), "--entities", String(ENTITIES)];
    const bare: number[] = [];
    const ours: number[] = [];
    const fired: number[] = [];
    // In turns, for the machine's speed changes; and none right behind a burst.
    for (let i = 0; i < RUNS; i += 1) {
      await pause(SETTLE_MS);
      bare.push(bareClientRate("runtime", folder, target) ?? Number.NaN);
      await pause(SETTLE_MS);
      const rate = await measureOurs(home, async () => {
        const told = await burst(EVENTS, ENTITIES);
        fired.push(told.perSecond);
        return { startedMs: told.startedMs, events: EVENTS };
      });
      ours.push(rate);
    }
    const median = (rates: readonly number[]): number => Math.round(spreadOf(rates).median);
    return {
      peer,
      bareClient: Number.isNaN(bare[0]) ? null : median(bare),
      ours: median(ours),
      fired: median(fired),
      homeAssistant: home.version,
    };
  });
}
