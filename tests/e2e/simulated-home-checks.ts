import { copyFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { openForWriting } from "../../src/store/db.ts";
import { type App, eventually, rowsOf, startApp, temporaryFolder } from "./program.ts";

/** `npm start` without settings: one app through its whole life, each test goes on where the one before it stopped. */

const SIX_WEEKS_DAYS = 42;
const STOP_LIMIT_MS = 3000;

interface Stored {
  readonly events: readonly string[];
  readonly labels: readonly string[];
  readonly features: readonly string[];
  readonly changes: readonly string[];
}

/** All rows, as text that is the same only where the row is. */
function stored(database: string): Stored {
  const texts = (sql: string): string[] => rowsOf<{ text: string }>(database, sql).map((row) => row.text);
  return {
    events: texts("SELECT updated_us || ' ' || entity_id || ' ' || state AS text FROM raw_events ORDER BY updated_us, entity_id"),
    labels: texts("SELECT start_utc || ' ' || end_utc || ' ' || kind || ' ' || source AS text FROM vw_labels"),
    features: texts("SELECT window_no || ' ' || values_json AS text FROM features ORDER BY window_no"),
    changes: texts("SELECT stream_name || ' ' || change_at_ms || ' ' || detected_at_ms AS text FROM change_points ORDER BY id"),
  };
}

/** Changes of one entity to one state that lie closer than anybody could make them: one event stored under two instants. */
const DOUBLED = `SELECT count(*) AS doubled FROM (
  SELECT updated_us - lag(updated_us) OVER entity AS apart_us, state = lag(state) OVER entity AS is_same FROM raw_events WHERE source <> 4
  WINDOW entity AS (PARTITION BY entity_id ORDER BY updated_us)
) WHERE is_same AND apart_us < 1000`;

function expectKept(database: string, before: Stored): void {
  const after = stored(database);
  for (const kind of ["events", "labels", "features", "changes"] as const) {
    const is = new Set(after[kind]);
    expect(
      before[kind].filter((row) => !is.has(row)),
      `${kind} that are gone or differ`,
    ).toEqual([]);
  }
  expect(after.labels).toEqual(before.labels);
  expect(rowsOf(database, DOUBLED)).toEqual([{ doubled: 0 }]);
}

export function simulatedHomeChecks(): void {
  const { folder, database, remove } = temporaryFolder();
  let app: App;
  const start = (): App => startApp({ DATA_FOLDER: folder }, { ownGroup: true });
  afterAll(remove);

  /** Resolves when this very start is connected: the row that a dead app left says so too. */
  async function isWell(): Promise<void> {
    await eventually(() => (/"connected to Home Assistant"/.test(app.stderr()) ? true : null), "connected");
    await eventually(
      () => rowsOf(database, "SELECT 1 FROM vw_health WHERE status = 'ok' AND connection = 'connected'")[0],
      "vw_health says ok",
    );
  }

  describe("the app without settings", () => {
    test("soon after its start it gives a probability of a model that learned from at least six weeks, and change points", async () => {
      app = start();
      const prediction = await eventually(
        () =>
          rowsOf<{ probability: number; stage: string }>(
            database,
            "SELECT probability, stage FROM vw_clr_latest_prediction WHERE probability IS NOT NULL",
          )[0],
        "a probability",
        240_000,
      );
      expect(prediction.probability).toBeGreaterThanOrEqual(0);
      expect(prediction.probability).toBeLessThanOrEqual(1);
      expect(prediction.stage).toBe("eligible");
      await eventually(() => rowsOf(database, "SELECT 1 FROM vw_bocpd_changes")[0], "a change point");
      const [training] = rowsOf<{ status: string; day_count: number }>(database, "SELECT * FROM vw_clr_latest_training_result");
      expect(training).toMatchObject({ status: "completed" });
      expect(training!.day_count).toBeGreaterThanOrEqual(SIX_WEEKS_DAYS);
      await isWell();
    }, 250_000);

    test("everything of the past came over the websocket, in order, and is stored once", () => {
      const [first] = rowsOf<{ days: number }>(
        database,
        "SELECT julianday('now') - julianday(min(occurred_at_utc)) AS days FROM vw_raw_events WHERE source = 'history'",
      );
      expect(first!.days).toBeGreaterThanOrEqual(SIX_WEEKS_DAYS);
      expect(rowsOf(database, DOUBLED)).toEqual([{ doubled: 0 }]);
      expect(rowsOf(database, "SELECT 1 FROM vw_gaps WHERE outcome = 'open'")).toEqual([]);
    });

    test("Ctrl-C in a terminal, which every process of the group hears, ends it within 3 s with code 0", async () => {
      const { code, tookMs } = await app.stop("SIGINT", { wholeGroup: true });
      expect(code).toBe(0);
      expect(tookMs).toBeLessThan(STOP_LIMIT_MS);
      expect(rowsOf(database, "SELECT connection, status, degraded_reasons FROM vw_health")).toMatchObject([{ degraded_reasons: "[]" }]);
    });

    test("three minutes after the end vw_health says down", () => {
      const copy = join(folder, "copy.db");
      copyFileSync(database, copy);
      const db = openForWriting(copy);
      const { at } = db.get<{ at: string }>("SELECT value AS at FROM metadata WHERE key = 'heartbeat_at'")!;
      const setBack = (byMs: number): unknown => {
        db.run("UPDATE metadata SET value = ? WHERE key = 'heartbeat_at'", new Date(Date.parse(at) - byMs).toISOString());
        return db.get("SELECT status FROM vw_health");
      };
      expect(setBack(0)).not.toEqual({ status: "down" });
      expect(setBack(181_000)).toEqual({ status: "down" });
      db.close();
    });

    test("started again it goes on, and nothing is doubled", async () => {
      const before = stored(database);
      app = start();
      await isWell();
      expectKept(database, before);
    });

    test("killed without warning and started again, nothing that was committed is lost", async () => {
      const before = stored(database);
      expect((await app.stop("SIGKILL")).signal).toBe("SIGKILL");
      app = start();
      await isWell();
      expectKept(database, before);
      expect(rowsOf(database, "SELECT 1 FROM clr_training_runs WHERE status = 'running'")).toEqual([]);
    });

    test("SIGTERM ends it within 3 s with code 0", async () => {
      const { code, tookMs } = await app.stop("SIGTERM");
      expect(code).toBe(0);
      expect(tookMs).toBeLessThan(STOP_LIMIT_MS);
    });
  });
}
