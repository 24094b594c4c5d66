import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type HomeAssistant, startHomeAssistant } from "../tests/ha/home-assistant.ts";

export interface IngestPeers {
  /** What Home Assistant's own recorder commits of a burst, events/s. */
  readonly recorder: number | null;
  /** What a bare client of Home Assistant's websocket receives and parses, stores nothing, events/s. */
  readonly bareClient: number | null;
  readonly homeAssistant: string;
}

/** Runs a burst inside this home; resolves to the instant of its first event, ms. */
export type Burst = (events: number, entities: number) => Promise<number>;

const PEERS = resolve(process.env["PEERS"] ?? "../shared/tools/peers");
const EVENTS = 20_000;
const ENTITIES = 500;

/**
 * Measures the peers beside a real Home Assistant with the burst integration, and hands that home to `measureOurs` too. Null, with one line on
 * stderr, where HASS_COMMAND does not say how to run Home Assistant or the peers are not there.
 */
export async function withPeers<T>(
  measureOurs: (home: HomeAssistant, burst: Burst) => Promise<T>,
): Promise<{ readonly peers: IngestPeers; readonly ours: T } | null> {
  const command = process.env["HASS_COMMAND"];
  if (command === undefined) return without("HASS_COMMAND does not say how to run hass");
  if (!existsSync(join(PEERS, "ha_recorder.py"))) return without(`no ${PEERS}`);
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-peers-"));
  let home: HomeAssistant | null = null;
  try {
    home = await startHomeAssistant({
      command,
      folder: join(folder, "config"),
      customComponents: join(PEERS, "ha_burst"),
      configuration: "burst:\n",
    });
    const port = new URL(home.url).port;
    const target = ["--port", port, "--token", home.token, "--events", String(EVENTS), "--entities", String(ENTITIES), "--runs", "1"];
    const database = join(home.folder, "home-assistant_v2.db");
    const recorder = run(process.env["PEER_PYTHON"] ?? "python3", [join(PEERS, "ha_recorder.py"), ...target, "--db", database]);
    copyFileSync(join(PEERS, "ws_client", "ws_client.mjs"), join(folder, "ws_client.mjs"));
    symlinkSync(resolve(import.meta.dirname, "../node_modules"), join(folder, "node_modules"));
    const bare = run(process.execPath, [join(folder, "ws_client.mjs"), ...target, "--coalesce"]);
    const running = home;
    const ours = await measureOurs(running, async (events, entities) => {
      const answer = (await running.call("burst.run", { events, entities }, true)) as { response: { started_at: number } };
      return answer.response.started_at * 1000;
    });
    return {
      peers: {
        recorder: medianOf(recorder, "committed_per_second"),
        bareClient: medianOf(bare, "delivered_per_second"),
        homeAssistant: running.version,
      },
      ours,
    };
  } finally {
    await home?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

function run(program: string, words: readonly string[]): unknown {
  try {
    const output = execFileSync(program, words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], cwd: PEERS });
    return JSON.parse(output.trim().split("\n").at(-1) ?? "null");
  } catch (error) {
    return without(error instanceof Error ? (error.message.trim().split("\n").at(-1) ?? "") : String(error));
  }
}

function medianOf(result: unknown, key: string): number | null {
  const spread = (result as Readonly<Record<string, { readonly median?: number }>> | null)?.[key];
  return typeof spread?.median === "number" ? Math.round(spread.median) : null;
}

function without(reason: string): null {
  process.stderr.write(`no peer for ingest: ${reason}\n`);
  return null;
}
