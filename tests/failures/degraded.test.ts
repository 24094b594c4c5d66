import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { backupCommand } from "../../src/cli/backup.ts";
import { doctorCommand } from "../../src/cli/doctor.ts";
import { homeZone, shownTime } from "../../src/cli/home-zone.ts";
import { statusCommand } from "../../src/cli/status.ts";
import { addToken } from "../../src/runtime/token-file.ts";
import { openForReading, openForWriting } from "../../src/store/db.ts";
import { eventually, rowsOf } from "../e2e/program.ts";
import { appsProcesses } from "../runtime/apps/process-scene.ts";
import { type AppHere, startAppHere } from "./app-here.ts";
import { listening, marked, type Place, playPlace } from "./scene.ts";
import { smallDisk } from "./small-disk.ts";
import { untilAllIsStored } from "./stored.ts";

/** Every degraded code is produced once by its real cause, is documented, and is told alike wherever it is told. */

const DAY_MS = 86_400_000;
const HISTORY = "history/history_during_period";

const SLOW = `import { App } from "ml-data-layer";
export default class Slow extends App {
  async initialize() {
    await this.listenState("*", () => {
      for (const untilMs = performance.now() + 0.2; performance.now() < untilMs; );
    });
  }
}
`;

function optionsFile(place: Place, options: object): Record<string, string> {
  const path = join(place.folder, "options.json");
  writeFileSync(path, JSON.stringify(options));
  return { OPTIONS_FILE: path };
}

/** What a command prints. */
async function printed(run: () => Promise<number>): Promise<string> {
  const { write } = process.stdout;
  let text = "";
  process.stdout.write = ((words: string) => {
    text += words;
    return true;
  }) as typeof write;
  try {
    await run();
  } finally {
    process.stdout.write = write;
  }
  return text;
}

interface Marker {
  readonly code: string;
  readonly since: string;
  readonly cause: string;
  readonly effect: string;
  readonly remedy: string;
}

