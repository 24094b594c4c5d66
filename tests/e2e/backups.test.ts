import { spawn } from "node:child_process";
import { closeSync, openSync, readdirSync, rmSync, statSync, truncateSync, writeSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createDemoServer, type DemoServer } from "../../src/demo/server/demo-server.ts";
import { type App, type Ended, type Environment, endAll, eventually, rowsOf, runCommand, startApp, temporaryFolder } from "./program.ts";

/** Backups and restores of the app as a process, beside a reader that never closes the file. One after the other: each goes on with the file that the one before left. */

const { folder, database, remove } = temporaryFolder();
const backups = join(folder, "backups");
const snapshot = join(folder, "by-hand.db");
let demo: DemoServer;
let environment: Environment;
let app: App;
let said = 0;

const run = (...words: string[]): Promise<Ended> => runCommand(words, environment);
const marker = (code: string): string | undefined =>
  rowsOf<{ cause: string }>(database, "SELECT cause FROM degraded WHERE code = ?", code)[0]?.cause;
const aside = (kind: string): string[] => readdirSync(folder).filter((name) => name.includes(`.${kind}-`) && !name.endsWith("-wal"));

/** What the home says from now on, in order: entity of the test's own, state 0, 1, 2 ... */
function say(count: number): void {
  for (const end = said + count; said < end; said += 1) demo.faults.say("sensor.counted", String(said));
}

/** Everything said so far is stored, each once: what came after a backup, too. */
async function expectAllSaid(limitMs = 30_000): Promise<void> {
  const states = (): number[] =>
    rowsOf<{ state: string }>(
      database,
      "SELECT r.state FROM raw_events r JOIN entities e ON e.id = r.entity_id WHERE e.entity_id = 'sensor.counted' AND r.source <> 4 ORDER BY r.updated_us",
    ).map((row) => Number(row.state));
  await eventually(() => (new Set(states()).size >= said ? true : null), `${said} states`, limitMs).catch(() => undefined);
  expect(states()).toEqual(Array.from({ length: said }, (_, i) => i));
}

async function start(): Promise<App> {
  const started = startApp(environment);
  await started.url();
  return started;
}

const CONNECTED = "SELECT 1 FROM vw_health WHERE connection = 'connected' AND connected_since_utc > ?";
const connected = (since: string): Promise<unknown> =>
  eventually(() => {
    try {
      return rowsOf(database, CONNECTED, since)[0];
    } catch (error) {
      // Read until the damage is mended.
      if (error instanceof Error && error.message.includes("malformed")) return null;
      throw error;
    }
  }, "connected");
const now = (): string => new Date().toISOString();

function damage(fromPage: number, pages: number): void {
  const descriptor = openSync(database, "r+");
  writeSync(descriptor, Buffer.alloc(4096 * pages, 7), 0, 4096 * pages, 4096 * fromPage);
  closeSync(descriptor);
}

beforeAll(async () => {
  demo = createDemoServer({ weeks: 1, seed: 41 });
  const { url, token } = await demo.start();
  environment = { DATA_FOLDER: folder, HA_URL: url, HA_TOKEN: token };
  app = await start();
});
afterAll(async () => {
  await endAll();
  await demo.stop();
  remove();
});

