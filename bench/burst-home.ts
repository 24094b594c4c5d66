import { execFileSync } from "node:child_process";
import { copyFileSync, existsSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { type HomeAssistant, startHomeAssistant } from "../tests/ha/home-assistant.ts";

export const PEERS = resolve(process.env["PEERS"] ?? "../shared/tools/peers");

/** What Home Assistant said of a burst that it fired. */
interface Fired {
  /** Of its first event. */
  readonly startedMs: number;
  readonly perSecond: number;
}

/**
 * A real Home Assistant with the burst integration, for as long as the work lasts. Null, with one line on stderr, where HASS_COMMAND does not say
 * how to run it or the peers are not there.
 */
export async function withBurstHome<T>(
  bench: string,
  work: (home: HomeAssistant, burst: (events: number, entities: number) => Promise<Fired>, folder: string) => Promise<T>,
): Promise<T | null> {
  const command = process.env["HASS_COMMAND"];
  if (command === undefined) return without(bench, "HASS_COMMAND does not say how to run hass");
  if (!existsSync(join(PEERS, "ha_burst"))) return without(bench, `no ${PEERS}`);
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-peers-"));
  let home: HomeAssistant | null = null;
  try {
    const running = await startHomeAssistant({
      command,
      folder: join(folder, "config"),
      customComponents: join(PEERS, "ha_burst"),
      configuration: "burst:\n",
    });
    home = running;
    const burst = async (events: number, entities: number): Promise<Fired> => {
      const answer = (await running.call("burst.run", { events, entities }, true)) as {
        response: { started_at: number; events_per_second: number };
      };
      return { startedMs: answer.response.started_at * 1000, perSecond: answer.response.events_per_second };
    };
    return await work(running, burst, folder);
  } finally {
    await home?.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Events/s that a bare client of this home's websocket receives and parses, with nothing behind it: what Home Assistant delivers at all. */
export function bareClientRate(bench: string, folder: string, target: readonly string[]): number | null {
  copyFileSync(join(PEERS, "ws_client", "ws_client.mjs"), join(folder, "ws_client.mjs"));
  if (!existsSync(join(folder, "node_modules"))) symlinkSync(resolve(import.meta.dirname, "../node_modules"), join(folder, "node_modules"));
  const words = [join(folder, "ws_client.mjs"), ...target, "--runs", "1", "--pause-s", "3", "--coalesce"];
  return medianOf(runPeer(bench, process.execPath, words), "delivered_per_second");
}

/** The JSON of a peer's last line, or null with one line on stderr. */
export function runPeer(bench: string, program: string, words: readonly string[]): unknown {
  try {
    const output = execFileSync(program, words, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], cwd: PEERS });
    return JSON.parse(output.trim().split("\n").at(-1) ?? "null");
  } catch (error) {
    return without(bench, error instanceof Error ? (error.message.trim().split("\n").at(-1) ?? "") : String(error));
  }
}

export function medianOf(result: unknown, key: string): number | null {
  const spread = (result as Readonly<Record<string, { readonly median?: number }>> | null)?.[key];
  return typeof spread?.median === "number" ? Math.round(spread.median) : null;
}

function without(bench: string, reason: string): null {
  process.stderr.write(`no peer for ${bench}: ${reason}\n`);
  return null;
}
