import { createHash } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, type TestContext, test } from "vitest";
import { createDemoServer } from "../../src/demo/server/demo-server.ts";
import { openForWriting } from "../../src/store/db.ts";
import { migrate } from "../../src/store/migrate.ts";
import { type Ended, type Environment, eventually, logLines, rowsOf, startApp, temporaryFolder, wordsOf } from "./program.ts";

const LONGEST_PARAGRAPH = 700;

type Context = Pick<TestContext, "onTestFinished">;

function freshFolder({ onTestFinished }: Context): { readonly folder: string; readonly database: string } {
  const { remove, ...place } = temporaryFolder();
  onTestFinished(remove);
  return place;
}

/** A home that nobody answers for: what is refused is refused before it is asked. */
const NOBODY = { HA_URL: "http://127.0.0.1:9", HA_TOKEN: "any" };

/** One paragraph that says what is wrong and what to do, and no stack trace. */
function expectParagraph({ stderr }: Ended): void {
  const words = wordsOf(stderr);
  expect(words.length).toBeGreaterThan(40);
  expect(words.length).toBeLessThan(LONGEST_PARAGRAPH);
  expect(words).not.toMatch(/\n\s*\n|^\s+at /m);
  expect(stderr).not.toMatch(/\bat .*\.ts:\d+|SqliteError|node:internal/);
}

/** A database that the app of a later day has written. */
function makeNewer(database: string): void {
  const db = openForWriting(database);
  migrate(db, 0);
  db.pragma("user_version = 999");
  db.pragma("wal_checkpoint(TRUNCATE)");
  db.close();
}

const everyFile = (folder: string): string[] => readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
const hashOf = (path: string): string => createHash("sha256").update(readFileSync(path)).digest("hex");

