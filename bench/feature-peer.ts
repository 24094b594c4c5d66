import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { EntityYear } from "./event-year.ts";
import type { Spread } from "./machine.ts";

/** Computing seconds of the peers' pandas pass on the same events, or null (said on stderr) where it cannot run. */
export async function peerSeconds(year: readonly EntityYear[], runs: number): Promise<Spread | null> {
  const script = join(process.env["PEERS"] ?? "../shared/tools/peers", "pandas_features.py");
  const python = process.env["PEER_PYTHON"] ?? "python3";
  if (!existsSync(script)) return without(`no ${script}`);
  const folder = await mkdtemp(join(tmpdir(), "ml-data-layer-features-"));
  try {
    await writeEvents(join(folder, "events.csv"), year);
    await writeFile(join(folder, "meta.json"), JSON.stringify({ binary: year.length / 2 }));
    const { stdout } = await promisify(execFile)(python, [script, "--data", folder, "--format", "csv", "--runs", String(runs)]);
    const { seconds_computing } = JSON.parse(stdout.trim().split("\n").at(-1) ?? "{}") as { seconds_computing: Spread };
    return seconds_computing;
  } catch (error) {
    return without(error instanceof Error ? (error.message.trim().split("\n").at(-1) ?? "") : String(error));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function without(reason: string): null {
  process.stderr.write(`no peer for features: ${reason}\n`);
  return null;
}

/** `time_ms,entity,value`, sorted by time and, at one time, by entity. */
async function writeEvents(path: string, year: readonly EntityYear[]): Promise<void> {
  const total = year.reduce((sum, { timeMs }) => sum + timeMs.length, 0);
  // Time and entity in one number, exact below 2^53, so that one sort of a column orders all.
  const keys = new Float64Array(total);
  let filled = 0;
  year.forEach(({ timeMs }, entity) => {
    for (const atMs of timeMs) keys[filled++] = atMs * year.length + entity;
  });
  keys.sort();
  const next = new Array<number>(year.length).fill(0);
  const file = await open(path, "w");
  let text = "time_ms,entity,value\n";
  for (const key of keys) {
    const entity = key % year.length;
    text += `${(key - entity) / year.length},${entity},${year[entity]!.value[next[entity]!++]}\n`;
    if (text.length > 4_000_000) {
      await file.write(text);
      text = "";
    }
  }
  await file.write(text);
  await file.close();
}