describe("backups and restores of the running app", { timeout: 240_000 }, () => {
  test("the first backup is made by itself once the first models are there", async () => {
    await eventually(
      () => (marker("job_failed_backup") === undefined ? readdirSync(folder).includes("backups") || null : true),
      "a folder",
      180_000,
    );
    const [made] = await eventually(() => {
      const names = readdirSync(backups).filter((name) => name.endsWith(".backup.db"));
      return names.length > 0 ? names : null;
    }, "a backup");
    expect(rowsOf(join(backups, made!), "SELECT value FROM metadata WHERE key = 'backup_scope'")).toEqual([{ value: "part" }]);
    expect(rowsOf(join(backups, made!), "SELECT count(*) > 0 AS has FROM entities")).toEqual([{ has: 1 }]);
  });

  test("a restore through the app keeps the file and its readers, and what came after the backup is fetched again", async () => {
    say(20);
    await expectAllSaid();
    const made = await run("backup", snapshot, "--json");
    expect(made.code, made.stderr).toBe(0);
    expect(JSON.parse(made.stdout)).toMatchObject({ path: snapshot, scope: "all" });
    say(20);
    await expectAllSaid();
    const reader = spawnReader(database);
    const inode = statSync(database).ino;
    expect(await reader.ask("SELECT count(*) AS n FROM raw_events WHERE state = 'planted'")).toEqual([{ n: 0 }]);

    const plan = await run("restore", snapshot, "--dry-run");
    expect(plan.stdout).toMatch(/nothing was changed/);
    expect(aside("before-restore")).toEqual([]);
    const before = now();
    const restored = await run("restore", snapshot);
    expect(restored.code, restored.stderr).toBe(0);
    // Broken once: it said that an app takes it up at its next start.
    expect(restored.stdout).toMatch(/was restored; the running app goes on with it$/m);
    expect(statSync(database).ino).toBe(inode);
    expect(aside("before-restore")).toHaveLength(1);
    expect(await reader.ask("SELECT count(*) AS n FROM metadata WHERE key = 'restored_at'")).toEqual([{ n: 1 }]);
    await connected(before);
    await expectAllSaid();
    expect(marker("restored_from_backup")).toMatch(/^Somebody asked for it/);
    reader.end();
    expect((await fetch(`${await app.url()}readyz`)).status).toBe(200);
  });

  test("damage that shows while the app runs is mended by itself from the newest good backup", async () => {
    await run("backup", "--json");
    say(10);
    await expectAllSaid();
    const before = now();
    damage(8, Math.floor(statSync(database).size / 4096) - 8);
    await run("features", "--rebuild");
    await eventually(() => (aside("damaged").length > 0 ? true : null), "the damaged file is kept aside", 60_000);
    await connected(before);
    expect(marker("restored_from_backup")).toMatch(/could not be used/);
    expect(rowsOf(database, "PRAGMA quick_check")).toEqual([{ quick_check: "ok" }]);
    await expectAllSaid(60_000);
  });

  test("a file that is cut off, or gone, when the app starts is restored before it is opened", async () => {
    await run("backup", "--json");
    say(5);
    await expectAllSaid();
    for (const [kind, lose] of Object.entries({
      cut: () => truncateSync(database, 4096 * 10),
      gone: () => rmSync(database),
    })) {
      await app.stop("SIGTERM");
      lose();
      say(5);
      const checked = await run("doctor", "--json");
      // Broken once: of a file that was gone it said that there was none yet, and was content.
      expect({ kind, code: checked.code }).toEqual({ kind, code: 1 });
      const before = now();
      app = await start();
      await connected(before);
      expect(marker("restored_from_backup")).toMatch(kind === "cut" ? /it was cut off/ : /the file is missing/);
      await expectAllSaid(60_000);
    }
    expect(aside("damaged")).toHaveLength(2);
  });

  test("the doctor finds nothing to fail on in an app that runs, and says what to do where Home Assistant does not answer", async () => {
    const healthy = await run("doctor", "--json");
    expect(healthy.code, healthy.stdout).toBe(0);
    const checks = (JSON.parse(healthy.stdout) as { checks: { name: string; state: string }[] }).checks;
    for (const name of ["settings", "folder", "disk", "file", "schema", "contracts", "log", "app", "backups", "home assistant", "clock"])
      expect({ name, state: checks.find((check) => check.name === name)?.state }).toEqual({ name, state: "ok" });
    const lonely = await runCommand(["doctor", "--quick"], { ...environment, HA_URL: "http://127.0.0.1:9" });
    expect(lonely.code).toBe(1);
    expect(lonely.stdout).toMatch(/^fail {2}home assistant +http:\/\/127\.0\.0\.1:9\/api\/ does not answer.*\n +Check HA_URL/m);
  });

  test("without the app, a backup and a restore are made by the command alone", async () => {
    await app.stop("SIGTERM");
    const alone = join(folder, "alone.db");
    expect((await run("backup", alone, "--without-events")).code).toBe(0);
    const restored = await run("restore", alone);
    expect(restored.code, restored.stderr).toBe(0);
    expect(restored.stdout).toMatch(/everything but raw events/);
    expect(restored.stdout).toMatch(/takes it up at its next start$/m);
    expect((await run("restore", join(folder, "nowhere.db"))).code).toBe(1);
    expect((await run("restore")).code).toBe(2);
    app = await start();
    await connected("2020");
    // The recorder still holds all that was ever said here.
    await expectAllSaid(60_000);
  });
});

/** A process that opens the file once and keeps it open. */
function spawnReader(path: string) {
  const script = `import { openForReading } from ${JSON.stringify(new URL("../../src/store/db.ts", import.meta.url).href)};
    import { createInterface } from "node:readline";
    const db = openForReading(${JSON.stringify(path)});
    createInterface({ input: process.stdin }).on("line", (sql) => console.log(JSON.stringify(db.all(sql))));`;
  const child = spawn(process.execPath, ["--input-type=module-typescript", "-e", script], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(sql: string): Promise<unknown> {
      child.stdin.write(`${sql}\n`);
      return JSON.parse((await lines.next()).value as string);
    },
    end: () => void child.kill(),
  };
}
