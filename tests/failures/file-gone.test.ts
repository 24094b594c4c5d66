import { readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { createReaderThread } from "../../src/runtime/threads/reader-client.ts";
import { checkFile } from "../../src/store/damage.ts";
import { problemOf } from "../../src/web/problem.ts";
import { eventually, logLines, rowsOf, runCommand } from "../e2e/program.ts";
import { temporaryFolder } from "../helpers/database.ts";
import { startAppHere } from "./app-here.ts";
import { isListening } from "./process-scenes.ts";
import { type Place, playPlace } from "./scene.ts";
import { untilAllIsStored } from "./stored.ts";

/** The database's file, or all of its folder, is removed or replaced while the app runs. */

const LIMIT = { timeout: 240_000 };

// Broken once: 500, "The app failed to answer".
test("a question to a file that is not there is one to ask again", async () => {
  const reads = createReaderThread(join(temporaryFolder(), "gone.db"));
  const error: unknown = await reads.readSoon("healthReport", null).catch((reason: unknown) => reason);
  expect(problemOf(error)).toMatchObject({
    status: 503,
    code: "not ready",
    message: expect.stringMatching(/was removed.*Try again in a minute/),
  });
  await reads.close();
});

/** The program with some events and one label stored. */
async function home(place: Place) {
  const source = await place.source();
  const settings = { DATA_FOLDER: place.folder, HA_URL: source.url, HA_TOKEN: source.token };
  const app = place.appProcess(source);
  await isListening(app);
  source.burst(500);
  await untilAllIsStored(source, place.database);
  const said = await runCommand(["label", "add", "2026-11-01T22:00:00Z", "2026-11-02T06:00:00Z"], settings);
  expect(said.code, said.stderr).toBe(0);
  const logged = (words: string): Promise<unknown> =>
    eventually(() => logLines(app.stderr()).find(({ msg }) => String(msg).startsWith(words)), words);
  return { source, settings, app, logged, url: await app.url() };
}

const labels = (database: string): unknown[] => rowsOf(database, "SELECT count(*) AS n FROM labels");

// Broken once: /readyz and the API answered 500 for ever, everything went into the removed file, and nothing said so.
test.each([
  ["the database's file", (place: Place) => rmSync(place.database)],
  ["its log", (place: Place) => rmSync(`${place.database}-wal`)],
  [
    "all of its folder",
    (place: Place) => {
      for (const name of readdirSync(place.folder)) rmSync(join(place.folder, name), { recursive: true });
    },
  ],
] as const)("%s is removed under the running app: nothing is lost, and whoever asks meanwhile is told to wait", LIMIT, (_, remove) =>
  playPlace(async (place) => {
    const { source, settings, logged, url } = await home(place);
    remove(place);
    source.burst(200);
    const answers: number[] = [];
    const ask = async (): Promise<void> => {
      for (const path of ["readyz", "api/v1/entities"]) answers.push((await fetch(`${url}${path}`)).status);
    };
    await ask();
    await logged("the database may be damaged");
    await ask();
    await logged("the database is sound");
    await eventually(async () => ((await fetch(`${url}readyz`)).status === 200 ? true : null), "the app is ready");
    expect(answers.filter((status) => status !== 200 && status !== 503)).toEqual([]);
    source.burst(200);
    expect((await untilAllIsStored(source, place.database)).lost).toEqual([]);
    expect(labels(place.database)).toEqual([{ n: 1 }]);
    expect(checkFile(place.database)).toEqual([]);
    // Lock and socket are there again, too.
    expect(readdirSync(place.folder)).toEqual(expect.arrayContaining(["ha_ml_data_layer.db.lock", "ha_ml_data_layer.db.sock"]));
    const asked = await runCommand(["label", "add", "2026-11-02T22:00:00Z", "2026-11-03T06:00:00Z"], settings);
    expect(asked.code, asked.stderr).toBe(0);
    expect(labels(place.database)).toEqual([{ n: 2 }]);
  }),
);

test("stopped at once after its file was removed, the app writes all that it holds before it says that all is stored", LIMIT, () =>
  playPlace(async (place) => {
    const { app, source, settings } = await home(place);
    rmSync(place.database);
    const { code, stderr } = await app.stop("SIGTERM");
    expect([code, logLines(stderr).at(-1)]).toMatchObject([0, { msg: "stopped; everything received is stored" }]);
    // Broken once: there was no file, and the next start began anew.
    expect(labels(place.database)).toEqual([{ n: 1 }]);
    await isListening(place.appProcess(source, settings));
    expect((await untilAllIsStored(source, place.database)).lost).toEqual([]);
  }),
);

test("another file in its place is taken up, and what the app held is kept beside it", LIMIT, () =>
  playPlace(async (place) => {
    const { settings, logged, app } = await home(place);
    const other = join(place.folder, "other.db");
    // The app may be at its first backup.
    await eventually(async () => ((await runCommand(["backup", other], settings)).code === 0 ? true : null), "a copy");
    await runCommand(["label", "add", "2026-11-02T22:00:00Z", "2026-11-03T06:00:00Z"], settings);
    renameSync(other, place.database);
    await logged("another file was put into the database's place");
    await logged("the database is sound");
    await app.stop("SIGTERM");
    const aside = readdirSync(place.folder).filter((name) => name.includes(".replaced-"));
    expect([labels(place.database), labels(join(place.folder, aside[0]!))]).toEqual([[{ n: 1 }], [{ n: 2 }]]);
  }),
);

test("a stop that cannot write anew what it holds says that it is lost", LIMIT, () =>
  playPlace(async ({ folder, source, atEnd }) => {
    const data = join(folder, "data");
    const app = await startAppHere({ folder: data, source: await source() });
    atEnd(app.stop);
    rmSync(data, { recursive: true });
    writeFileSync(data, "");
    // Broken once: "everything received is stored".
    expect(await app.stop()).toMatch(/EEXIST|ENOTDIR/);
    expect(app.log.at(-1)).toMatch(/^error the database's file was gone, and what the app held of it could not be written anew/);
  }),
);
