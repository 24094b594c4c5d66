import { setTimeout as pause } from "node:timers/promises";
import type { SpillPort, TakenEntry } from "../flow/ingest/spill.ts";
import {
  createSpillFile,
  findSpillFiles,
  freeBytesAt,
  keepAside,
  numberOf,
  type OpenSpillFile,
  readSpillLines,
  removeSpillFile,
  removeSpillFolder,
  type SpillFile,
} from "./spill-files.ts";
import { decodeEntry, encodeEntry } from "./spill-format.ts";

export interface SpillOptions {
  readonly folder: string;
  /** Most bytes on disk. */
  readonly maxBytes?: number;
  /** Left free on the disk for the database itself. */
  readonly minFreeBytes?: number;
  readonly fileBytes?: number;
  /** Most bytes that wait in memory for the disk. */
  readonly maxBuffered?: number;
  /** After a failure of the disk. */
  readonly retryMs?: number;
  readonly freeBytes?: (folder: string) => Promise<number>;
  readonly onTrouble?: (error: unknown) => void;
}

export interface SpillCounts {
  /** On disk and on their way there. */
  readonly bytes: number;
  /** Lines and files that could not be read. */
  readonly damaged: number;
  readonly failedWrites: number;
}

export interface Spill extends SpillPort {
  counts(): SpillCounts;
}

interface Reading {
  readonly file: SpillFile;
  readonly lines: readonly string[];
  at: number;
  unsettled: number;
}

const MIB = 2 ** 20;
/** A file that cannot be read this often in a row must not keep back for ever what stands behind it. */
const READ_TRIES = 30;
/** One write of the disk. */
const CHUNK_LINES = 16;

