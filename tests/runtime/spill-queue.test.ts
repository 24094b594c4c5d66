import { fork } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { expect, test } from "vitest";
import type { StateEvent } from "../../src/core/events/event.ts";
import { createEventQueue, type EventQueue, type QueueOptions } from "../../src/flow/ingest/event-queue.ts";
import { createSystemClock } from "../../src/runtime/clock.ts";
import { createSpill, type Spill, type SpillOptions } from "../../src/runtime/spill.ts";
import { startWriterThread } from "../../src/runtime/threads/writer-client.ts";
import { type Db, openForReading, openForWriting } from "../../src/store/db.ts";
import { inlineWriter } from "../../src/store/inline-writer.ts";
import { temporaryDatabase, temporaryFolder } from "../helpers/database.ts";

const NOW = Date.UTC(2026, 10, 21);
const clock = createSystemClock();
const event = (n: number): StateEvent => ({
  entityId: `sensor.n${n % 7}`,
  state: `${n}`,
  updatedUs: NOW * 1000 + n,
  knownAtMs: NOW,
  source: "live",
});
const statesIn = (db: Db): number[] =>
  db.all<{ state: string }>("SELECT state FROM raw_events ORDER BY updated_us").map((row) => +row.state);
const upTo = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

async function eventually(what: () => boolean, limitMs = 10_000): Promise<void> {
  for (const untilMs = performance.now() + limitMs; !what(); await pause(5))
    if (performance.now() > untilMs) throw new Error(`never: ${what}`);
}

interface Scene {
  readonly queue: EventQueue;
  readonly spill: Spill;
  readonly dropped: { readonly fromUs: number; readonly toUs: number; readonly count: number }[];
}

async function createScene(
  write: QueueOptions["write"],
  over: Partial<QueueOptions> = {},
  disk: Partial<SpillOptions> = {},
): Promise<Scene> {
  const spill = createSpill({ folder: join(temporaryFolder(), "spill"), ...disk });
  const dropped: Scene["dropped"] = [];
  const onDropped = (span: Scene["dropped"][number]): void => void dropped.push(span);
  const queue = createEventQueue({ clock, spill, write, onDropped, onWriteFailed: () => undefined, batchSize: 100, batchMs: 20, ...over });
  return { queue, spill, dropped };
}

test("a foreign writer that holds the lock for seconds costs delay: memory stays small, the disk holds the rest, all of it is stored", async () => {
  const path = join(temporaryFolder(), "locked.db");
  const writer = startWriterThread(path, () => undefined);
  await writer.open(NOW);
  const { queue, spill, dropped } = await createScene((events) => writer.write("insertEvents", { events, nowMs: NOW }), { maxHeld: 2_000 });
  const foreign = openForWriting(path);
  foreign.exec("BEGIN IMMEDIATE");
  let most = 0;
  for (let n = 0; n < 30_000; n += 1) {
    queue.add(event(n), null);
    most = Math.max(most, queue.counts().held);
    if (n % 500 === 0) await pause(30);
  }
  expect(most).toBeLessThanOrEqual(2_000);
  expect(queue.counts()).toMatchObject({ accepted: 30_000, written: 0, dropped: 0 });
  expect(queue.counts().spilled).toBeGreaterThanOrEqual(28_000);
  foreign.exec("COMMIT");
  foreign.close();
  await queue.flush();
  expect(queue.counts()).toMatchObject({ written: 30_000, held: 0, failedWrites: 0 });
  await queue.stop();
  await writer.close(0);
  const reader = openForReading(path);
  expect(statesIn(reader)).toEqual(upTo(30_000));
  reader.close();
  expect(dropped).toEqual([]);
  expect(spill.counts()).toEqual({ bytes: 0, damaged: 0, failedWrites: 0 });
}, 30_000);

