import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  statSync,
  symlinkSync,
  truncateSync,
  unlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { StateEvent } from "../../src/core/events/event.ts";
import type { SpillEntry } from "../../src/flow/ingest/spill.ts";
import { createSpill, type Spill } from "../../src/runtime/spill.ts";
import { decodeEntry, encodeEntry } from "../../src/runtime/spill-format.ts";
import { temporaryFolder } from "../helpers/database.ts";

const event = (n: number): StateEvent => ({
  entityId: `sensor.n${n % 7}`,
  state: `${n}`,
  updatedUs: 1_000_000 + n,
  knownAtMs: 2_000 + n,
  source: "live",
});
const batch = (first: number, size = 10): SpillEntry => ({
  kind: "events",
  batch: { events: Array.from({ length: size }, (_, i) => event(first + i)), saidBy: undefined },
});

/** States of all that can be taken, each settled at once. */
async function takeAll(spill: Spill): Promise<string[]> {
  const states: string[] = [];
  for (let taken = await spill.take(); taken !== null; taken = await spill.take()) {
    const { entry } = taken;
    states.push(...(entry.kind === "events" ? entry.batch.events.map((each) => each.state) : [entry.kind]));
    taken.settled();
  }
  return states;
}
const numbers = (to: number): string[] => Array.from({ length: to }, (_, n) => `${n}`);
const filesOf = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder).sort() : []);

test("any batch comes back from its line as it was, hostile names and all", () => {
  const text = fc.string({ unit: "grapheme" });
  const row = fc.record({
    entityId: text,
    state: text,
    updatedUs: fc.maxSafeInteger(),
    knownAtMs: fc.option(fc.maxSafeInteger()),
    source: fc.constantFrom("live" as const, "history" as const),
  });
  fc.assert(
    fc.property(fc.array(row), fc.option(fc.dictionary(fc.nat({ max: 9 }).map(String), text), { nil: undefined }), (events, saidBy) => {
      const line = encodeEntry({ kind: "events", batch: { events, saidBy } });
      expect(line).not.toContain("\n");
      expect(decodeEntry(line)).toEqual({ kind: "events", batch: { events, saidBy: saidBy === undefined ? undefined : { ...saidBy } } });
    }),
  );
});

test("what is put is handed out in its order while more is put, and leaves no file behind", async () => {
  const folder = join(temporaryFolder(), "spill");
  const spill = createSpill({ folder, fileBytes: 2_000 });
  const taken: string[] = [];
  for (let n = 0; n < 40; n += 1) {
    expect(spill.put(batch(n * 10))).toBe(true);
    if (n % 8 === 7) taken.push(...(await takeAll(spill)));
  }
  expect([...taken, ...(await takeAll(spill))]).toEqual(numbers(400));
  expect(spill.hasWaiting()).toBe(false);
  await spill.close();
  expect(spill.counts()).toEqual({ bytes: 0, damaged: 0, failedWrites: 0 });
  expect(existsSync(folder)).toBe(false);
});

test("what was taken and not settled is handed out again by the next run, named as old", async () => {
  const folder = join(temporaryFolder(), "spill");
  const first = createSpill({ folder, fileBytes: 500 });
  for (let n = 0; n < 6; n += 1) first.put(batch(n * 10));
  (await first.take())!.settled();
  await first.take();
  await first.close();
  expect(filesOf(folder).length).toBeGreaterThan(1);

  const second = createSpill({ folder });
  second.put(batch(60));
  const olds: boolean[] = [];
  const states: string[] = [];
  for (let taken = await second.take(); taken !== null; taken = await second.take()) {
    olds.push(taken.isOld);
    if (taken.entry.kind === "events") states.push(...taken.entry.batch.events.map((each) => each.state));
    taken.settled();
  }
  expect(states.slice(-60)).toEqual(numbers(70).slice(10));
  expect(olds.slice(-2)).toEqual([true, false]);
  await second.close();
  expect(filesOf(folder)).toEqual([]);
});

test("something waits for as long as it is not handed out, also while its file is being read", async () => {
  const folder = join(temporaryFolder(), "spill");
  const first = createSpill({ folder });
  first.put(batch(0));
  await first.close();
  const second = createSpill({ folder });
  const waits: boolean[] = [];
  let isTaken = false;
  const taking = second.take().then((taken) => {
    isTaken = true;
    taken?.settled();
  });
  while (!isTaken) {
    waits.push(second.hasWaiting());
    await new Promise((resolve) => setImmediate(resolve));
  }
  await taking;
  expect(new Set(waits.slice(0, -1))).toEqual(new Set([true]));
  expect(second.hasWaiting()).toBe(false);
  await second.close();
});

