import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { type Db, openForWriting } from "../../src/store/db.ts";
import { migrate } from "../../src/store/migrate.ts";

/** A folder of the test's own, gone when the test has finished. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "ml-data-layer-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A migrated database in a real file. */
export function temporaryDatabase(nowMs = Date.UTC(2026, 0, 1)): Db {
  const db = openForWriting(join(temporaryFolder(), "test.db"));
  migrate(db, nowMs);
  onTestFinished(() => db.close());
  return db;
}
