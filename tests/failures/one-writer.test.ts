import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { commands } from "../../src/cli/commands.ts";
import { openForReading, openForWriting } from "../../src/store/db.ts";
import { migrate } from "../../src/store/migrate.ts";
import { takeOwnership } from "../../src/store/ownership.ts";
import { setMetadata } from "../../src/store/tables/metadata.ts";
import { type Ended, runCommand } from "../e2e/program.ts";
import { playPlace } from "./scene.ts";

/** Two processes never write one database: a command that writes asks the app that owns the file, and writes nothing itself. */

const DAY = "2026-01-10";
/** How each command writes to the database; null = it only reads, or writes elsewhere. A new command has to be put here. */
const WRITING: Readonly<Record<string, readonly (readonly string[])[] | null>> = {
  status: null,
  export: null,
  doctor: null,
  apps: null,
  token: null,
  healthcheck: null,
  backfill: [[]],
  features: [["--rebuild"]],
  train: [[]],
  predict: [[]],
  changes: [[]],
  label: [
    ["add", `${DAY}T01:00`, `${DAY}T07:00`],
    ["exclude", `${DAY}T01:00`, `${DAY}T07:00`],
    ["remove", "1"],
    ["import", "FOLDER/labels.csv"],
  ],
  models: [["promote", "1"], ["rollback"]],
  backup: [[], ["FOLDER/elsewhere.db"]],
  restore: [["FOLDER/good.db"]],
  replay: [["FOLDER", "--db", "FOLDER/ha_ml_data_layer.db"]],
};

test("every command is known to write or to read", () => {
  expect(commands.map(({ name }) => name).filter((name) => !(name in WRITING))).toEqual([]);
});

// Broken once by letting `askOrRun` (src/cli/alone.ts) and then `backup` go on without asking isOwned: code 3 or a changed file.
describe("while another process owns the file and does not answer", { concurrent: true }, () => {
  const calls = commands.flatMap(({ name }) => (WRITING[name] ?? []).map((words) => [name, ...words]));
  test.for(calls)("%s is refused and changes nothing", { timeout: 60_000 }, (words) =>
    playPlace(async ({ folder, database, atEnd }) => {
      const db = openForWriting(database);
      migrate(db, 0);
      setMetadata(db, { time_zone: "Europe/Amsterdam", heartbeat_at: "2026-01-10T00:00:00.000Z" });
      db.copyTo(join(folder, "good.db"));
      db.close();
      writeFileSync(join(folder, "labels.csv"), `start,end\n${DAY}T01:00,${DAY}T07:00\n`);
      const reader = openForReading(database);
      atEnd(reader.close);
      const before = reader.pragma("data_version");
      atEnd(takeOwnership(database));
      const ended = await runCommand(
        words.map((word) => word.replace("FOLDER", folder)),
        { DATA_FOLDER: folder },
      );
      expectRefused(ended);
      expect(reader.pragma("data_version")).toBe(before);
    }),
  );
});

function expectRefused({ code, stderr }: Ended): void {
  expect({ code, stderr }).not.toMatchObject({ code: 0 });
  expect(stderr).not.toMatch(/^\s+at /m);
  expect(stderr.trim().length).toBeGreaterThan(20);
}