test("a line that a kill cut off is counted and left out, everything before it is there", async () => {
  const folder = join(temporaryFolder(), "spill");
  const first = createSpill({ folder });
  for (let n = 0; n < 5; n += 1) first.put(batch(n * 10));
  await first.close();
  const [name] = filesOf(folder);
  const path = join(folder, name!);
  truncateSync(path, statSync(path).size - 7);

  const second = createSpill({ folder });
  expect(await takeAll(second)).toEqual(numbers(40));
  expect(second.counts()).toMatchObject({ damaged: 1, bytes: 0 });
  await second.close();
});

test("a line that somebody changed is told in its place, and a file of somebody else is kept aside", async () => {
  const folder = join(temporaryFolder(), "spill");
  const first = createSpill({ folder, fileBytes: 1 });
  first.put(batch(0));
  await first.take();
  first.put(batch(10));
  await first.close();
  const [one, two] = filesOf(folder);
  const text = readFileSync(join(folder, one!), "utf8");
  writeFileSync(join(folder, one!), text.replace('{"e":', '{"e":!'));
  writeFileSync(join(folder, "0000000000.ndjson"), "a letter\n");
  appendFileSync(join(folder, two!), '{"d":[5,6,7]}\n');

  const second = createSpill({ folder });
  expect(await takeAll(second)).toEqual(["damaged", "damaged", ...numbers(20).slice(10), "dropped"]);
  expect(second.counts().damaged).toBe(2);
  await second.close();
  expect(filesOf(folder)).toEqual(["0000000000.ndjson.unreadable"]);
});

test("beyond its bound it takes nothing, and takes again when there is room", async () => {
  const folder = join(temporaryFolder(), "spill");
  const spill = createSpill({ folder, maxBytes: 3_000 });
  let taken = 0;
  while (spill.put(batch(taken * 10))) taken += 1;
  expect(taken).toBeGreaterThan(3);
  expect(spill.counts().bytes).toBeLessThanOrEqual(3_000);
  expect(await takeAll(spill)).toEqual(numbers(taken * 10));
  expect(spill.put(batch(0))).toBe(true);
  await spill.close();
});

test("a disk that is nearly full gets nothing: memory holds a bounded amount, which is still handed out", async () => {
  const folder = join(temporaryFolder(), "spill");
  const troubles: unknown[] = [];
  const spill = createSpill({
    folder,
    maxBuffered: 3_000,
    minFreeBytes: 1_000_000,
    freeBytes: async () => 1_000_100,
    onTrouble: (error) => void troubles.push(error),
  });
  let put = 0;
  while (spill.put(batch(put * 10))) put += 1;
  expect(await takeAll(spill)).toEqual(numbers(put * 10));
  expect(filesOf(folder)).toEqual([]);
  expect(String(troubles[0])).toContain("nearly full");
  expect(spill.counts()).toMatchObject({ bytes: 0, failedWrites: 1 });
  await spill.close();
});

test("a folder that cannot be made is a trouble that is told, not an end", async () => {
  const folder = join(temporaryFolder(), "file", "spill");
  writeFileSync(join(folder, ".."), "");
  const troubles: unknown[] = [];
  const spill = createSpill({ folder, freeBytes: async () => 1e12, onTrouble: (error) => void troubles.push(error) });
  spill.put(batch(0));
  expect(await takeAll(spill)).toEqual(numbers(10));
  expect(troubles).toHaveLength(1);
  await spill.close();
});

test("a file that cannot be read for a moment stays, keeps its place and is read later", async () => {
  const folder = join(temporaryFolder(), "spill");
  const first = createSpill({ folder, fileBytes: 1 });
  first.put(batch(0));
  await first.take();
  first.put(batch(10));
  await first.close();
  const path = join(folder, filesOf(folder)[0]!);
  renameSync(path, join(folder, "hidden"));
  mkdirSync(path);

  const second = createSpill({ folder, retryMs: 1 });
  await expect(second.take()).rejects.toThrow("EISDIR");
  await expect(second.take()).rejects.toThrow("EISDIR");
  expect(second.hasWaiting()).toBe(true);
  rmdirSync(path);
  renameSync(join(folder, "hidden"), path);
  expect(await takeAll(second)).toEqual(numbers(20));
  expect(second.counts()).toMatchObject({ damaged: 0, bytes: 0 });
  await second.close();
});

