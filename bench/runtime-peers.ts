import { existsSync } from "node:fs";
import { join } from "node:path";
import type { HomeAssistant } from "../tests/ha/home-assistant.ts";
import { bareClientRate, medianOf, PEERS, runPeer, withBurstHome } from "./burst-home.ts";

const EVENTS = 20_000;
const ENTITIES = 500;

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
        ...["--events", String(EVENTS), "--entities", String(ENTITIES), "--runs", "3", "--pause", "3"],
      ]);
      peer = medianOf(result, "callbacks_per_second");
    }
    const target = ["--port", new URL(home.url).port, "--token", home.token, "--events", String(EVENTS), "--entities", String(ENTITIES)];
    const bareClient = bareClientRate("runtime", folder, target, 3);
    const fired: number[] = [];
    const ours = await measureOurs(home, async () => {
      const told = await burst(EVENTS, ENTITIES);
      fired.push(told.perSecond);
      return { startedMs: told.startedMs, events: EVENTS };
    });
    return { peer, bareClient, ours, fired: Math.round(Math.max(...fired)), homeAssistant: home.version };
  });
}
