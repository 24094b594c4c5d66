import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { type App, type Environment, eventually, rowsOf, startApp } from "../e2e/program.ts";
import { type AppHere, type AppHereOptions, startAppHere } from "./app-here.ts";
import { type Source, type SourceOptions, startSource } from "./source.ts";
import { type Comparison, compareWith, gapsOf, healthOf, markersOf, untilAllIsStored } from "./stored.ts";

const PAST_ROWS = 300;
const PAST_MS = 20 * 3_600_000;

/** What a scene plays with; everything is ended and removed after it. */
export interface Place {
  readonly folder: string;
  readonly database: string;
  source(options?: SourceOptions): Promise<Source>;
  /** The app in this process, connected and with the past fetched; at once, as soon as it is connected. */
  appHere(options: Omit<AppHereOptions, "folder"> & { readonly atOnce?: boolean }): Promise<AppHere>;
  /** The app as a process of its own; `options` become its options file. */
  appProcess(source: Pick<Source, "url" | "token">, environment?: Environment): App;
  /** Called after the scene, newest first. */
  atEnd(clean: () => unknown): void;
}

export interface Outcome extends Comparison {
  /** What health said while it lasted and afterwards. */
  readonly health: string;
}

/** One line of the failure matrix. */
export interface Scene {
  readonly fault: string;
  /** How the fault is made. */
  readonly injected: string;
  /** What still goes wrong; the scene is skipped until it is mended. */
  readonly fallsShort?: string;
  readonly play: (place: Place) => Promise<Outcome>;
}

export function playScene({ play }: Scene): Promise<Outcome> {
  return playPlace(play);
}

export async function playPlace<T>(play: (place: Place) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-failure-"));
  const cleaners: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const atEnd = (clean: () => unknown): void => void cleaners.push(clean);
  const place: Place = {
    folder,
    database: join(folder, "ha_ml_data_layer.db"),
    atEnd,
    async source(options) {
      const source = await startSource(options);
      atEnd(source.stop);
      // Something to fetch: an empty past is asked for again at each start, which would help where the repair is to be seen.
      for (let n = 0; n < PAST_ROWS; n += 1)
        source.record(`sensor.busy_${n % 40}`, `past ${n}`, source.nowMs() - PAST_MS + (n * PAST_MS) / (PAST_ROWS + 1));
      return source;
    },
    async appHere(options) {
      const app = await startAppHere({ folder, ...options });
      atEnd(app.stop);
      await connected(app, 1);
      if (options.atOnce !== true) await pastFetched(app.database);
      return app;
    },
    appProcess(source, environment = {}) {
      const app = startApp({ DATA_FOLDER: folder, HA_URL: source.url, HA_TOKEN: source.token, ...environment });
      atEnd(() => app.stop("SIGKILL"));
      return app;
    },
  };
  try {
    return await play(place);
  } finally {
    for (const clean of cleaners.reverse()) await clean();
  }
}

/** The back-fill is done: what comes now is the repair's. */
export async function pastFetched(database: string): Promise<void> {
  await eventually(() => rowsOf(database, "SELECT 1 FROM metadata WHERE key = 'backfill_done_at'")[0], "the past is fetched");
}

export async function connected(app: AppHere, times: number): Promise<void> {
  await eventually(() => (app.connectedTimes() >= times ? true : null), `connected ${times} times`).catch((error: Error) => {
    throw new Error(`${error.message}; ${app.log.join("\n")}`);
  });
}

/** Connected so often, and subscribed: what is told now is heard. */
export async function listening(app: AppHere, source: Source, times: number): Promise<void> {
  await connected(app, times);
  await eventually(() => (source.isHeard() ? true : null), "somebody is subscribed");
}

/** Waits for a degraded marker and returns its code. */
export function marked(database: string, code: string): Promise<string> {
  return eventually(() => markersOf(database).find((each) => each === code), `the marker ${code}`);
}

/** Waits until everything said is stored and no gap is open, then compares once more. `during` = what health said before. */
export async function settled(source: Source, database: string, during: readonly string[], limitMs = 60_000): Promise<Outcome> {
  const first = await untilAllIsStored(source, database, limitMs);
  expect({ lost: first.lost, gaps: gapsOf(database) }).toEqual({ lost: [], gaps: expect.anything() });
  await eventually(() => (healthOf(database)?.gaps_open === 0 ? true : null), `no gap is open: ${gapsOf(database)}`, limitMs);
  return { ...compareWith(source, database), health: healthWords(database, during) };
}

export function healthWords(database: string, during: readonly string[]): string {
  const gaps = gapsOf(database);
  const after = [healthOf(database)?.status ?? "no answer", ...markersOf(database)].join(" ");
  return [
    during.length > 0 ? `meanwhile ${during.join(", ")}` : null,
    `afterwards ${after}`,
    gaps.length > 0 ? `gaps ${gaps.join(", ")}` : null,
  ]
    .filter((part) => part !== null)
    .join("; ");
}
