import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import type { Closing } from "../../store/close-whole.ts";
import type { FileFigures } from "../../store/file-figures.ts";
import type { EventBatch } from "../../store/tables/events.ts";
import type { DegradedMarker } from "../../store/tables/metadata.ts";
import type { WriteName, WriteResult, Writer } from "../../store/writer.ts";
import { packEvents } from "./packed-events.ts";
import { createRpcClient, type Port, type RpcClient } from "./rpc.ts";

export interface WriterClosing extends Closing {
  /** Why the last changes could not be written; null = they were. The content is whole without them. */
  readonly unwritten: string | null;
}

export interface WriterThread extends Writer {
  /** Brings the file to this app's schema, however long somebody else holds its lock; before this nothing else may be asked. A close ends the wait. */
  open(nowMs: number): Promise<{ from: number; to: number; copy: string | null }>;
  figures(): Promise<FileFigures>;
  /** A port for another thread: `writerOver(port)` there writes through this very thread. */
  connect(): Promise<MessagePort>;
  /** Writes what is still waiting, checkpoints, closes the file, ends the thread. A file that was removed meanwhile is written anew. */
  close(nowMs: number): Promise<WriterClosing>;
}

/** What the writer tells unasked. */
export interface WriterNews {
  /** A change, whoever asked for it, failed in a way that says the file is damaged, or the file is not where it was. */
  onDamage?(words: string): void;
  /** Another thread than this one found something amiss. */
  onMarked?(marker: DegradedMarker): void;
  /** Another thread found that in order again. */
  onCleared?(code: string): void;
  /** The file cannot be opened as long as another program holds its lock. */
  onLocked?(): void;
}

/** Starts the thread that owns the writing connection. `onDeath` is called when it ends unasked. */
export function startWriterThread(path: string, onDeath: (error: Error) => void, news: WriterNews = {}): WriterThread {
  const worker = new Worker(new URL("./writer-thread.ts", import.meta.url), { workerData: { path } });
  const client = createRpcClient(worker);
  let isClosing = false;
  const died = (error: Error): void => {
    client.fail(error);
    if (!isClosing) onDeath(error);
  };
  worker.on("error", died);
  worker.on(
    "message",
    ({ damage, marked, cleared, locked }: { damage?: string; marked?: DegradedMarker; cleared?: string; locked?: true }) => {
      if (isClosing) return;
      if (locked !== undefined) news.onLocked?.();
      if (damage !== undefined) news.onDamage?.(damage);
      if (marked !== undefined) news.onMarked?.(marked);
      if (cleared !== undefined) news.onCleared?.(cleared);
    },
  );
  const ended = new Promise<void>((resolve) => {
    worker.on("exit", () => {
      died(new Error("the writer thread has ended"));
      resolve();
    });
  });
  return {
    ...writerOf(client),
    open: (nowMs) => client.call("open", { nowMs }) as Promise<{ from: number; to: number; copy: string | null }>,
    figures: () => client.call("figures", null) as Promise<FileFigures>,
    async connect() {
      const { port1, port2 } = new MessageChannel();
      await client.call("connect", port2, [port2]);
      return port1;
    },
    async close(nowMs) {
      isClosing = true;
      try {
        return (await client.call("close", { nowMs })) as WriterClosing;
      } finally {
        await ended;
      }
    },
  };
}

/** The writer at the other end of a port. */
export function writerOver(port: Port): Writer {
  return writerOf(createRpcClient(port));
}

function writerOf(client: RpcClient): Writer {
  return {
    write<N extends WriteName>(name: N, input: unknown) {
      const message = name === "insertEvents" ? packEvents(input as EventBatch) : input;
      return client.call(name, message) as Promise<WriteResult<N>>;
    },
  };
}
