import { writeFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import { backfillCommand } from "../../src/cli/backfill.ts";
import type { Command } from "../../src/cli/command.ts";
import { exportCommand } from "../../src/cli/export.ts";
import { featuresCommand } from "../../src/cli/features.ts";
import { homeZone } from "../../src/cli/home-zone.ts";
import { labelCommand } from "../../src/cli/label.ts";
import { optionTime } from "../../src/cli/said-time.ts";
import { WrongUsage } from "../../src/exit.ts";
import { putTargets } from "../../src/store/tables/labels.ts";
import { setMetadata } from "../../src/store/tables/metadata.ts";
import { instantOf } from "../../src/web/api/shapes.ts";
import { temporaryDatabase } from "../helpers/database.ts";

const NOT_TIMES = ["5", "Nov 28", "2026-02-30", "2026-11-28T25:00"];

function homeIn(timeZone: string) {
  const db = temporaryDatabase();
  setMetadata(db, { time_zone: timeZone });
  putTargets(db, { targets: [{ name: "sleep", startEntity: "input_datetime.a", endEntity: "input_datetime.b" }], nowMs: 0 });
  const run = async (command: Command, ...words: string[]): Promise<string> => {
    let printed = "";
    const print = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
      printed += String(text);
      return true;
    });
    try {
      await command.run(words, { DB_PATH: db.path });
      return printed;
    } finally {
      print.mockRestore();
    }
  };
  return { db, run };
}

test.each(NOT_TIMES)("%j is refused by each command in words with an example", async (text) => {
  const { run } = homeIn("Europe/Amsterdam");
  const calls: [Command, ...string[]][] = [
    [exportCommand, "vw_labels", "--since", text],
    [backfillCommand, "--from", text, "--to", "2026-11-28"],
    [backfillCommand, "--to", text],
    [featuresCommand, "--from", text],
    [featuresCommand, "--to", text],
    [labelCommand, "add", text, "2026-11-28T07:00"],
    [labelCommand, "exclude", "2026-11-28T07:00", text],
    [labelCommand, "none", text],
  ];
  for (const call of calls) {
    const refused = await run(...call).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(WrongUsage);
    expect((refused as Error).message).toMatch(/(?:no time that there is.*|no day of the calendar) like 2026-11-20/);
    expect((refused as Error).message).not.toMatch(/[{}]/);
  }
});

test("a date or a local time is one by the home's clock, as the API reads it", () => {
  const { db } = homeIn("Asia/Kathmandu");
  const zone = (): string => homeZone({ DB_PATH: db.path }).timeZone;
  for (const text of ["2026-11-28", "2026-11-28T00:00", "2026-11-28 12:30:15", "2026-11-28T00:00Z", "2026-11-28T00:00+02:00"]) {
    expect(optionTime(text, "since", zone)).toBe(instantOf(text, "Asia/Kathmandu"));
  }
  expect(optionTime("2026-11-28", "since", zone)).toBe(Date.UTC(2026, 10, 27, 18, 15));
});

test("in the hour that comes twice `label add` takes the end that lies after the start, as an import does", async () => {
  const { db, run } = homeIn("Europe/Amsterdam");
  await run(labelCommand, "add", "2026-10-25T02:50", "2026-10-25T02:10");
  expect(db.all("SELECT start_utc, end_utc FROM vw_labels")).toEqual([
    { start_utc: "2026-10-25T00:50:00.000Z", end_utc: "2026-10-25T01:10:00.000Z" },
  ]);
});

// Broken once, with UTC as the zone of --since: the label of half past eight by the home's clock, the evening before in UTC, was left out.
test("an export begins at the home's midnight", async () => {
  const { run } = homeIn("Pacific/Auckland");
  await run(labelCommand, "add", "2026-01-10T00:30", "2026-01-10T08:30");
  await run(labelCommand, "add", "2026-01-08T23:30", "2026-01-09T08:30");
  const rows = (await run(exportCommand, "vw_labels", "--since", "2026-01-10")).trim().split("\n").slice(1);
  expect(rows).toHaveLength(1);
  expect(rows[0]).toContain("2026-01-09T11:30:00");
});

test("an export of what is of now takes no --since", async () => {
  const { run } = homeIn("Europe/Amsterdam");
  await expect(run(exportCommand, "vw_health", "--since", "2026-11-20")).rejects.toThrow(/are of no instant, so --since means nothing/);
});

test("a good time is never called none because the database cannot be read", async () => {
  const { db, run } = homeIn("Europe/Amsterdam");
  db.close();
  writeFileSync(db.path, "no database at all".repeat(100));
  await expect(run(labelCommand, "add", "2026-11-27T23:10", "2026-11-28T07:00")).rejects.toThrow(/is not a database/);
});
