import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { openForWriting } from "../../src/store/db.ts";
import { execute } from "../../src/store/inline-writer.ts";
import { migrate } from "../../src/store/migrate.ts";
import { endAll, rowsOf, runCommand, wordsOf } from "../e2e/program.ts";
import { temporaryDatabase, temporaryFolder } from "../helpers/database.ts";
import { createModelHome, type HistoryCommand } from "../helpers/model-home.ts";
import { startScriptedHome } from "../helpers/scripted-ha.ts";

const HOUR_MS = 3_600_000;

describe("backfill on the command line", () => {
  test.each([
    ["swapped", ["--from", "2026-02-02", "--to", "2026-02-01"], "Perhaps the two are swapped."],
    ["in the future", ["--from", "2999-01-01"], "which is still to come"],
    ["no instant", ["--from", "yesterday"], "which is no time that there is. Write an instant with a zone like"],
    ["an unknown option", ["--since", "2026-01-01"], "Usage: backfill"],
  ])("a span that is %s is refused with what would be right", async (_, words, expected) => {
    const { code, stderr } = await runCommand(["backfill", ...words], { DB_PATH: temporaryDatabase().path });
    expect(code).toBe(2);
    expect(wordsOf(stderr)).toContain(expected);
  });

  test("alone it asks Home Assistant itself, and what is there already is not doubled", async () => {
    const model = createModelHome();
    const nowMs = Date.now();
    for (let n = 0; n < 100; n += 1) model.set("light.a", { state: String(n) }, (nowMs - (100 - n) * 0.5 * HOUR_MS) / 1000);
    model.set("light.left_out", { state: "on" }, (nowMs - 0.9 * HOUR_MS) / 1000);
    const server = await startScriptedHome();
    onTestFinished(async () => {
      await server.stop();
      await endAll();
    });
    server.on("get_states", () => model.states());
    server.on("history/history_during_period", (command) => model.history(command as unknown as HistoryCommand, Date.now() / 1000));
    const folder = temporaryFolder();
    const database = join(folder, "data", "ha_ml_data_layer.db");
    mkdirSync(dirname(database));
    const db = openForWriting(database);
    migrate(db, nowMs);
    execute(db, "setMetadata", { time_zone: "UTC" });
    db.close();
    const environment = { DATA_FOLDER: dirname(database), HA_URL: server.url, HA_TOKEN: "t" };
    const fetchSpan = async (...words: string[]): Promise<unknown> => {
      const { code, stdout, stderr } = await runCommand(["backfill", "--json", ...words], environment);
      expect(code, stderr).toBe(0);
      return JSON.parse(stdout);
    };
    const span = ["--from", new Date(nowMs - 10.25 * HOUR_MS).toISOString(), "--to", new Date(nowMs - 5.25 * HOUR_MS).toISOString()];
    expect(await fetchSpan(...span)).toEqual({ inserted: 10 });
    expect(await fetchSpan(...span)).toEqual({ inserted: 0 });
    expect(await fetchSpan()).toEqual({ inserted: 91 });
    expect(rowsOf(database, "SELECT count(*) AS n, count(DISTINCT updated_at_utc) AS instants FROM vw_raw_events")).toEqual([
      { n: 101, instants: 101 },
    ]);
  }, 90_000);
});