test("a database that cannot grow: what is refused waits on the disk, in order, and is stored once when there is room", async () => {
  const db = temporaryDatabase();
  const writer = inlineWriter(db);
  const { queue, spill, dropped } = await createScene((events) => writer.write("insertEvents", { events, nowMs: NOW }), { maxHeld: 1_000 });
  const pages = Number(db.pragma("page_count"));
  db.pragma(`max_page_count = ${pages + 4}`); // SQLite itself now says SQLITE_FULL
  for (let n = 0; n < 20_000; n += 1) {
    queue.add(event(n), null);
    if (n % 1_000 === 0) await pause(5);
  }
  await eventually(() => queue.counts().failedWrites > 2);
  expect(queue.counts()).toMatchObject({ accepted: 20_000, dropped: 0 });
  await eventually(() => queue.counts().held <= 200);
  db.pragma("max_page_count = 1073741823");
  await eventually(() => queue.counts().written === 20_000);
  expect(statesIn(db)).toEqual(upTo(20_000));
  expect(queue.counts()).toMatchObject({ inserted: 20_000, held: 0 });
  expect(spill.hasWaiting()).toBe(false);
  expect(dropped).toEqual([]);
  await queue.stop();
});

test("killed while events wait on the disk: the next start stores them, none doubled, and only the newest are missing", async () => {
  const folder = join(temporaryFolder(), "spill");
  const child = fork(new URL("./spill-child.ts", import.meta.url), [folder]);
  let told = { sent: 0, spilled: 0 };
  child.on("message", (message: typeof told) => {
    told = message;
    if (told.spilled > 4_000) child.kill("SIGKILL");
  });
  await new Promise((resolve) => child.once("exit", resolve));

  const db = temporaryDatabase();
  const writer = inlineWriter(db);
  await writer.write("insertEvents", { events: upTo(30).map((n) => ({ ...event(n), updatedUs: 1_000_000 + n })), nowMs: NOW });
  const { queue, spill } = await createScene((events) => writer.write("insertEvents", { events, nowMs: NOW }), {}, { folder });
  await queue.drained();
  const stored = statesIn(db);
  expect(stored).toEqual(upTo(stored.length));
  expect(stored.length).toBeGreaterThan(3_000);
  expect(stored.length).toBeLessThanOrEqual(told.sent + 200);
  expect(queue.counts()).toMatchObject({ recovered: stored.length, inserted: stored.length - 30, accepted: 0, held: 0 });
  expect(spill.counts()).toMatchObject({ bytes: 0, failedWrites: 0 });
  await queue.stop();
  expect(existsSync(folder)).toBe(false);
}, 30_000);

test("stopped while the writer is stuck: what memory holds is on the disk for the next start", async () => {
  const folder = join(temporaryFolder(), "spill");
  const stuck = await createScene(() => new Promise(() => undefined), { maxHeld: 100_000 }, { folder });
  for (let n = 0; n < 2_550; n += 1) stuck.queue.add(event(n), n === 1_234 ? "u1" : null);
  await stuck.queue.stop();

  const db = temporaryDatabase();
  const writer = inlineWriter(db);
  const said: string[] = [];
  const { queue } = await createScene(
    (events, saidBy) => {
      for (const [position, user] of Object.entries(saidBy ?? {})) said.push(`${events[+position]!.state} ${user}`);
      return writer.write("insertEvents", { events, nowMs: NOW });
    },
    {},
    { folder },
  );
  await queue.drained();
  expect(statesIn(db)).toEqual(upTo(2_550));
  expect(said).toEqual(["1234 u1"]);
  await queue.stop();
}, 20_000);