export function badInputChecks(): void {
  describe("settings that cannot be used end the app with code 2, and nothing is written", () => {
    test.for<readonly [string, Environment, readonly string[]]>([
      [
        "several wrong settings are told in one message",
        { PORT: "eighty", LOG_LEVEL: "loud", HA_URL: "homeassistant" },
        ["PORT", "LOG_LEVEL", "HA_URL", "HA_TOKEN", "4 settings"],
      ],
      ["an address without a token", { HA_URL: "http://127.0.0.1:9" }, ["HA_TOKEN", "long-lived access token"]],
      ["a token without an address", { HA_TOKEN: "x" }, ["HA_URL"]],
      ["an options file that does not exist", { OPTIONS_FILE: "/nowhere/options.json" }, ["/nowhere/options.json", "does not exist"]],
    ])("%s", async ([, environment, parts], context) => {
      const { folder } = freshFolder(context);
      const ended = await startApp({ DATA_FOLDER: join(folder, "data"), ...environment }).ended;
      expect(ended.code).toBe(2);
      expectParagraph(ended);
      for (const part of parts) expect(ended.stderr).toContain(part);
      expect(everyFile(folder)).toEqual([]);
    });

    test.for<readonly [string, string, string]>([
      ["half written", '{"retention_days": 30, "gates": {"rows_per_cl', "half written"],
      ["of the wrong form", '["sensor.a"]', "a list"],
      ["with an unknown option and one out of range", '{"retention_dais": 30, "night_anchor_hour": 25}', "retention_dais"],
    ])("an options file %s", async ([, text, part], context) => {
      const { folder } = freshFolder(context);
      const path = join(folder, "options.json");
      writeFileSync(path, text);
      const ended = await startApp({ DATA_FOLDER: join(folder, "data"), OPTIONS_FILE: path }).ended;
      expect(ended.code).toBe(2);
      expectParagraph(ended);
      expect(ended.stderr).toContain(part);
      expect(everyFile(folder)).toEqual(["options.json"]);
    });
  });

  describe.each([
    ["with a Home Assistant configured", NOBODY],
    ["with the simulated home", {}],
  ])("a database that is refused ends the app with code 3 and stays as it is, %s", (_, home: Environment) => {
    test("one of a newer version", async (context) => {
      const { folder, database } = freshFolder(context);
      makeNewer(database);
      const before = hashOf(database);
      const ended = await startApp({ DATA_FOLDER: folder, ...home }).ended;
      expect(ended.code).toBe(3);
      expectParagraph(ended);
      expect(ended.stderr).toContain("newer version");
      expect(hashOf(database)).toBe(before);
      expect(everyFile(folder)).toEqual(["ha_ml_data_layer.db"]);
    });

    test("a file that is no database", async (context) => {
      const { folder, database } = freshFolder(context);
      writeFileSync(database, "my holiday diary\n".repeat(20));
      const before = hashOf(database);
      const ended = await startApp({ DATA_FOLDER: folder, ...home }).ended;
      expect(ended.code).toBe(3);
      expectParagraph(ended);
      expect(ended.stderr).toContain("not an SQLite database");
      expect(hashOf(database)).toBe(before);
      expect(everyFile(folder)).toEqual(["ha_ml_data_layer.db"]);
    });

    test("a folder that is a file", async (context) => {
      const { folder } = freshFolder(context);
      const place = join(folder, "data");
      writeFileSync(place, "not a folder");
      const ended = await startApp({ DATA_FOLDER: place, ...home }).ended;
      expect(ended.code).toBe(3);
      expectParagraph(ended);
      expect(ended.stderr).toContain("is a file and no folder");
      expect(readFileSync(place, "utf8")).toBe("not a folder");
    });

    test.skipIf(process.getuid?.() === 0)(
      "a folder that this user may not write (root may, so it is skipped for root)",
      async (context) => {
        const { folder } = freshFolder(context);
        const place = join(folder, "data");
        mkdirSync(place);
        chmodSync(place, 0o555);
        const ended = await startApp({ DATA_FOLDER: place, ...home }).ended;
        chmodSync(place, 0o755);
        expect(ended.code).toBe(3);
        expectParagraph(ended);
        expect(everyFile(place)).toEqual([]);
      },
    );
  });

  describe("inside Home Assistant, where a restart would not help, the app stays up and says what is wrong", () => {
    const INSIDE = { ...NOBODY, SUPERVISOR_TOKEN: "any" };

    test("wrong options: their defaults are used, and one marker and one line of the log say all of them", async (context) => {
      const { folder, database } = freshFolder(context);
      const path = join(folder, "options.json");
      writeFileSync(path, '{"retention_days": 2, "night_anchor_hour": 10, "include": ["room:Kitchen"]}');
      const app = startApp({ DATA_FOLDER: folder, OPTIONS_FILE: path, ...INSIDE });
      const marker = await eventually(
        () => rowsOf<{ cause: string }>(database, "SELECT cause FROM degraded WHERE code = 'options_wrong'")[0],
        "the marker options_wrong",
      );
      for (const words of ["retention_days: must be at least 7, and is 2", "include.0: must be an entity pattern"]) {
        expect(marker.cause).toContain(words);
        const said = (): unknown[] => logLines(app.stderr()).filter((line) => String(line["msg"]).includes(words));
        await eventually(() => said()[0], "a line of the log"); // the marker is stored before the line has come through the pipe
        expect(said()).toHaveLength(1);
      }
      expect(rowsOf(database, "SELECT value FROM metadata WHERE key = 'anchor_hour'")).toEqual([{ value: "10" }]);
      expect((await app.stop("SIGTERM")).code).toBe(0);
    });

    test("a database of a newer version: the reason is served, wrong options with it, the file is not touched", async (context) => {
      const { folder, database } = freshFolder(context);
      makeNewer(database);
      const before = hashOf(database);
      const options = join(folder, "options.json");
      writeFileSync(options, '{"retention_days": 2}');
      const app = startApp({ DATA_FOLDER: folder, OPTIONS_FILE: options, ...INSIDE });
      const url = await app.url();
      const answer = await eventually(async () => {
        const ready = await fetch(`${url}readyz`);
        const text = await ready.text();
        if (!text.includes("newer version")) return null;
        return { status: ready.status, alive: (await fetch(`${url}healthz`)).status, namesOption: text.includes("retention_days") };
      }, "the reason");
      // Broken once: wrong options were told by a marker alone, and a refused database keeps none.
      expect(answer).toEqual({ status: 503, alive: 200, namesOption: true });
      expect(app.stderr()).toContain("retention_days: must be at least 7");
      expect((await app.stop("SIGTERM")).code).toBe(0);
      expect(hashOf(database)).toBe(before);
    });
  });

  describe("a second copy of the app", () => {
    test("on the same database it is refused with code 3, and the first one goes on", async (context) => {
      const { folder, database } = freshFolder(context);
      const first = startApp({ DATA_FOLDER: folder, ...NOBODY });
      await first.url();
      await eventually(() => rowsOf(database, "SELECT 1 FROM vw_health WHERE status <> 'starting'")[0], "the first app runs");
      for (const home of [NOBODY, {}]) {
        const second = await startApp({ DATA_FOLDER: folder, ...home }).ended;
        expect(second.code).toBe(3);
        expectParagraph(second);
        expect(second.stderr).toContain("owns the database");
        expect(existsSync(join(folder, "simulated_home"))).toBe(false);
      }
      expect((await fetch(`${await first.url()}healthz`)).status).toBe(200);
      expect((await first.stop("SIGTERM")).code).toBe(0);
    });

    test("on the same port it ends with code 1 and says which port is taken, and no database is made", async (context) => {
      const { folder, database } = freshFolder(context);
      const taken = createServer();
      await new Promise<void>((resolve) => taken.listen(0, "127.0.0.1", resolve));
      context.onTestFinished(() => void taken.close());
      const port = String((taken.address() as { port: number }).port);
      for (const home of [NOBODY, {}]) {
        const ended = await startApp({ DATA_FOLDER: folder, PORT: port, ...home }).ended;
        expect(ended.code).toBe(1);
        expectParagraph(ended);
        expect(ended.stderr).toContain(`Port ${port}`);
        expect(existsSync(database)).toBe(false);
      }
    });
  });

  describe("a Home Assistant that does not answer as it should leaves the app up", () => {
    interface Health {
      readonly status: string;
      readonly connection: string | null;
      readonly degraded_reasons: string;
    }
    const healthOf = (database: string): Health | undefined => rowsOf<Health>(database, "SELECT * FROM vw_health")[0];
    const markerOf = (database: string, code: string): { readonly cause: string } | undefined =>
      (JSON.parse(healthOf(database)?.degraded_reasons ?? "[]") as { code: string; cause: string }[]).find((each) => each.code === code);

    test("a wrong token: health says so, it is tried again, and a token that is restored works by itself", async (context) => {
      const { folder, database } = freshFolder(context);
      const demo = createDemoServer({ weeks: 1, seed: 11 });
      const { url, token } = await demo.start();
      context.onTestFinished(demo.stop);
      demo.faults.refuseTokens(true);
      const app = startApp({ DATA_FOLDER: folder, HA_URL: url, HA_TOKEN: token });
      const marker = await eventually(() => markerOf(database, "token_rejected"), "the marker token_rejected");
      expect(marker.cause).toContain("long-lived access token");
      expect(healthOf(database)).toMatchObject({ status: "degraded", connection: "authFailed" });
      expect(app.stderr()).not.toContain(token);
      demo.faults.refuseTokens(false);
      await eventually(() => (healthOf(database)?.connection === "connected" ? true : null), "connected by itself");
      await eventually(() => (markerOf(database, "token_rejected") === undefined ? true : null), "the marker is gone");
      expect((await app.stop("SIGINT")).code).toBe(0);
    });

    test("not up yet: it connects when Home Assistant comes", { timeout: 180_000 }, async (context) => {
      const { folder, database } = freshFolder(context);
      const probe = createServer();
      await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
      const { port } = probe.address() as { port: number };
      await new Promise((resolve) => probe.close(resolve));
      const app = startApp({ DATA_FOLDER: folder, HA_URL: `http://127.0.0.1:${port}`, HA_TOKEN: "the token" });
      const marker = await eventually(() => markerOf(database, "home_assistant_unreachable"), "the marker home_assistant_unreachable");
      expect(marker.cause).toContain("not started yet");
      const page = await app.url();
      expect(JSON.stringify(await (await fetch(`${page}readyz`)).json())).toContain("not started yet");
      const demo = createDemoServer({ weeks: 1, seed: 12, port, token: "the token" });
      await demo.start();
      context.onTestFinished(demo.stop);
      await eventually(() => (healthOf(database)?.connection === "connected" ? true : null), "connected by itself");
      await eventually(() => (healthOf(database)?.degraded_reasons === "[]" ? true : null), "no marker stays");
      expect((await app.stop("SIGINT")).code).toBe(0);
    });

    test("an address where something else answers: health says that it is not Home Assistant", async (context) => {
      const { folder, database } = freshFolder(context);
      const other = createServer((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"));
      await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
      context.onTestFinished(() => void other.close());
      const { port } = other.address() as { port: number };
      const app = startApp({ DATA_FOLDER: folder, HA_URL: `http://127.0.0.1:${port}`, HA_TOKEN: "any" });
      const marker = await eventually(() => markerOf(database, "home_assistant_unreachable"), "the marker home_assistant_unreachable");
      expect(marker.cause).toContain("is not Home Assistant");
      expect(app.stderr()).not.toMatch(/^\s+at /m);
      expect((await app.stop("SIGINT")).code).toBe(0);
    });
  });
}
