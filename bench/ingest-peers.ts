import { join } from "node:path";
import type { HomeAssistant } from "../tests/ha/home-assistant.ts";
import { bareClientRate, medianOf, PEERS, runPeer, withBurstHome } from "./burst-home.ts";

export interface IngestPeers {
  /** What Home Assistant's own recorder commits of a burst, events/s. */
  readonly recorder: number | null;
  /** What a bare client of Home Assistant's websocket receives and parses, stores nothing, events/s. */
  readonly bareClient: number | null;
  readonly homeAssistant: string;
}

/** Runs a burst inside this home; resolves to the instant of its first event, ms. */
export type Burst = (events: number, entities: number) => Promise<number>;

const EVENTS = 20_000;
const ENTITIES = 500;

/** Measures the peers beside a real Home Assistant with the burst integration, and hands that home to `measureOurs` too. */
export async function withPeers<T>(
  measureOurs: (home: HomeAssistant, burst: Burst) => Promise<T>,
): Promise<{ readonly peers: IngestPeers; readonly ours: T } | null> {
  return withBurstHome("ingest", async (home, burst, folder) => {
    const port = new URL(home.url).port;
    const target = ["--port", port, "--token", home.token, "--events", String(EVENTS), "--entities", String(ENTITIES)];
    const database = join(home.folder, "home-assistant_v2.db");
    const recorder = runPeer("ingest", process.env["PEER_PYTHON"] ?? "python3", [
      join(PEERS, "ha_recorder.py"),
      ...target,
      "--runs",
      "1",
      "--db",
      database,
    ]);
    const bareClient = bareClientRate("ingest", folder, target);
    const ours = await measureOurs(home, async (events, entities) => (await burst(events, entities)).startedMs);
    return {
      peers: {
        recorder: medianOf(recorder, "committed_per_second"),
        bareClient,
        homeAssistant: home.version,
      },
      ours,
    };
  });
}