test("a file that can never be read is kept aside in the end, and neither what stands behind it nor a new file waits for it", async () => {
  const folder = join(temporaryFolder(), "spill");
  const first = createSpill({ folder });
  first.put(batch(0));
  await first.close();
  const loop = "0000000002.ndjson";
  symlinkSync(loop, join(folder, loop)); // no call that follows it succeeds

  const troubles: unknown[] = [];
  const second = createSpill({ folder, retryMs: 1, onTrouble: (error) => void troubles.push(error) });
  second.put(batch(10));
  const states: string[] = [];
  for (let tries = 0; tries < 100 && second.hasWaiting(); tries += 1)
    states.push(...(await takeAll(second).catch((error: unknown) => [String(error).slice(0, 12)])));
  expect(new Set(states)).toEqual(new Set(["Error: ELOOP", "damaged", ...numbers(20).slice(10)]));
  expect(troubles.map(String)).toEqual([expect.stringContaining("ELOOP")]);
  expect(second.counts()).toEqual({ bytes: 0, damaged: 1, failedWrites: 0 });
  await second.close();
  expect(filesOf(folder)).toEqual([`${loop}.unreadable`]);
});

test("a folder that cannot be listed for a moment is searched again, and nothing is written before its numbers are known", async () => {
  const folder = join(temporaryFolder(), "spill");
  const first = createSpill({ folder });
  first.put(batch(0));
  await first.close();
  renameSync(folder, `${folder}.away`);
  symlinkSync("spill", folder);
  function bringBack(): void {
    if (!existsSync(`${folder}.away`)) return;
    unlinkSync(folder);
    renameSync(`${folder}.away`, folder);
  }

  const troubles: unknown[] = [];
  const spill = createSpill({
    folder,
    retryMs: 5,
    // The last call before a file is made: here it could be made again, with a number that is taken.
    freeBytes: async () => {
      bringBack();
      return 1e12;
    },
    onTrouble: (error) => void troubles.push(error),
  });
  spill.put(batch(10));
  while (spill.counts().failedWrites < 1) await new Promise((resolve) => setTimeout(resolve, 5));
  bringBack();
  while (filesOf(folder).length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await takeAll(spill)).toEqual(numbers(20));
  expect(troubles.map(String).filter((each) => each.includes("EEXIST"))).toEqual([]);
  await spill.close();
  expect(filesOf(folder)).toEqual([]);
});

test("a number that somebody else took meanwhile costs one try, not the disk queue", async () => {
  const folder = join(temporaryFolder(), "spill");
  const troubles: unknown[] = [];
  const spill = createSpill({ folder, retryMs: 1, onTrouble: (error) => void troubles.push(error) });
  expect(await spill.take()).toBe(null);
  mkdirSync(folder);
  writeFileSync(join(folder, "0000000001.ndjson"), "a letter\n");
  spill.put(batch(0));
  for (let waited = 0; waited < 1_000 && !filesOf(folder).includes("0000000002.ndjson"); waited += 5)
    await new Promise((resolve) => setTimeout(resolve, 5));
  expect(await takeAll(spill)).toEqual(numbers(10));
  expect(troubles.map(String)).toEqual([expect.stringContaining("EEXIST")]);
  await spill.close();
  expect(filesOf(folder)).toEqual(["0000000001.ndjson"]);
});

test("after a write that the disk took in part, the file goes on where it ended before", () => {
  const folder = join(temporaryFolder(), "spill");
  const child = fileURLToPath(new URL("./spill-limited-child.ts", import.meta.url));
  // The kernel takes a part of the write that reaches the largest size of a file, and refuses the rest.
  const said = execFileSync("sh", ["-c", 'ulimit -f 16; exec "$0" "$1" "$2"', process.execPath, child, folder], { encoding: "utf8" });
  expect(said).toBe("EFBIG");
  const lines = readFileSync(join(folder, filesOf(folder)[0]!), "utf8").split("\n");
  expect(lines.slice(1)).toEqual(["a".repeat(3_000), "c".repeat(1_000), ""]);
});
