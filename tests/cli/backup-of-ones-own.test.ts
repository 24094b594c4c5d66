import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { backupCommand } from "../../src/cli/backup.ts";
import { openForReading, openForWriting } from "../../src/store/db.ts";
import { migrate } from "../../src/store/migrate.ts";
import { getHealth, getMetadata } from "../../src/store/tables/metadata.ts";
import { temporaryFolder } from "../helpers/database.ts";

test("a copy into a file of one's own is not the last backup; one into the folder of the backups is", async () => {
  const folder = temporaryFolder();
  const path = join(folder, "ha_ml_data_layer.db");
  const made = openForWriting(path);
  migrate(made, 0);
  made.close();
  const told = (): unknown[] => {
    const db = openForReading(path);
    const last = [getMetadata(db, "last_backup_at") ?? null, getHealth(db)["backup_bytes"] ?? null];
    db.close();
    return last;
  };
  const print = vi.spyOn(process.stdout, "write").mockReturnValue(true);
  // Broken once: the date was that of the copy.
  expect(await backupCommand.run([join(folder, "own.db")], { DATA_FOLDER: folder })).toBe(0);
  expect(told()).toEqual([null, null]);
  expect(await backupCommand.run([], { DATA_FOLDER: folder })).toBe(0);
  expect(told()).toEqual([expect.stringMatching(/^\d{4}-/), expect.stringMatching(/^\d+$/)]);
  print.mockRestore();
});
