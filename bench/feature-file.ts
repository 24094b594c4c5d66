import { fork } from "node:child_process";
import { once } from "node:events";
import { copyFile, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openForWriting } from "../src/store/db.ts";
import { migrate } from "../src/store/migrate.ts";
import type { EntityYear } from "./event-year.ts";

export interface FileRun {
  readonly seconds: number;
  /** Peak of the process that computes and writes. */
  readonly rssMb: number;
  readonly values: number;
  readonly bytesPerValue: number;
}

/**
 * Computes the features of a year from a file of raw events into the same file, in a process of its own: a thread that reads and computes and
 * the app's writer thread, on the same cores.
 */
export async function runFiles(year: readonly EntityYear[], startMs: number, runs: number): Promise<FileRun[]> {
  const folder = await mkdtemp(join(tmpdir(), "ml-data-layer-feature-file-"));
  try {
    const source = join(folder, "events.db");
    writeEvents(source, year, startMs);
    const results: FileRun[] = [];
    for (let run = 0; run < runs; run += 1) {
      const path = join(folder, `run${run}.db`);
      await copyFile(source, path);
      results.push(await passOver(path, year.length, startMs));
      await Promise.all([path, `${path}-wal`, `${path}-shm`, `${path}.lock`].map((file) => rm(file, { force: true })));
    }
    return results;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function passOver(path: string, entities: number, startMs: number): Promise<FileRun> {
  const before = (await stat(path)).size;
  const child = fork(new URL("./feature-pass.ts", import.meta.url), [path, String(entities), String(startMs)]);
  let said: Pick<FileRun, "seconds" | "rssMb" | "values"> | null = null;
  child.on("message", (message) => {
    said = message as FileRun;
  });
  const [code] = (await once(child, "exit")) as [number | null];
  if (said === null) throw new Error(`the feature pass ended with code ${code}`);
  const { seconds, rssMb, values } = said as FileRun;
  return { seconds, rssMb, values, bytesPerValue: ((await stat(path)).size - before) / values };
}

function writeEvents(path: string, year: readonly EntityYear[], startMs: number): void {
  const db = openForWriting(path);
  try {
    migrate(db, startMs);
    const total = year.reduce((sum, { timeMs }) => sum + timeMs.length, 0);
    // Time and entity in one number, exact below 2^53, so that one sort of a column orders all.
    const keys = new Float64Array(total);
    let filled = 0;
    year.forEach(({ timeMs }, entity) => {
      for (const atMs of timeMs) keys[filled++] = atMs * year.length + entity;
    });
    keys.sort();
    const next = new Array<number>(year.length).fill(0);
    const insert = db.prepare("INSERT INTO raw_events (updated_us, entity_id, state, known_at_ms, source) VALUES (?, ?, ?, NULL, ?)");
    db.transaction(() => {
      year.forEach((_, entity) => {
        const id = entityIdOf(entity, year.length);
        db.run(
          "INSERT INTO entities (id, entity_id, domain, unit, first_seen_ms, state, state_updated_us, event_count) VALUES (?, ?, ?, 'x', 0, '0', 1, 1)",
          entity + 1,
          id,
          id.split(".")[0]!,
        );
      });
      db.run("INSERT INTO metadata (key, value) VALUES ('grid_ms', '300000'), ('newest_saved_us', ?)", String(Number.MAX_SAFE_INTEGER));
      for (const key of keys) {
        const entity = key % year.length;
        const place = next[entity]!++;
        const value = year[entity]!.value[place]!;
        const state = entity < year.length / 2 ? (value === 1 ? "on" : "off") : String(value);
        // The state at the start is known, but nothing happened then.
        insert.run((startMs + (key - entity) / year.length) * 1000, entity + 1, state, place === 0 ? 4 : 1);
      }
    });
    db.pragma("wal_checkpoint(TRUNCATE)");
  } finally {
    db.close();
  }
}

/** The first half is binary, the second numeric. */
export function entityIdOf(entity: number, entities: number): string {
  return entity < entities / 2 ? `binary_sensor.made_${entity}` : `sensor.made_${entity}`;
}
