import { expect } from "vitest";
import { createDemoServer, type DemoServer } from "../../src/demo/server/demo-server.ts";
import { openAuthenticated, type RawClient } from "../protocol/raw-client.ts";
import { microsOfSeconds, SLEEP_END, SLEEP_START, setDatetime } from "../protocol/with-client.ts";
import { type App, type Environment, eventually, rowsOf, startApp, temporaryFolder } from "./program.ts";

/** The app dies, is stopped or loses its connection; what Home Assistant's recorder holds afterwards is what the app holds. */

/** What was missed is asked for once more after a minute, because a recorder commits late. */
const SETTLED_LIMIT_MS = 240_000;

interface Scene {
  readonly demo: DemoServer;
  /** Home Assistant as somebody else sees it. */
  readonly ask: <T>(question: (client: RawClient) => Promise<T>) => Promise<T>;
  readonly database: string;
  readonly start: () => Promise<App>;
}

async function scene(seed: number, play: (scene: Scene) => Promise<void>): Promise<void> {
  const { folder, database, remove } = temporaryFolder();
  const demo = createDemoServer({ weeks: 1, seed });
  const { url, token } = await demo.start();
  const environment: Environment = { DATA_FOLDER: folder, HA_URL: url, HA_TOKEN: token };
  async function ask<T>(question: (client: RawClient) => Promise<T>): Promise<T> {
    const client = await openAuthenticated(url, token);
    try {
      return await question(client);
    } finally {
      client.end();
    }
  }
  const apps: App[] = [];
  async function start(): Promise<App> {
    const app = startApp(environment);
    apps.push(app);
    await connectedTimes(app, 1);
    await eventually(
      () => rowsOf(database, "SELECT 1 FROM metadata WHERE key = 'backfill_done_at'")[0],
      "the past is fetched",
      SETTLED_LIMIT_MS,
    );
    return app;
  }
  try {
    await play({ demo, ask, database, start });
  } finally {
    await Promise.all(apps.map((app) => app.stop("SIGKILL")));
    await demo.stop();
    remove();
  }
}

/** Entities of the test's own, several changes each, fast as the home can. */
function say(demo: DemoServer, from: number, to: number): void {
  for (let n = from; n < to; n += 1) demo.faults.say(`sensor.busy_${n % 40}`, String(n));
}

/** What the home's recorder holds of the test's own entities: `entity state µs`. */
async function recorded(client: RawClient): Promise<string[]> {
  const answer = (await client.result({
    type: "history/history_during_period",
    start_time: new Date(Date.now() - 600_000).toISOString(),
    entity_ids: Array.from({ length: 40 }, (_, n) => `sensor.busy_${n}`),
    include_start_time_state: false,
    significant_changes_only: false,
    no_attributes: true,
  })) as Record<string, { s: string; lu: number }[]>;
  return Object.entries(answer)
    .flatMap(([entityId, rows]) => rows.map((row) => `${entityId} ${row.s} ${microsOfSeconds(row.lu)}`))
    .sort();
}

const stored = (database: string): string[] =>
  rowsOf<{ text: string }>(
    database,
    `SELECT e.entity_id || ' ' || r.state || ' ' || r.updated_us AS text FROM raw_events r JOIN entities e ON e.id = r.entity_id
     WHERE e.entity_id LIKE 'sensor.busy%' AND r.source <> 4`,
  )
    .map((row) => row.text)
    .sort();

/** Of at least so many changes; the recorder commits a little later than they happen. */
async function expectTheSameSet({ ask, database }: Scene, changes: number): Promise<void> {
  const wanted = await eventually(async () => {
    const rows = await ask(recorded);
    return rows.length >= changes ? rows : null;
  }, `${changes} rows in the recorder`);
  await eventually(() => (stored(database).length >= wanted.length ? true : null), `${wanted.length} rows`, SETTLED_LIMIT_MS);
  expect(stored(database)).toEqual(wanted);
}