test(
  "vw_health, the API, readiness, metrics, status and doctor tell the same troubles in the same words",
  () =>
    playPlace(async (place) => {
      const source = await place.source();
      const environment = optionsFile(place, { include: ["sensor.*", "domain:nothing"], attributes: ["sensor.talks#text"] });
      const app = await place.appHere({ source, environment });
      await listening(app, source, 1);
      source.say("sensor.talks", "1", { text: "x".repeat(300) });
      await marked(place.database, "attribute_too_long");
      await marked(place.database, "choice_matches_nothing");
      const [row] = rowsOf<{ reasons: string }>(place.database, "SELECT degraded_reasons AS reasons FROM vw_health");
      const told = JSON.parse(row!.reasons) as Marker[];
      expect(told.map(({ code }) => code).sort()).toEqual(["attribute_too_long", "choice_matches_nothing"]);

      const health = (await (await fetch(`${app.url}api/v1/health`)).json()) as { status: string; degradedReasons: Marker[] };
      expect(health).toMatchObject({ status: "degraded", degradedReasons: told });
      const overview = (await (await fetch(`${app.url}api/v1/overview`)).json()) as { health: { degradedReasons: Marker[] } };
      expect(overview.health.degradedReasons).toEqual(told);
      const ready = (await (await fetch(`${app.url}readyz`)).json()) as { reasons: string[] };
      expect(ready.reasons).toEqual(told.map(({ cause, remedy }) => `${cause} ${remedy}`));
      const metrics = await (await fetch(`${app.url}metrics`)).text();
      for (const { code } of told) expect(metrics).toContain(`ml_data_layer_degraded{code="${code}"} 1`);
      expect(metrics.match(/^ml_data_layer_degraded\{/gm)).toHaveLength(told.length);

      const settings = { DATA_FOLDER: place.folder, ...environment };
      const status = JSON.parse(await printed(() => statusCommand.run(["--json"], settings))) as { degradedReasons: Marker[] };
      expect(status.degradedReasons).toEqual(told);
      const screen = await printed(() => statusCommand.run([], settings));
      for (const marker of told)
        expect(screen).toContain(
          `${marker.code} since ${shownTime(Date.parse(marker.since), homeZone(settings))}: ${marker.cause} ${marker.effect} ${marker.remedy}`,
        );
      const doctor = JSON.parse(
        await printed(() => doctorCommand.run(["--quick", "--json"], { ...settings, HA_URL: source.url, HA_TOKEN: source.token })),
      ) as {
        checks: { name: string; since?: string; words: string; remedy: string }[];
      };
      expect(doctor.checks.filter(({ since }) => since !== undefined)).toEqual(
        told.map(({ code, since, cause, effect, remedy }) => ({ name: code, since, state: "warn", words: `${cause} ${effect}`, remedy })),
      );
    }),
  200_000,
);

describe("by its real cause", () => {
  test(
    "repair_failed: Home Assistant's recorder answers with an error, until it answers again",
    () =>
      playPlace(async (place) => {
        const source = await place.source();
        const app = await place.appHere({ source });
        await listening(app, source, 1);
        source.answerWith(HISTORY, () => {
          throw { code: "unknown_error", message: "the recorder is busy" };
        });
        source.close(1000);
        source.burst(50);
        await marked(place.database, "repair_failed");
        source.answerWith(HISTORY, null);
        source.close(1000);
        await gone(place.database, "repair_failed");
      }),
    200_000,
  );

  test(
    "wal_large: another program keeps a read transaction open while much is written",
    () =>
      playPlace(async (place) => {
        const source = await place.source();
        await place.appHere({ source });
        const reader = openForReading(place.database);
        reader.exec("BEGIN");
        reader.get("SELECT count(*) FROM entities");
        const other = openForWriting(place.database);
        other.exec("CREATE TABLE stray (bytes BLOB)");
        for (let i = 0; i < 36; i += 1) other.run("INSERT INTO stray VALUES (zeroblob(4000000))");
        await marked(place.database, "wal_large");
        reader.exec("COMMIT");
        reader.close();
        other.exec("DROP TABLE stray");
        other.close();
        await gone(place.database, "wal_large");
      }),
    200_000,
  );

  test(
    "backup_old and job_failed_backup: the folder of the backups is none any more, and days pass",
    () =>
      playPlace(async (place) => {
        const source = await place.source();
        const app = await place.appHere({ source });
        await run(app, "backup");
        await eventually(
          () => rowsOf(place.database, "SELECT 1 FROM metadata WHERE key = 'last_backup_at'")[0],
          "the first backup is made",
          60_000,
        );
        rmSync(join(place.folder, "backups"), { recursive: true });
        writeFileSync(join(place.folder, "backups"), "in the way");
        await run(app, "backup");
        await marked(place.database, "job_failed_backup");
        // The log names the run as vw_schedule_runs does.
        const [failed] = rowsOf<{ due: string }>(
          place.database,
          "SELECT due_at_utc AS due FROM vw_schedule_runs WHERE job = 'backup' AND status = 'failed'",
        );
        await eventually(
          () => app.log.find((line) => line.includes(`"runId":"backup@${failed!.due}","status":"failed"`)),
          "the run in the log",
        );
        app.clock.jump(4 * DAY_MS);
        await marked(place.database, "backup_old");
        // A copy of somebody's own is no answer to that. Broken once: it took the marker away.
        const last = rowsOf(place.database, "SELECT last_backup_at_utc, last_backup_bytes FROM vw_health");
        const copy = (): Promise<true | null> =>
          printed(() => backupCommand.run([join(place.folder, "own.db")], { DATA_FOLDER: place.folder })).then(
            () => true as const,
            // The nightly one that the jump made due is under way.
            (error: Error) => (error.message.includes("busy") ? null : Promise.reject(error)),
          );
        await eventually(copy, "a copy of somebody's own");
        app.clock.jump(70_000);
        await eventually(() => app.log.find((line) => line.includes("seen 2 times")), "a later look");
        expect(rowsOf(place.database, "SELECT last_backup_at_utc, last_backup_bytes FROM vw_health")).toEqual(last);
        expect(markers(place.database)).toContain("backup_old");
        rmSync(join(place.folder, "backups"));
        await run(app, "backup");
        await gone(place.database, "backup_old");
      }),
    200_000,
  );

  test(
    "tokens_unreadable: half of the file of tokens is lost, until it is whole again",
    () =>
      playPlace(async (place) => {
        const source = await place.source();
        const path = join(place.folder, "api_tokens.json");
        const token = addToken(path, { name: "grafana", scope: "read", nowMs: 0 });
        const whole = readFileSync(path);
        const app = await place.appHere({ source, atOnce: true });
        // As from another machine: this one needs no token.
        const headers = { authorization: `Bearer ${token}`, "x-forwarded-for": "192.0.2.7" };
        const ask = async (): Promise<number> => (await fetch(`${app.url}api/v1/health`, { headers })).status;
        const doctor = async (): Promise<unknown> => {
          const told = await printed(() => doctorCommand.run(["--quick", "--json"], { DATA_FOLDER: place.folder }));
          return (JSON.parse(told) as { checks: { name: string; state: string }[] }).checks.find(({ name }) => name === "tokens");
        };
        expect([await ask(), await doctor()]).toMatchObject([200, { state: "ok", words: "1 can be used" }]);
        writeFileSync(path, whole.subarray(0, whole.length / 2));
        await marked(place.database, "tokens_unreadable");
        expect([await ask(), await doctor()]).toMatchObject([401, { state: "fail", words: expect.stringContaining(path) }]);
        writeFileSync(path, whole);
        await gone(place.database, "tokens_unreadable");
        expect(await ask()).toBe(200);
      }),
    200_000,
  );

  test(
    "contract_broken: another program has changed a table so that a view cannot be made",
    () =>
      playPlace(async (place) => {
        const source = await place.source();
        const first = await place.appHere({ source });
        await first.stop();
        const other = openForWriting(place.database);
        other.exec("DROP VIEW vw_bocpd_changes; ALTER TABLE change_points RENAME COLUMN start_low_ms TO start_low");
        other.close();
        await place.appHere({ source, atOnce: true });
        await marked(place.database, "contract_broken");
      }),
    200_000,
  );

  test(
    "disk_nearly_full and database_growth: the database lies on a disk of 8 MiB and is to keep rows for ten years",
    (context) =>
      playPlace(async (place) => {
        const disk = smallDisk(place.folder);
        place.atEnd(disk.remove);
        if (!disk.words.includes("tmpfs")) return context.skip("no tmpfs can be mounted here");
        const source = await place.source();
        const environment = optionsFile(place, { retention_days: 3650, feature_retention_days: 3650 });
        const app = await startAppHere({ folder: disk.folder, source, environment });
        place.atEnd(app.stop);
        await marked(app.database, "disk_nearly_full");
        await run(app, "maintenance");
        await eventually(() => (markers(app.database).includes("database_growth") ? true : null), "database_growth", 60_000);
      }),
    150_000,
  );

  test(
    "no_events: Home Assistant answers every ping and tells of nothing, until an entity speaks that is not even chosen",
    () =>
      playPlace(async (place) => {
        const source = await place.source();
        for (let minutes = 3 * 1440; minutes > 0; minutes -= 10)
          source.record("sensor.steady", `${minutes}`, source.nowMs() - minutes * 60_000);
        const app = await place.appHere({ source, environment: optionsFile(place, { exclude: ["sensor.left_out"] }) });
        await listening(app, source, 1);
        await eventually(() => (markers(place.database).includes("no_events") ? true : null), "no_events", 120_000);
        expect(rowsOf(place.database, "SELECT connection FROM vw_health")).toEqual([{ connection: "connected" }]);
        expect(app.connectedTimes()).toBe(1);
        // Broken once: counted behind the choice, it stayed.
        source.say("sensor.left_out", "1");
        await gone(place.database, "no_events");
      }),
    200_000,
  );

  test(
    "apps_ended: the process of the apps is killed, until there is another",
    () =>
      playPlace(async (place) => {
        const source = await place.source();
        writeFileSync(join(place.folder, "apps.yaml"), "slow: { file: slow.js }\n");
        writeFileSync(join(place.folder, "slow.js"), SLOW);
        const app = await place.appHere({ source, faster: 1, environment: { APPS_FOLDER: place.folder } });
        await listening(app, source, 1);
        await eventually(() => app.log.find((line) => line.includes("The app runs")), "the app runs");
        process.kill(appsProcesses()[0]!, "SIGKILL");
        await eventually(() => app.log.find((line) => /apps_ended.*/.test(line)), "it is marked");
        expect(app.marked()).toContain("apps_ended");
        await gone(place.database, "apps_ended");
        await eventually(() => app.log.filter((line) => line.includes("The app runs"))[1], "it runs in another process");
        source.burst(10);
        expect(await untilAllIsStored(source, place.database)).toMatchObject({ lost: [], doubled: [] });
      }),
    150_000,
  );

  // Broken once: with nobody who looks whether it reads again (app-lane.ts) it stays behind until the program ends.
  test(
    "app_behind_: an app needs longer for each change than there is time for, until the changes are fewer",
    () =>
      playPlace(async (place) => {
        const source = await place.source();
        writeFileSync(join(place.folder, "apps.yaml"), "slow: { file: slow.js }\n");
        writeFileSync(join(place.folder, "slow.js"), SLOW);
        // As fast as life, or an app that a busy machine keeps waiting would be taken for stuck.
        const app = await place.appHere({ source, faster: 6, appsFaster: 6, environment: { APPS_FOLDER: place.folder } });
        await listening(app, source, 1);
        await eventually(() => app.log.find((line) => line.includes("The app runs")), "the app runs");
        source.burst(40_000);
        await marked(place.database, "app_behind_slow");
        const said = /The app slow is slower than what it listens to; \d+ of its calls were dropped/;
        await eventually(() => app.log.find((line) => said.test(line)), "it is said in the log");
        // A minute without another one ends it; the next look sees that.
        await eventually(() => (source.waitingBytes() === 0 ? true : null), "all is sent");
        await gone(place.database, "app_behind_slow");
        expect(await untilAllIsStored(source, place.database)).toMatchObject({ lost: [], doubled: [] });
      }),
    200_000,
  );

  test(
    "events_waiting: another program's trigger refuses every event, until it is taken away",
    () =>
      playPlace(async (place) => {
        const source = await place.source();
        const app = await place.appHere({ source });
        await listening(app, source, 1);
        const other = openForWriting(place.database);
        other.exec("CREATE TRIGGER stray BEFORE INSERT ON raw_events BEGIN SELECT RAISE(ABORT, 'refused'); END");
        source.burst(50);
        await marked(place.database, "events_waiting");
        other.exec("DROP TRIGGER stray");
        other.close();
        await gone(place.database, "events_waiting");
        source.burst(10);
        expect(await untilAllIsStored(source, place.database)).toMatchObject({ lost: [], doubled: [] });
      }),
    200_000,
  );
});

/** Asks for a job until the schedules have begun. */
async function run(app: AppHere, job: string): Promise<void> {
  const ask = (): Promise<Response> =>
    fetch(`${app.url}api/v1/schedules/${job}/run`, { method: "POST", headers: { "content-type": "application/json" } });
  await eventually(async () => ((await ask()).status === 202 ? true : null), `${job} is started`, 60_000);
}

async function gone(database: string, code: string): Promise<void> {
  await eventually(() => (markers(database).includes(code) ? null : true), `${code} is over`, 40_000);
}

function markers(database: string): string[] {
  return rowsOf<{ code: string }>(database, "SELECT code FROM degraded").map(({ code }) => code);
}

/** Where each code comes up by its own cause. */
const PLAYED: Readonly<Record<string, string>> = {
  home_assistant_unreachable: "failures/connection-scenes.ts",
  token_rejected: "failures/connection-scenes.ts",
  no_events: "failures/degraded.test.ts",
  repair_failed: "failures/degraded.test.ts",
  options_wrong: "e2e/bad-input-checks.ts",
  choice_matches_nothing: "failures/degraded.test.ts",
  options_match_nothing: "flow/features-choice.test.ts",
  attribute_too_long: "failures/degraded.test.ts",
  events_waiting: "failures/degraded.test.ts",
  events_dropped: "app/load.test.ts",
  clock_skew: "app/clock-health.test.ts",
  clock_jumped: "app/clock-health.test.ts",
  contract_broken: "failures/degraded.test.ts",
  job_failed_: "failures/thread-scenes.ts",
  mqtt_unreachable: "mqtt/mqtt-entities.test.ts",
  apps_ended: "failures/degraded.test.ts",
  apps_file_wrong: "e2e/user-apps.test.ts",
  app_failed_: "e2e/user-apps.test.ts",
  app_behind_: "failures/degraded.test.ts",
  database_corrupt: "flow/maintain.test.ts",
  restored_from_backup: "e2e/backups.test.ts",
  disk_nearly_full: "failures/degraded.test.ts",
  not_written: "failures/full-disk.test.ts",
  database_growth: "failures/degraded.test.ts",
  wal_large: "failures/degraded.test.ts",
  backup_old: "failures/degraded.test.ts",
  tokens_unreadable: "failures/degraded.test.ts",
};

test("every code of the source has a row in the manual and a test of its cause, and there is no other", () => {
  const folder = join(import.meta.dirname, "../../src");
  const text = readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => /^(app|flow|store|runtime)\/.*\.ts$/.test(name))
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("\n");
  const marks = [
    ...text.matchAll(/\bcode:\s*(?:[\w.]+ === "\w+" \? )?("\w+"(?: : "\w+")?|`job_failed_|`app_failed_|`app_behind_)/g),
  ].flatMap(([, words]) => [...words!.matchAll(/\w+/g)].map(([code]) => code));
  const codes = [...new Set([...marks, "restored_from_backup"])].filter(
    (code) => /^[a-z]+(_[a-z]+)+_?$/.test(code) && code !== "not_ready",
  );
  expect(codes.sort()).toEqual(Object.keys(PLAYED).sort());
  const manual = readFileSync(join(folder, "../DOCS.md"), "utf8");
  for (const [code, file] of Object.entries(PLAYED)) {
    expect([code, manual.includes(`| \`${code}`) || manual.includes(`, \`${code}\``)]).toEqual([code, true]);
    expect([code, readFileSync(join(import.meta.dirname, "..", file), "utf8").includes(code)]).toEqual([code, true]);
  }
});