test("beyond memory and disk events are dropped, counted, and their span is told in its place, even by the next run", async () => {
  const folder = join(temporaryFolder(), "spill");
  let isStuck = true;
  const stored: string[] = [];
  const write: QueueOptions["write"] = async (events) => {
    if (isStuck) throw new Error("disk full");
    stored.push(...events.map((each) => each.state));
    return { inserted: events.length };
  };
  const first = await createScene(write, { maxHeld: 500 }, { folder, maxBytes: 60_000 });
  let taken = 0;
  for (let n = 0; n < 5_000; n += 1) if (first.queue.add(event(n), null)) taken += 1;
  expect(first.queue.counts()).toMatchObject({ dropped: 5_000 - taken, accepted: taken });
  expect(first.queue.counts().dropped).toBeGreaterThan(1_000);
  await first.queue.stop();
  const { dropped } = first.queue.counts();
  expect(first.dropped.length).toBeLessThanOrEqual(1);

  isStuck = false;
  const second = await createScene(write, {}, { folder });
  await second.queue.drained();
  const told = [...first.dropped, ...second.dropped];
  expect(told.reduce((sum, span) => sum + span.count, 0)).toBe(dropped);
  const isTold = (n: number): boolean => told.some(({ fromUs, toUs }) => event(n).updatedUs >= fromUs && event(n).updatedUs <= toUs);
  expect(upTo(5_000).filter((n) => !stored.includes(`${n}`) && !isTold(n))).toEqual([]);
  await second.queue.stop();
}, 20_000);

test("what cannot be read any more in the middle of the disk queue is told as a span to fetch", async () => {
  const folder = join(temporaryFolder(), "spill");
  const first = createSpill({ folder, fileBytes: 1 });
  for (const at of [0, 100, 200]) {
    first.put({ kind: "events", batch: { events: upTo(100).map((n) => event(at + n)) } });
    await eventually(() => existsSync(folder) && readdirSync(folder).length === at / 100 + 1);
  }
  await first.close();
  writeFileSync(join(folder, readdirSync(folder)[1]!), "eaten\n");

  const db = temporaryDatabase();
  const writer = inlineWriter(db);
  const { queue, dropped } = await createScene((events) => writer.write("insertEvents", { events, nowMs: NOW }), {}, { folder });
  await queue.drained();
  expect(statesIn(db)).toEqual([...upTo(100), ...upTo(300).slice(200)]);
  expect(dropped).toEqual([{ fromUs: event(99).updatedUs, toUs: event(200).updatedUs, count: 0 }]);
  await queue.stop();
});

test("what cannot be read any more at the end of the disk queue is told as soon as nothing stands there", async () => {
  const folder = join(temporaryFolder(), "spill");
  const first = createSpill({ folder, fileBytes: 1 });
  for (const at of [0, 100]) {
    first.put({ kind: "events", batch: { events: upTo(100).map((n) => event(at + n)) } });
    await eventually(() => existsSync(folder) && readdirSync(folder).length === at / 100 + 1);
  }
  await first.close();
  writeFileSync(join(folder, readdirSync(folder)[1]!), "eaten\n");

  const writer = inlineWriter(temporaryDatabase());
  const atMs = NOW + 60_000;
  const { queue, dropped } = await createScene(
    (events) => writer.write("insertEvents", { events, nowMs: NOW }),
    { clock: { ...clock, nowMs: () => atMs } },
    { folder },
  );
  await queue.drained();
  expect(dropped).toEqual([{ fromUs: event(99).updatedUs, toUs: atMs * 1000, count: 0 }]);
  await queue.stop();
});

test("what this run put on the disk is told when none of it can be read any more", async () => {
  const folder = join(temporaryFolder(), "spill");
  const stuck = Promise.withResolvers<{ readonly inserted: number }>();
  let isStuck = true;
  const write: QueueOptions["write"] = async (events) => (isStuck ? stuck.promise : { inserted: events.length });
  const { queue, dropped } = await createScene(write, { stuckMs: 40 }, { folder });
  for (let n = 0; n < 300; n += 1) queue.add(event(n), null);
  await eventually(() => queue.counts().spilled === 300 && existsSync(folder) && readdirSync(folder).length > 0);
  await pause(50);
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    writeFileSync(path, readFileSync(path, "utf8").replaceAll('{"e":', '{"e":!'));
  }
  isStuck = false;
  stuck.reject(new Error("disk full"));
  await eventually(() => dropped.length > 0);
  expect(dropped).toHaveLength(1);
  expect(dropped[0]!.fromUs).toBe(event(0).updatedUs);
  expect(dropped[0]!.toUs).toBeGreaterThanOrEqual(event(299).updatedUs);
  await queue.stop();
});
