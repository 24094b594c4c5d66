import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { startWriterThread, writerOver } from "../../src/runtime/threads/writer-client.ts";
import { openForReading, openForWriting } from "../../src/store/db.ts";
import { checkpointLog } from "../../src/store/log-file.ts";
import { temporaryFolder } from "../helpers/database.ts";

const NOW = Date.UTC(2026, 10, 21);
const event = (entityId: string, atMs: number) => ({
  entityId,
  state: "on",
  updatedUs: atMs * 1000,
  knownAtMs: atMs,
  source: "live" as const,
});

test("two threads write through one connection, and closing leaves no write-ahead log behind", async () => {
  const path = join(temporaryFolder(), "thread.db");
  const writer = startWriterThread(path, () => undefined);
  await writer.open(NOW);
  const other = await writer.connect();
  const second = writerOver(other);
  await Promise.all(
    Array.from({ length: 50 }, (_, i) =>
      (i % 2 === 0 ? writer : second).write("insertEvents", { events: [event(`light.l${i % 3}`, NOW + i)], nowMs: NOW }),
    ),
  );
  other.close();
  await writer.close(0);
  const reader = openForReading(path);
  expect(reader.get("SELECT COUNT(*) AS n FROM raw_events")).toEqual({ n: 50 });
  reader.close();
});

// Broken once: what a stage found amiss stood in the database and on the page, and never in the log.
test("what another thread finds amiss, and in order again, is told to this one; what is marked here is not", async () => {
  const told: string[] = [];
  const writer = startWriterThread(join(temporaryFolder(), "told.db"), () => undefined, {
    onMarked: ({ code }) => told.push(`marked ${code}`),
    onCleared: (code) => told.push(`cleared ${code}`),
  });
  await writer.open(NOW);
  const other = await writer.connect();
  const stage = writerOver(other);
  const marker = { code: "options_match_nothing", sinceMs: NOW, cause: "A.", effect: "B.", remedy: "C." };
  await writer.write("markDegraded", { ...marker, code: "disk_low" });
  await writer.write("clearDegraded", { code: "disk_low" });
  await stage.write("clearDegraded", { code: marker.code });
  await stage.write("markDegraded", marker);
  await stage.write("clearDegraded", { code: marker.code });
  await vi.waitUntil(() => told.length === 2);
  expect(told).toEqual(["marked options_match_nothing", "cleared options_match_nothing"]);
  other.close();
  await writer.close(0);
});

// Broken once: without its look every second the thread left all of them in the log.
test("the log's pages are moved into the file while nothing waits", async () => {
  const path = join(temporaryFolder(), "log.db");
  const writer = startWriterThread(path, () => undefined);
  await writer.open(NOW);
  const events = Array.from({ length: 6000 }, (_, i) => ({ ...event("light.a", NOW + i), state: "x".repeat(1000) }));
  await writer.write("insertEvents", { events, nowMs: NOW });
  const reader = openForReading(path);
  const waiting = (): number => {
    const { logPages, copiedPages } = checkpointLog(reader, "look");
    return logPages - copiedPages;
  };
  await vi.waitUntil(() => waiting() === 0, 20_000);
  expect(await writer.figures()).toMatchObject({ trouble: null, unusedBytes: 0, lastBackupMs: null });
  reader.close();
  await writer.close(0);
});

test("a foreign writer that holds the lock costs delay and nothing else", async () => {
  const path = join(temporaryFolder(), "locked.db");
  const writer = startWriterThread(path, () => undefined);
  await writer.open(NOW);
  const foreign = openForWriting(path);
  foreign.exec("BEGIN IMMEDIATE");
  const written = writer.write("insertEvents", { events: [event("light.a", NOW)], nowMs: NOW });
  await new Promise((resolve) => setTimeout(resolve, 300));
  foreign.exec("COMMIT");
  foreign.close();
  expect((await written).inserted).toBe(1);
  await writer.close(0);
});

test("an error over there arrives with its message and its stack", async () => {
  const path = join(temporaryFolder(), "error.db");
  const writer = startWriterThread(path, () => undefined);
  await writer.open(NOW);
  await expect(writer.write("promote", { targetId: 99, artifactId: 99, reason: "", nowMs: NOW })).rejects.toMatchObject({
    message: expect.stringContaining("FOREIGN KEY"),
    remoteStack: expect.stringContaining("models.ts"),
  });
  await writer.close(0);
});

test("a flood of events does not keep other changes from being written", async () => {
  const path = join(temporaryFolder(), "flood.db");
  const writer = startWriterThread(path, () => undefined);
  await writer.open(NOW);
  let written = 0;
  const flood = Array.from({ length: 200 }, (_, i) =>
    writer.write("insertEvents", { events: [event("light.a", NOW + i)], nowMs: NOW }).then(() => {
      written += 1;
    }),
  );
  await writer.write("beat", { nowMs: NOW });
  expect(written).toBeLessThan(100);
  await Promise.all(flood);
  await writer.close(0);
});