/** The queue on disk as numbered files, each written once, read once and then removed. All access is asynchronous: the caller's loop never waits. */
export function createSpill(options: SpillOptions): Spill {
  const { folder, maxBytes = 1024 * MIB, minFreeBytes = 256 * MIB, fileBytes = 4 * MIB, maxBuffered = 16 * MIB } = options;
  const { freeBytes = freeBytesAt, onTrouble = () => undefined, retryMs = 1_000 } = options;
  const unread: SpillFile[] = [];
  const pending: { readonly text: string; readonly bytes: number }[] = [];
  const counts = { bytes: 0, damaged: 0, failedWrites: 0 };
  let nextNumber = 1;
  let pendingBytes = 0;
  let current: OpenSpillFile | null = null;
  let reading: Reading | null = null;
  let writing: Promise<void> | null = null;
  let retry: NodeJS.Timeout | null = null;
  let isWanted = false;
  let isOpening = false;
  let isClosed = false;
  let removed: Promise<unknown> = Promise.resolve();
  let isSearched = false;
  let isFound = false;
  let searchAgain: NodeJS.Timeout | null = null;
  let failedReads = 0;
  let searched = search();

  async function search(): Promise<void> {
    try {
      const files = await findSpillFiles(folder);
      unread.push(...files);
      counts.bytes += files.reduce((sum, file) => sum + file.bytes, 0);
      nextNumber = Math.max(0, ...files.map(numberOf)) + 1;
      isFound = true;
    } catch (error) {
      onTrouble(error);
      if (isClosed) return;
      searchAgain = setTimeout(() => {
        searched = search();
      }, retryMs).unref();
    } finally {
      isSearched = true;
    }
  }

  /** Brings what waits to the disk, a chunk at a time. */
  function write(): void {
    if (writing !== null || retry !== null || pending.length === 0) return;
    writing = writeChunk()
      .catch((error: unknown) => {
        counts.failedWrites += 1;
        onTrouble(error);
        retry = setTimeout(() => {
          retry = null;
          write();
        }, retryMs);
        retry.unref();
      })
      .finally(() => {
        writing = null;
        if (current !== null && current.bytes > 0 && (isWanted || current.bytes >= fileBytes)) endFile();
        write();
      });
  }

  async function writeChunk(): Promise<void> {
    await searched;
    // The numbers that are taken are not known, and what stands there is older.
    if (!isFound) throw new Error(`the folder ${folder} could not be listed`);
    let [lines, bytes] = [0, 0];
    while (lines < Math.min(CHUNK_LINES, pending.length) && bytes < fileBytes) bytes += pending[lines++]!.bytes;
    const chunk = pending.slice(0, lines);
    if ((await freeBytes(folder)) - bytes < minFreeBytes) throw new Error(`the disk of ${folder} is nearly full`);
    if (current === null) {
      nextNumber += 1;
      current = await createSpillFile(folder, nextNumber - 1);
    }
    const before = current.bytes;
    await current.append(chunk.map((line) => line.text).join(""));
    counts.bytes += current.bytes - before - bytes; // the header of a new file
    pending.splice(0, lines);
    pendingBytes -= bytes;
  }

  function endFile(): void {
    if (current === null) return;
    const ended = current;
    current = null;
    unread.push(ended);
    ended.close().catch(onTrouble);
  }

  async function startReading(file: SpillFile): Promise<TakenEntry | null> {
    const read = await readSpillLines(file).catch(async (error: unknown) => {
      failedReads += 1;
      if (failedReads < READ_TRIES) throw error;
      onTrouble(error);
      await keepAside(file);
      return null;
    });
    failedReads = 0;
    if (read === null) {
      counts.damaged += 1;
      counts.bytes -= file.bytes;
      return { entry: { kind: "damaged" }, isOld: file.isOld, settled: () => undefined };
    }
    if (read.isTorn) counts.damaged += 1;
    reading = { file, lines: read.lines, at: 0, unsettled: read.lines.length };
    if (read.lines.length === 0) forget(reading);
    return null;
  }

  function forget({ file }: Reading): void {
    counts.bytes -= file.bytes;
    removed = Promise.all([removed, removeSpillFile(file)]);
  }

  function nextLine(from: Reading): TakenEntry {
    const line = from.lines[from.at]!;
    from.at += 1;
    const entry = decodeEntry(line);
    if (entry === null) counts.damaged += 1;
    return { entry: entry ?? { kind: "damaged" }, isOld: from.file.isOld, settled: () => settle(from) };
  }

  function settle(from: Reading): void {
    from.unsettled -= 1;
    if (from.unsettled === 0) forget(from);
  }

  /** A disk that takes nothing must not keep back what waits for it. */
  function fromMemory(): TakenEntry | null {
    const line = pending.shift();
    if (line === undefined) return null;
    pendingBytes -= line.bytes;
    counts.bytes -= line.bytes;
    return { entry: decodeEntry(line.text) ?? { kind: "damaged" }, isOld: false, settled: () => undefined };
  }

  return {
    put(entry) {
      if (isClosed || pendingBytes >= maxBuffered || counts.bytes >= maxBytes) return false;
      const text = `${encodeEntry(entry)}\n`;
      const bytes = Buffer.byteLength(text);
      if (pendingBytes + bytes > maxBuffered || counts.bytes + bytes > maxBytes) return false;
      pending.push({ text, bytes });
      pendingBytes += bytes;
      counts.bytes += bytes;
      write();
      return true;
    },
    // Until it is known, a run before this one may have left something.
    hasWaiting: () =>
      !isSearched ||
      isOpening ||
      unread.length + pending.length > 0 ||
      (current?.bytes ?? 0) > 0 ||
      (reading !== null && reading.at < reading.lines.length),
    async take() {
      await searched;
      for (;;) {
        if (reading !== null && reading.at < reading.lines.length) return nextLine(reading);
        reading = null;
        const next = unread.shift();
        if (next !== undefined) {
          isOpening = true;
          try {
            const damaged = await startReading(next);
            if (damaged !== null) return damaged;
          } catch (error) {
            unread.unshift(next);
            await pause(retryMs, undefined, { ref: false }); // who asks again at once would find the same trouble
            throw error;
          } finally {
            isOpening = false;
          }
          continue;
        }
        if (writing !== null) {
          isWanted = true;
          await writing;
          isWanted = false;
        } else if (current !== null && current.bytes > 0) endFile();
        else return fromMemory();
      }
    },
    counts: () => ({ ...counts }),
    async close() {
      isClosed = true;
      if (searchAgain !== null) clearTimeout(searchAgain);
      await searched;
      if (retry !== null) clearTimeout(retry);
      retry = null;
      write();
      // A try that fails sets a retry: then the disk takes nothing, and what waits is fetched again from the recorder.
      while (writing !== null) await writing;
      if (retry !== null) clearTimeout(retry);
      const last = current;
      current = null;
      await last?.close();
      await removed;
      await removeSpillFolder(folder);
    },
  };
}
