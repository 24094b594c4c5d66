import { statSync } from "node:fs";
import { expect, test } from "vitest";
import { openForReading, openForWriting } from "../../src/store/db.ts";
import { execute } from "../../src/store/inline-writer.ts";
import { checkpointLog, logBytes } from "../../src/store/log-file.ts";
import { createLogKeeper } from "../../src/store/log-keeper.ts";
import { temporaryDatabase } from "../helpers/database.ts";
import { event, NOW } from "./kept-home.ts";

/** A file whose writer leaves the log to the keeper. */
function kept() {
  const db = temporaryDatabase();
  db.pragma("wal_autocheckpoint = 0");
  const other = openForWriting(db.path);
  const write = (from: number, count: number): void => {
    for (let i = from; i < from + count; i += 1000) {
      const events = Array.from({ length: Math.min(1000, from + count - i) }, (_, k) => event("light.a", NOW + i + k, "x".repeat(1000)));
      execute(db, "insertEvents", { events, nowMs: NOW });
    }
  };
  return { db, other, keeper: createLogKeeper(other), write };
}

test("pages are moved from the log once enough wait, by a connection that is not the writer's", () => {
  const { db, other, keeper, write } = kept();
  checkpointLog(db, "empty");
  write(0, 100);
  keeper.look();
  expect(checkpointLog(db, "look").copiedPages).toBe(0);
  write(100, 5000);
  keeper.look();
  const { logPages, copiedPages } = checkpointLog(db, "look");
  expect(logPages).toBeGreaterThan(1000);
  expect(copiedPages).toBe(logPages);
  expect(keeper.figures().writtenBytes).toBe(statSync(`${db.path}-wal`).size - 32);
  other.close();
});

test("a reader that stays in a transaction lets the log grow, and it shrinks when the reader has gone", () => {
  const { db, other, keeper, write } = kept();
  const reader = openForReading(db.path);
  reader.exec("BEGIN");
  reader.all("SELECT 1 FROM metadata");
  for (let i = 0; i < 12; i += 1) {
    write(i * 5000, 5000);
    keeper.look();
  }
  expect(logBytes(db.path)).toBeGreaterThan(64 * 1024 * 1024);
  execute(db, "insertEvents", { events: [event("light.b", NOW)], nowMs: NOW });
  reader.exec("COMMIT");
  keeper.look();
  keeper.look();
  expect(logBytes(db.path)).toBe(0);
  expect(keeper.figures().trouble).toBeNull();
  expect(db.get("SELECT count(*) AS n FROM raw_events")).toEqual({ n: 60_001 });
  reader.close();
  other.close();
});
