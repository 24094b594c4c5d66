import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { createDemoServer } from "../../src/demo/server/demo-server.ts";
import { contractViews } from "../../src/store/migrate.ts";
import { type App, type Ended, type Environment, eventually, rowsOf, runCommand, startApp, temporaryFolder, wordsOf } from "./program.ts";

/** Commands beside the running app, and alone when it has ended, on a home of nine days. */

/** Views of a million rows: their last days do. (Two: a labelled day is paired once it is over, at noon, so that before noon its rows are not there.) */
const LONG_VIEWS: ReadonlySet<string> = new Set(["vw_bocpd_feature_stream", "vw_clr_training_dataset", "vw_raw_events"]);

/** Nothing was missed, and a week is short for a change. */
const MAY_BE_EMPTY: ReadonlySet<string> = new Set(["vw_gaps", "vw_bocpd_changes"]);

const twoDaysAgo = new Date(Date.now() - 2 * 86_400_000).toISOString();
const linesOf = (text: string): string[] => text.trimEnd().split("\n").filter(Boolean);

interface LabelRow {
  readonly id: number;
  readonly source: string;
  readonly kind: string;
  readonly startMs: number;
}

export function commandChecks(): void {
  const { folder, database, remove } = temporaryFolder();
  const demo = createDemoServer({ weeks: 1, seed: 21 });
  let app: App;
  let environment: Environment;

  const run = (...words: string[]): Promise<Ended> => runCommand(words, environment);

  async function data(...words: string[]): Promise<unknown> {
    const { code, stdout, stderr } = await run(...words, "--json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    return JSON.parse(stdout);
  }

  const trainingRuns = (): number => rowsOf(database, "SELECT 1 FROM clr_training_runs").length;

  beforeAll(async () => {
    const { url, token } = await demo.start();
    environment = { DATA_FOLDER: folder, HA_URL: url, HA_TOKEN: token };
  });
  afterAll(async () => {
    await demo.stop();
    remove();
  });

  describe("words that cannot be understood", { concurrent: true }, () => {
    test("every command has --help, which exits 0 and shows how it is called", async () => {
      await Promise.all(
        commands.map(async ({ name, usage }) => {
          const { code, stdout, stderr } = await run(name, "--help");
          expect({ name, code, stdout }).toEqual({ name, code: 0, stdout: "" });
          expect(stderr).toContain(`${usage}\n`);
        }),
      );
    });

    test.each([
      ["no command", [], "status"],
      ["an unknown command", ["statsu"], "statsu"],
      ["an unknown option", ["status", "--jsno"], "--jsno"],
      ["a word too many", ["status", "now"], "now"],
      ["a view that does not exist", ["export", "vw_secrets"], "vw_raw_events"],
      ["a format that does not exist", ["export", "vw_labels", "--format", "xml"], "xml"],
      ["a time that is none", ["label", "add", "yesterday", "today"], "yesterday"],
    ])("%s exits 2 with one paragraph", async (_, words, part) => {
      const { code, stdout, stderr } = await run(...words);
      expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
      expect(stderr).toContain(part);
      expect(stderr).not.toMatch(/^\s+at /m);
    });

    test("a command before the first start exits 3, says that the app must be started once, and makes no database", async () => {
      for (const words of [["status"], ["train"], ["label", "list"]]) {
        const { code, stderr } = await run(...words);
        expect(code).toBe(3);
        expect(wordsOf(stderr)).toContain("Start the app once");
      }
      expect(rowsOf(database, "SELECT 1")).toEqual([]);
    });
  });

  describe("beside the running app", () => {
    beforeAll(async () => {
      app = startApp(environment);
      await app.url();
      await eventually(() => rowsOf(database, "SELECT 1 FROM vw_clr_latest_training_result WHERE status <> 'none'")[0], "trained", 60_000);
      await eventually(() => rowsOf(database, "SELECT 1 FROM schedule_runs WHERE job = 'changes' AND status = 'completed'")[0], "settled");
    }, 100_000);

    test("status --json is what GET /api/v1/health answers", async () => {
      const both = await eventually(async () => {
        const answer = await fetch(`${await app.url()}api/v1/health`);
        const [told, asked] = [await data("status"), await answer.json()];
        return JSON.stringify(told) === JSON.stringify(asked) ? { told, asked } : null;
      }, "the same answer twice");
      expect(both.told).toEqual(both.asked);
      expect(both.told).toMatchObject({ status: "ok", connection: "connected", degradedReasons: [] });
    });

    test("status is one screen that names the model's probability and what is missing", async () => {
      const { code, stdout } = await run("status");
      expect(code).toBe(0);
      expect(stdout).toMatch(/^status +ok/);
      expect(stdout).toMatch(/^sleep +probability 0\.\d{4}/m);
      expect(stdout.split("\n").length).toBeLessThan(40);
    });

    test("export writes the rows of every view as JSON lines", async () => {
      for (const { name } of contractViews()) {
        const { code, stdout } = await run("export", name, "--format", "jsonl", ...(LONG_VIEWS.has(name) ? ["--since", twoDaysAgo] : []));
        const rows = linesOf(stdout).map((line) => JSON.parse(line) as Record<string, unknown>);
        expect({ name, code, isEmpty: rows.length === 0 }).toEqual({ name, code: 0, isEmpty: MAY_BE_EMPTY.has(name) && rows.length === 0 });
      }
    });

    test("export writes CSV by default: a header, a line a row, and a field with commas or quotes can be read back", async () => {
      const [labels, health] = await Promise.all([run("export", "vw_labels"), run("export", "vw_health", "--format", "csv")]);
      const rows = rowsOf(database, "SELECT * FROM vw_labels");
      const [header, ...records] = linesOf(labels.stdout);
      expect(header!.split(",")).toEqual(Object.keys(rows[0]!));
      expect(records.length).toBe(rows.length);
      const [{ readiness }] = rowsOf<{ readiness: string }>(database, "SELECT readiness FROM vw_health") as [{ readiness: string }];
      expect(health.stdout).toContain(`"${readiness.replaceAll('"', '""')}"`);
    });

    test("export --since leaves out what is older", async () => {
      const [newest] = rowsOf<{ since: string; count: number }>(
        database,
        "SELECT max(start_utc) AS since, count(*) AS count FROM vw_labels",
      );
      expect(newest!.count).toBeGreaterThan(1);
      const { stdout } = await run("export", "vw_labels", "--format", "jsonl", "--since", newest!.since);
      const labels = linesOf(stdout).map((line) => JSON.parse(line) as { start_utc: string });
      expect(labels.map((label) => label.start_utc)).toEqual([newest!.since]);
    });

    test("train has the app train: one more run, and its model serves", async () => {
      const before = trainingRuns();
      expect(await data("train")).toMatchObject([{ target: "sleep", status: "completed" }]);
      expect(trainingRuns()).toBe(before + 1);
      expect((await run("train", "--target", "siesta")).code).toBe(1);
    }, 60_000);

    test("a label can be added, is listed, and can be removed", async () => {
      const before = (await data("label", "list")) as LabelRow[];
      expect(await data("label", "add", "2026-01-05T23:10", "2026-01-06T07:00")).toMatchObject({ added: 1 });
      const added = ((await data("label", "list")) as LabelRow[]).find((label) => label.startMs === Date.parse("2026-01-05T22:10Z"));
      expect(added).toMatchObject({ kind: "positive", source: "command" });
      expect((await run("label", "list")).stdout).toContain(`${added!.id}\t2026-01-05T23:10+01:00`);
      expect((await run("label", "remove", String(added!.id))).code).toBe(0);
      expect(await data("label", "list")).toEqual(before);
    });

    test("a file of labels goes through the running app, each line with its reason, and a night can be said to have been none", async () => {
      const before = (await data("label", "list")) as LabelRow[];
      const path = join(folder, "labels.csv");
      writeFileSync(
        path,
        "start,end,time_zone\n2026-01-08 23:00,2026-01-09 07:00,\n2026-01-09 23:00,2026-01-09 22:00,\n2026-01-09 17:00,2026-01-10 01:00,America/New_York\n",
      );
      expect(await runCommand(["label", "import", path], environment)).toMatchObject({
        code: 0,
        stderr: expect.stringContaining("line 3"),
      });
      expect(await data("label", "none", "2026-01-12")).toMatchObject({ added: 1 });
      const added = ((await data("label", "list")) as LabelRow[]).filter(({ id }) => !before.some((label) => label.id === id));
      expect(added.map(({ startMs, kind, source }) => [new Date(startMs).toISOString(), kind, source])).toEqual([
        ["2026-01-08T22:00:00.000Z", "positive", "csv"],
        ["2026-01-09T22:00:00.000Z", "positive", "csv"],
        ["2026-01-11T11:00:00.000Z", "negative", "command"],
      ]);
      for (const { id } of added) expect((await run("label", "remove", String(id))).code).toBe(0);
    });

    test("stages that have nothing new to do change nothing, and a span can be fetched again without doubles", async () => {
      const count = (): unknown => rowsOf(database, "SELECT count(*) AS n FROM raw_events WHERE updated_us < ? * 1000", fromMs + 3_600_000);
      const fromMs = Date.now() - 5 * 86_400_000;
      const before = count();
      expect(await data("features")).toMatchObject({ windows: expect.any(Number) });
      expect(await data("predict")).toBeDefined();
      expect(await data("changes")).toBeDefined();
      const range = ["--from", new Date(fromMs).toISOString(), "--to", new Date(fromMs + 3_600_000).toISOString()];
      expect(await data("backfill", ...range)).toEqual({ inserted: 0 });
      expect(count()).toEqual(before);
    });

    test("healthcheck exits 0 while the app answers on its port, and 1 when it does not", async () => {
      const { port } = new URL(await app.url());
      expect((await runCommand(["healthcheck"], { ...environment, PORT: port })).code).toBe(0);
      const dead = await runCommand(["healthcheck"], { ...environment, PORT: "9" });
      expect(dead.code).toBe(1);
      expect(wordsOf(dead.stderr)).toContain("9");
    });

    test("the app has said nothing of trouble, and never its token", async () => {
      expect(app.stderr()).not.toMatch(/"level":"(warn|error)"/);
      expect(app.stderr()).not.toContain(environment["HA_TOKEN"]);
      expect((await app.stop("SIGTERM")).code).toBe(0);
    });
  });

  describe("alone, when no app runs", () => {
    test("train --dry-run changes nothing, labels and status work on the file", async () => {
      const before = trainingRuns();
      expect(await data("train", "--dry-run")).toMatchObject([{ target: "sleep", status: "completed" }]);
      expect(trainingRuns()).toBe(before);
      expect(await data("label", "exclude", "2026-01-07T10:00", "2026-01-07T12:00")).toMatchObject({ added: 1 });
      expect(await data("status")).toMatchObject({ connection: "connected", eventsTotal: expect.any(Number) });
    }, 60_000);

    test("backfill fetches what came without the app, and a second time nothing", async () => {
      expect(await data("backfill")).toMatchObject({ inserted: expect.any(Number) });
      const before = rowsOf(database, "SELECT * FROM vw_raw_events WHERE source = 'history'").length;
      expect(await data("backfill", "--to", new Date(Date.now() - 60_000).toISOString())).toMatchObject({ inserted: 0 });
      expect(rowsOf(database, "SELECT * FROM vw_raw_events WHERE source = 'history'")).toHaveLength(before);
    });
  });
}
