import { Worker } from "node:worker_threads";
import { errorOf } from "../../core/reason.ts";
import type { Reader, ReadName, ReadResult } from "../../store/reads.ts";
import { createRpcClient, type RpcClient } from "./rpc.ts";

export interface ReaderThread extends Reader {
  /** The same for somebody who waits at a screen: what takes longer than half a minute is given up. @throws TooSlow */
  readonly readSoon: Reader["read"];
  /** The app lets go: whoever waits at a screen gets a second more. What the app itself asks is answered until it is closed. */
  hurry(): void;
  /** What is under way gets a second more. */
  close(): Promise<void>;
}

/** The app lets go of the file: it stops, or restores a backup. */
class DatabaseClosed extends Error {
  readonly code = "not_ready";
  constructor() {
    super("The database is closed at the moment. Try again in a minute.");
    this.name = "DatabaseClosed";
  }
}

/** A question is given up, so that others are answered. */
class TooSlow extends Error {
  readonly code = "busy";
  constructor(afterMs: number) {
    super(
      `The database was asked for more than ${afterMs / 1000} seconds, so this was given up. Ask for less at once, or try again later.`,
    );
    this.name = "TooSlow";
  }
}

interface Lane {
  readonly worker: Worker;
  readonly client: RpcClient;
  readonly ended: Promise<void>;
}

interface Question {
  readonly key: string;
  readonly name: ReadName;
  readonly input: unknown;
  readonly isSoon: boolean;
  readonly answer: PromiseWithResolvers<unknown>;
  /** Who answers it; null while it waits for a thread. */
  lane: Lane | null;
}

export interface ReaderChanges {
  readonly idleMs?: number;
  readonly limitMs?: number;
  readonly graceMs?: number;
  /** Another thread that answers as the reader does. */
  readonly threadFile?: URL;
}

/** A thread costs 15 MB, and for most of the day nobody asks; one that was just asked is likely to be asked again. */
const IDLE_MS = 15_000;
const LIMIT_MS = 30_000;
const GRACE_MS = 1000;

/**
 * Questions to the file at `path`, which must be there, answered in a thread of their own, one after the other: it starts with the first of them
 * and ends when nobody has asked for a while. One that dies fails its questions and is started anew at the next. One that is given up is ended
 * within whatever it does, as far as SQLite lets it; what waited behind that is asked again in the next thread.
 */
export function createReaderThread(path: string, changes: ReaderChanges = {}): ReaderThread {
  const { idleMs = IDLE_MS, limitMs = LIMIT_MS, graceMs = GRACE_MS } = changes;
  const { threadFile = new URL("./reader-thread.ts", import.meta.url) } = changes;
  let lane: Lane | null = null;
  let isClosed = false;
  let idle: NodeJS.Timeout | undefined;
  let ending: Promise<void> = Promise.resolve();
  /** A thread that was given up and has not ended yet: no other is started beside it, for a lock may hold it for long. */
  let leaving: Promise<void> | null = null;
  /** In the order in which they are answered. The same question asked again while it is being answered gets the same answer. */
  const underWay = new Map<string, Question>();
  let watched: Question | undefined;
  let limit: NodeJS.Timeout | undefined;

  function open(): Lane {
    const worker = new Worker(threadFile, { workerData: { path } });
    const client = createRpcClient(worker);
    worker.on("error", (error) => client.fail(errorOf(error)));
    const ended = new Promise<void>((resolve) => {
      worker.on("exit", () => {
        client.fail(new Error("the thread that reads the database has ended"));
        if (lane?.worker === worker) lane = null;
        resolve();
      });
    });
    return { worker, client, ended };
  }

  function ask(question: Question): void {
    if (leaving !== null) return;
    lane ??= open();
    const asked = lane;
    question.lane = asked;
    asked.client.call(question.name, question.input).then(
      (result) => settle(question, () => question.answer.resolve(result)),
      // Of a thread that was given up nobody waits for anything.
      (error: unknown) => question.lane === asked && settle(question, () => question.answer.reject(error)),
    );
  }

  function settle(question: Question, tell: () => void): void {
    if (underWay.get(question.key) !== question) return;
    underWay.delete(question.key);
    tell();
    watch();
    if (isClosed || underWay.size > 0) return;
    clearTimeout(idle);
    idle = setTimeout(() => {
      if (underWay.size === 0) ending = end();
    }, idleMs).unref();
  }

  /** The oldest question is the one that is being answered; its time begins when it comes to be that. */
  function watch(): void {
    const [first] = underWay.values();
    if (first === watched) return;
    watched = first;
    clearTimeout(limit);
    if (first?.isSoon) limit = setTimeout(() => giveUp([first], new TooSlow(limitMs)), limitMs).unref();
  }

  function giveUp(questions: readonly Question[], error: Error): void {
    const late = questions.filter((question) => underWay.get(question.key) === question);
    if (late.length === 0) return;
    if (lane !== null) {
      const { worker, ended } = lane;
      lane = null;
      for (const question of underWay.values()) question.lane = null;
      leaving = ended.then(() => {
        leaving = null;
        for (const question of underWay.values()) ask(question);
      });
      void worker.terminate();
    }
    for (const question of late) settle(question, () => question.answer.reject(error));
  }

  /** Ends the thread behind what it was asked; a question that comes meanwhile starts another. */
  async function end(): Promise<void> {
    clearTimeout(idle);
    const last = lane;
    lane = null;
    await ending;
    if (last === null) return;
    await last.client.call("close", null).catch(() => undefined);
    await last.ended;
  }

  function read(name: ReadName, input: unknown, isSoon: boolean): Promise<unknown> {
    if (isClosed) return Promise.reject(new DatabaseClosed());
    const key = `${isSoon} ${name} ${JSON.stringify(input)}`;
    const found = underWay.get(key);
    if (found !== undefined) return found.answer.promise;
    const question: Question = { key, name, input, isSoon, answer: Promise.withResolvers(), lane: null };
    underWay.set(key, question);
    ask(question);
    watch();
    return question.answer.promise;
  }

  function letGoOf(questions: readonly Question[]): void {
    if (questions.length > 0) setTimeout(() => giveUp(questions, new DatabaseClosed()), graceMs).unref();
  }

  return {
    read: (name, input) => read(name, input, false) as Promise<ReadResult<typeof name>>,
    readSoon: (name, input) => read(name, input, true) as Promise<ReadResult<typeof name>>,
    hurry: () => letGoOf([...underWay.values()].filter(({ isSoon }) => isSoon)),
    async close() {
      isClosed = true;
      letGoOf([...underWay.values()]);
      await Promise.allSettled([...underWay.values()].map(({ answer }) => answer.promise));
      await end();
      await leaving;
    },
  };
}
