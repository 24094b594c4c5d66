import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
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

/** Migrated files by when they were made: made once, because laws ask for hundreds. */
const made = new Map<number, Buffer>();

function madeAt(nowMs: number): Buffer {
  const known = made.get(nowMs);
  if (known !== undefined) return known;
  const path = join(temporaryFolder(), "made.db");
  const db = openForWriting(path);
  migrate(db, nowMs);
  db.close();
  const bytes = readFileSync(path);
  made.set(nowMs, bytes);
  return bytes;
}

/** A migrated database in a real file, or a copy of one whose bytes were kept. */
export function temporaryDatabase(nowMs = Date.UTC(2026, 0, 1), bytes?: Buffer): Db {
  const path = join(temporaryFolder(), "test.db");
  writeFileSync(path, bytes ?? madeAt(nowMs));
  const db = openForWriting(path);
  onTestFinished(() => db.close());
  return db;
}

/** The bytes of a database as it is now. */
export function bytesOf(db: Db): Buffer {
  db.run("PRAGMA wal_checkpoint(TRUNCATE)");
  return readFileSync(db.path);
}