async function expectNoGapOpen(database: string): Promise<void> {
  const isWell = (): unknown => rowsOf(database, "SELECT 1 FROM vw_health WHERE gaps_open = 0 AND degraded_reasons = '[]'")[0];
  await eventually(isWell, "no gap is open", SETTLED_LIMIT_MS).catch((error: Error) => {
    throw new Error(`${error.message}: ${JSON.stringify(rowsOf(database, "SELECT gaps_open, degraded_reasons FROM vw_health"))}`);
  });
  expect(rowsOf(database, "SELECT * FROM vw_gaps WHERE outcome NOT IN ('filled')")).toEqual([]);
  expect(rowsOf(database, "SELECT 1 FROM vw_gaps").length).toBeGreaterThan(0);
}

function tellSleep({ ask }: Scene): Promise<void> {
  return ask(async (client) => {
    await setDatetime(client, SLEEP_START, { datetime: NIGHT.start });
    await setDatetime(client, SLEEP_END, { datetime: NIGHT.end });
  });
}

async function expectOneLabel({ database }: Scene): Promise<void> {
  const labels = (): unknown[] => rowsOf(database, "SELECT end_utc, kind, status FROM vw_labels WHERE start_utc = ?", NIGHT.startUtc);
  await eventually(() => labels()[0], "the label", SETTLED_LIMIT_MS).catch((error: Error) => {
    const told = rowsOf(database, "SELECT * FROM helper_changes ORDER BY updated_us DESC LIMIT 8");
    const made = rowsOf(database, "SELECT * FROM vw_labels ORDER BY captured_utc DESC LIMIT 4");
    throw new Error(`${error.message}; the helpers: ${JSON.stringify(told)}; the labels: ${JSON.stringify(made)}`);
  });
  expect(labels()).toEqual([{ end_utc: NIGHT.endUtc, kind: "positive", status: "active" }]);
}

/** A night last winter: the home's people never speak of it. */
const NIGHT = {
  start: "2026-01-10 23:20:00",
  end: "2026-01-11 07:10:00",
  startUtc: "2026-01-10T22:20:00.000Z",
  endUtc: "2026-01-11T06:10:00.000Z",
};

async function connectedTimes(app: App, times: number): Promise<void> {
  await eventually(
    () => ((app.stderr().match(/"connected to Home Assistant"/g)?.length ?? 0) >= times ? true : null),
    `connected ${times} times; ${app.stderr()}`,
  );
}

/** Each takes a minute, most of it waiting: they are meant to be played beside other tests. */
export const restartScenes: Readonly<Record<string, () => Promise<void>>> = {
  "killed in the middle of a burst: what was committed stays, the rest and what changed meanwhile comes, no gap stays open": () =>
    scene(31, async (here) => {
      const app = await here.start();
      say(here.demo, 0, 1500);
      await eventually(() => (stored(here.database).length > 0 ? true : null), "a first batch is stored");
      say(here.demo, 1500, 3000);
      await app.stop("SIGKILL");
      const committed = stored(here.database);
      say(here.demo, 3000, 3400);
      await here.start();
      await expectTheSameSet(here, 3400);
      expect(committed.filter((row) => !new Set(stored(here.database)).has(row))).toEqual([]);
      await expectNoGapOpen(here.database);
      await expectTheSameSet(here, 3400);
    }),
  "stopped, and meanwhile both helpers are set: one label": () =>
    scene(32, async (here) => {
      const app = await here.start();
      const stopped = await app.stop("SIGINT");
      expect(stopped.code, stopped.stderr).toBe(0);
      say(here.demo, 0, 200);
      await tellSleep(here);
      await here.start();
      await expectTheSameSet(here, 200);
      await expectNoGapOpen(here.database);
      await expectOneLabel(here);
    }),
  "Home Assistant restarts, then ends the connection in a burst: the app comes back by itself, and then a label is told": () =>
    scene(33, async (here) => {
      const app = await here.start();
      say(here.demo, 0, 300);
      await here.demo.faults.restart({ downMs: 1500, startingMs: 1000 });
      await connectedTimes(app, 2);
      say(here.demo, 300, 3000);
      here.demo.faults.discard();
      here.demo.faults.drop();
      say(here.demo, 3000, 3100);
      await connectedTimes(app, 3);
      await expectTheSameSet(here, 3100);
      await tellSleep(here);
      await expectNoGapOpen(here.database);
      await expectTheSameSet(here, 3100);
      await expectOneLabel(here);
    }),
};
